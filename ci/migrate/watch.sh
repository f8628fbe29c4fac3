# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# watch.sh - status --watch, while a fleet rolls.

# watch ARGUMENT...: it runs, and is read line by line.
watch() {
    rm -f "$work/lines"
    mkfifo "$work/lines"
    : >"$work/out"
    build/servicegroup migrate status --old "$mc" --new "$new" \
        --hosts "$hosts" --watch=0.1 --for 60 "$@" \
        >"$work/lines" 2>"$work/err" 4>&- 5<&- &
    watch=$!
    members="$members $watch"
    exec 7<"$work/lines"
}

# expect NAME PATTERN: a line of that form comes.
expect() {
    while read -r line <&7; do
        echo "$line" >>"$work/out"
        # A pattern of the shell.
        # shellcheck disable=SC2254
        case $line in
        $2)
            verdict "$1" 0
            return ;;
        esac
    done
    verdict "$1: no line \"$2\"" 1
}

# ended NAME STATUS: by itself, with what was left to say.
ended() {
    cat <&7 >>"$work/out"
    wait "$watch"
    status=$?
    says "$1" "$2"
}

records node1 node2 'node3 forced_down' 'node4 disabled'
member "$mc" node1
old1=$pid
member "$mc" node2
old2=$pid

# ---- lines, for who is no terminal -----------------------------------------

watch
expect 'it starts with the whole table' 'HOST *EITHER'
expect 'the first count' 'compute: 0/2 moved, 4 hosts, 2 up in old, 0 in new,*'
member "$bridge" node1
expect 'a host comes' '* node1 is UP in new, was DOWN'
expect 'half of it' '*s  compute: 1/2 moved, *'
gone "$old1" # whose own entry takes the bridge's with it, till the next beat
control stop-server redis >/dev/null
expect 'a store is lost' '* node1 is UNKNOWN [CU]* in new, was *'
expect 'and so is the count' '*0/2 moved, *, the new store is silent about 3'
control start-server redis keep >/dev/null
age_stores
expect 'it comes back' '* node1 is UP in new, was *'
expect 'and so does the count' '* 1/2 moved, *'
gone "$old2"
expect 'one goes' '* node2 is DOWN * in old, was UP'
member "$new" node2
new2=$pid
expect 'the last one comes' '* node2 is UP in new, was DOWN'
expect 'all have moved' '* 2/2 moved, *'
ended 'it ends when all have moved' 0
[ "$(grep -c 'moved' "$work/out")" -lt 30 ]
verdict 'a line a change, not a line a look' $?

watch
ended 'all had moved before' 0

# ---- Ctrl-C ----------------------------------------------------------------

gone "$new2"
for signal in INT TERM; do
    watch
    expect 'one is missing' 'compute: 1/2 moved, *'
    kill -$signal "$watch"
    ended "$signal ends it: not all have moved" 1
    [ ! -s "$work/err" ] || ! grep -v deprecated "$work/err"
    verdict "$signal: it complains" $?
done
control stop-server redis >/dev/null
watch
expect 'a store is silent' '*, the new store is silent about 3'
kill -INT "$watch"
ended 'SIGINT: nobody knows' 3
control start-server redis keep >/dev/null
age_stores
watch
expect 'the store is back' '*compute: 1/2 moved, *0 unknown'
kill -INT "$watch"
ended 'SIGINT: one is missing' 1
tool status --old "$mc" --new "$new" --hosts "$hosts" --watch=0.1 --for 0.3
says 'its time is over' 1 '1/2 moved'

# ---- JSON, an object a line ------------------------------------------------

watch --json
expect 'one of two' '{*"awaited":2,"moved":1,*}'
member "$new" node2
expect 'two of two' '{*"awaited":2,"moved":2,*}'
ended 'JSON ends, too' 0
/usr/bin/python3 -c 'import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
times = [line["at_s"] for line in lines]
assert len(lines) > 1 and times == sorted(set(times))
assert all(len(line["hosts"]) == 4 for line in lines)' "$work/out" \
    2>>"$work/err"
verdict 'each line is an object, later than the one before' $?
gone "$pid"
watch --json
expect 'one of two' '{*"moved":1,*}'
kill -INT "$watch"
ended 'SIGINT ends JSON between two objects' 1
[ "$(tail -c 2 "$work/out")" = '}' ]
verdict 'the last line is whole' $?

# ---- a terminal ------------------------------------------------------------

script -qefc "stty rows 10; build/servicegroup migrate status --old '$mc' \
--new '$new' --hosts $hosts --watch=0.1 --for 0.3" /dev/null \
    >"$work/out" 2>"$work/err" </dev/null
status=$?
says 'on a terminal' 1 '\[####################\.\.\.\.\.\.\.\.*\] 1/2 moved' \
    '... and 0 more\|^node2'
[ "$(grep -c 'HOST' "$work/out")" -gt 1 ]
verdict 'on a terminal: the screen anew at each look' $?
seq 50 | sed 's/.*/host& disabled/' >>"$hosts"
script -qefc "stty rows 10; build/servicegroup migrate status --old '$mc' \
--new '$new' --hosts $hosts --watch --for 0" /dev/null \
    >"$work/out" 2>"$work/err" </dev/null
says 'more hosts than lines' 1 '\.\.\. and 5. more'
head -n 6 "$work/out" | grep -q '^node2'
verdict 'who has not moved comes first' $?
