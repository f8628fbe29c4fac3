#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# program.sh - build/fakes as a program: what it prints, whom it serves, how it
# ends. Once more under valgrind when that is installed.
#
#   sh ci/program.sh
#
# Last line: "N passed, N failed".
set -u

cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/sg-program.XXXXXX") || exit 1
logs=build/logs/program
rm -rf $logs && mkdir -p $logs || exit 1
passed=0 failed=0 pid=''

end() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null
    rm -rf "$work"
}
trap end EXIT
trap 'exit 1' INT TERM

# verdict NAME STATUS [WHY]
verdict() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "program: $1${3:+: $3}"
    fi
}

same() {
    [ "$2" = "$3" ]
    verdict "$1" $? "\"$2\", not \"$3\""
}

# start N CMD...: runs it; its first N lines are in $work/urls. Standard input
# and output are pipes: reading them waits for it, and nothing sleeps.
start() {
    count=$1
    shift
    rm -f "$work/out" && mkfifo "$work/out"
    timeout -k 10 300 "$@" >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    exec 3<"$work/out"
    : >"$work/urls"
    while [ "$count" -gt 0 ] && read -r line <&3; do
        echo "$line" >>"$work/urls"
        count=$((count - 1))
    done
}

# finish NAME [SIGNAL]: it ends with status 0, and says nothing more.
finish() {
    [ -z "${2-}" ] || kill -"$2" "$pid"
    rest=$(cat <&3)
    wait "$pid"
    same "$1: status" "$?" 0
    pid=''
    exec 3<&-
    same "$1: output" "$rest" ''
    same "$1: errors" "$(cat "$work/err")" ''
}

# talk NAME: the clients; a verdict for each of their tests.
talk() {
    timeout 300 python3 ci/program/talk.py "$work/urls" >$logs/"$1" 2>&1
    verdict "$1: its clients" $?
    grep -c '^ok ' $logs/"$1" >"$work/count"
    same "$1: tests that passed" "$(cat "$work/count")" 6
    grep -v '^ok ' $logs/"$1"
}

port() {
    sed -n "s|^$1[: ].*:||p" "$work/urls"
}

# refused NAME STATUS WORDS CMD...: ends so, and says so.
refused() {
    name=$1 status=$2 words=$3
    shift 3
    said=$(timeout 60 "$@" 2>&1 >"$work/stdout" </dev/null)
    same "$name: status" $? "$status"
    case $said in
    *"$words"*) verdict "$name: words" 0 ;;
    *) verdict "$name: words" 1 "$said" ;;
    esac
    same "$name: output" "$(cat "$work/stdout")" ''
}

# ---- what it prints, and whom it serves ------------------------------------

fakes=build/fakes
start 4 $fakes --stopped --ready-file "$work/ready"
same 'what it prints first' \
    "$(sed 's/[0-9]*$/PORT/' "$work/urls" | tr '\n' ' ')" \
    "$(printf '%s://127.0.0.1:PORT ' kazoo memcached redis)control 127.0.0.1:PORT "
cmp -s "$work/urls" "$work/ready"
verdict 'the ready file' $?
talk fakes
refused 'a port that is taken' 1 \
    "redis cannot listen on port $(port redis): Address already in use" \
    $fakes --port redis="$(port redis)" redis
refused 'a control port that is taken' 1 'control cannot listen on port' \
    $fakes --control "$(port redis)" kazoo
finish SIGTERM TERM

build/real free 2 >"$work/free"
one=$(head -n 1 "$work/free")
other=$(tail -n 1 "$work/free")
start 2 $fakes --port memcached="$one" --control "$other" memcached
same 'ports that are given' "$(tr '\n' ' ' <"$work/urls")" \
    "memcached://127.0.0.1:$one control 127.0.0.1:$other "
finish SIGINT INT

# ---- the command line ------------------------------------------------------

refused 'an unknown server' 2 'no server is called "mysql"' $fakes mysql
refused 'an unknown option' 2 'unknown option "--frob"' $fakes --frob
refused 'a bad value' 2 '--tick wants a number' $fakes --tick x
refused 'an owner that is gone' 1 '--exit-with: No such process' \
    $fakes --exit-with 2147483647
refused 'a trace nobody can write' 1 'cannot write /nowhere/x' \
    $fakes --trace /nowhere/x
$fakes --help >"$work/help"
same 'help: status' $? 0
grep -q '^  step MS ' "$work/help"
verdict 'help: the commands' $?

# ---- standard input, the trace, the ends -----------------------------------

printf 'stop\nstep 70000\ncount redis\nquit\nnow\n' |
    timeout 60 $fakes --control - --stopped redis >"$work/answers"
same 'quit: status' $? 0
same 'the answers on stdout' \
    "$(sed 's/wall.*//; s/[0-9]*$/N/' "$work/answers" | tr '\n' ' ')" \
    'redis://127.0.0.1:N ok now 0 rate 0 N ok now 70000 rate 0 N ok N okN '
printf 'count redis' | timeout 60 $fakes --control - redis >"$work/answers"
same 'the end of its input: status' $? 0
same 'a last line without end' "$(tail -n 1 "$work/answers")" 'ok 0'
timeout 60 $fakes --control - redis >"$work/answers" </dev/null
same 'no input at all: status' $? 0
printf 'flush redis\n' >"$work/commands"
timeout 60 $fakes --control - --trace "$work/trace" --stopped redis \
    <"$work/commands" >"$work/answers"
same 'a file of commands: status' $? 0
same 'the trace, with its time' "$(cat "$work/trace")" '0 redis flushed'

# Nobody reads what it answers: it ends all the same.
yes help | head -n 500 >"$work/commands"
# shellcheck disable=SC2016
start 2 sh -c 'exec "$1" --control - redis <"$2"' sh $fakes "$work/commands"
kill "$pid"
wait "$pid"
same 'the end, with its output unread: status' $? 0
exec 3<&-
start 1 $fakes --trace - redis
yes SET k v | head -n 20000 >"$work/sets"
timeout 20 python3 -c 'import socket, sys
to = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
to.sendall(sys.stdin.buffer.read())' "$(port redis)" <"$work/sets"
kill "$pid"
wait "$pid"
same 'the end, with its trace unread: status' $? 0
exec 3<&-

timeout 60 $fakes redis >/dev/full 2>"$work/err"
same 'URLs nobody can read: status' $? 1
same 'URLs nobody can read: words' "$(cat "$work/err")" \
    'fakes: standard output: No space left on device'
timeout 60 $fakes --control - redis <&- >"$work/answers"
same 'no standard input: status' $? 0
printf 'quit\n' | timeout 60 $fakes --control - redis >&- 2>&-
same 'no standard output: status' $? 0

mkfifo "$work/hold"
sh -c 'read -r line <"$1"' owner "$work/hold" &
owner=$!
start 4 $fakes --exit-with $owner
kill "$owner"
wait "$owner" 2>/dev/null
finish 'the end of its owner'

# ---- no leak, no error -----------------------------------------------------

if command -v valgrind >/dev/null; then
    start 4 valgrind -q --error-exitcode=9 --leak-check=full \
        --errors-for-leak-kinds=definite,indirect,possible \
        --sim-hints=lax-ioctls --suppressions=ci/valgrind.supp \
        --log-file="$work/memcheck" $fakes --stopped
    talk memcheck
    finish memcheck TERM
    same 'what memcheck says' "$(head -n 40 "$work/memcheck")" ''
else
    echo 'program: valgrind is not installed'
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
