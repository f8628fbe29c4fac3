# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# fleet.sh - stores, hosts and questions; what the parts of migrate.sh share.
#
# $new, $mc, $zk, $tooz_zk and $bridge are URLs; $hosts is a file of records.
work=$(mktemp -d "${TMPDIR:-/tmp}/sg-migrate.XXXXXX") || exit 1
passed=0 failed=0 members='' fakes=''
: >"$work/out"
: >"$work/err"

end() {
    for pid in $members $fakes; do
        kill "$pid" 2>/dev/null
    done
    rm -rf "$work"
}
trap end EXIT
trap 'exit 1' INT TERM

# ---- verdicts --------------------------------------------------------------

# verdict NAME STATUS
verdict() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "migrate: $part: $1"
        sed 's/^/    /' "$work/out" "$work/err"
    fi
}

finish() {
    echo "$passed passed, $failed failed"
    [ $failed -eq 0 ]
    exit
}

tool() {
    timeout 60 build/servicegroup migrate "$@" >"$work/out" 2>"$work/err"
    status=$?
}

# says NAME STATUS [PATTERN...]: the last tool call ended so, and said that.
says() {
    name=$1
    [ "$status" -eq "$2" ]
    verdict "$name: status $status, not $2" $?
    shift 2
    for pattern in "$@"; do
        grep -q -- "$pattern" "$work/out" "$work/err"
        verdict "$name: does not say \"$pattern\"" $?
    done
}

# silent NAME PATTERN
silent() {
    ! grep -q -- "$2" "$work/out"
    verdict "$1: says \"$2\"" $?
}

# json NAME EXPRESSION: Python, of the tool's one document `d`.
json() {
    /usr/bin/python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(not eval(sys.argv[2]))' "$work/out" "$2" 2>>"$work/err"
    verdict "$1: not $2" $?
}

# refused STEP STATUS PATTERN... -- ARGUMENT...: verify ends so and says that,
# as text and as JSON.
refused() {
    step=$1 wanted=$2 name="$*"
    shift 2
    : >"$work/wanted"
    while [ "$1" != -- ]; do
        echo "$1" >>"$work/wanted"
        shift
    done
    shift
    tool verify --step "$step" --for 0.1 "$@"
    says "$name" "$wanted"
    while read -r pattern; do
        grep -q -- "^  $pattern" "$work/out"
        verdict "$name: does not say \"$pattern\"" $?
    done <"$work/wanted"
    [ "$(grep -c '^  [^(]' "$work/out")" -eq "$(wc -l <"$work/wanted")" ]
    verdict "$name: names others, too" $?
    tool verify --step "$step" --for 0.1 --json "$@"
    says "$name, as JSON" "$wanted"
    json "$name" "len(d['next']['held_up_by']) == $(wc -l <"$work/wanted")"
    json "$name" "d['next']['verdict'] == ['safe', 'unsafe', 0, 'unknown'][$wanted]"
}

# ---- hosts -----------------------------------------------------------------

# member URL HOST [GROUP]: its pid in $pid once it has joined.
member() {
    rm -f "$work/joined" && mkfifo "$work/joined"
    timeout -k 5 300 build/examples/join "$1" "${3:-compute}" \
        "${3:-compute}:$2" >"$work/joined" 2>/dev/null 4>&- 5<&- &
    pid=$!
    members="$members $pid"
    read -r line <"$work/joined"
    case $line in
    joined*) ;;
    *) echo "migrate: $part: $2 did not join: $line"; exit 1 ;;
    esac
}

# gone PID: it left.
gone() {
    kill "$1" && forget "$1"
}

# crashed PID: it is below timeout, who would not hand the signal on.
crashed() {
    kill -KILL "$(tr -d ' ' <"/proc/$1/task/$1/children")" && forget "$1"
}

forget() {
    wait "$1" 2>/dev/null
    left=
    for other in $members; do
        [ "$other" -eq "$1" ] || left="$left $other"
    done
    members=$left
}

# records LINE...: the file $hosts.
records() {
    printf '%s\n' "$@" >"$hosts"
}

# ---- stores ----------------------------------------------------------------

# control COMMAND: its answer.
control() {
    echo "$*" >&4
    read -r answer <&5
    echo "$answer"
}

# Old enough to know that they lost nothing.
age_stores() {
    for store in memcached redis; do
        control age $store 86400000 >/dev/null
    done
}

start_stores() {
    hosts=$work/hosts
    mkfifo "$work/control" "$work/urls"
    build/fakes --control - --tick 500 --exit-with $$ redis memcached kazoo \
        <"$work/control" >"$work/urls" 2>/dev/null &
    fakes=$!
    exec 4>"$work/control" 5<"$work/urls"
    for _ in 1 2 3; do
        read -r url <&5
        case $url in
        redis://*) new="$url?timeout=2" ;;
        memcached://*) server=${url#*://} ;;
        kazoo://*) zk="nova-zk://${url#*://}?recv_timeout=2000"
            tooz_zk="$url?timeout=2" ;;
        esac
    done
    mc="nova-mc://$server?service_down_time=2"
    bridge="bridge://?new=$new&old=$mc"
    age_stores
}
