#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# parity.sh - generated scripts run on each fake and on its real server, and
# must be answered alike.
#
#   sh ci/parity.sh all               PARITY_OPS (100000) ops of each protocol
#   sh ci/parity.sh short             a few thousand of each, under a minute
#   sh ci/parity.sh PROTOCOL [OPS]    memcached, redis or kazoo alone
#   sh ci/parity.sh defects [NAME...] breaks the fakes on purpose, one defect of
#                                     conformance/parity/defects at a time, and
#                                     sees it found and shrunk to 10 ops at most
#
# The scripts kept in conformance/parity/kept run first. PARITY_SEED chooses
# the generated ones, else the time does; each protocol's line says which it
# was. What differs is written to build/parity, what was said to
# build/logs/parity.
#
# A defect is a patch against the tree with a head of comments:
#     # protocol: redis
#     # why: a sentence
set -u

cd "$(dirname "$0")/.." || exit 1
logs=build/logs/parity
found=build/parity
limit=${PARITY_LIMIT:-1800}     # seconds for one protocol

give_up() {
    [ $# = 0 ] || echo "parity: $*" >&2
    echo '0 passed, 1 failed'
    exit 1
}

# ---- servers ---------------------------------------------------------------

# A substitution would cut the line's end off.
crlf=$(printf '\r\n.')
crlf=${crlf%.}

# Without the thread that keeps references to items for a moment, which one
# can see: an incr does not write over an item that somebody still refers to.
start_memcached() {
    port=$(build/real free 1) || return 1
    build/real launch "$1/process" "$1/log" memcached -u "$(id -un)" \
        -l 127.0.0.1 -p "$port" -U 0 -m 1024 -t 1 -o no_lru_maintainer &&
        build/real await "$1/process" "$port" "version$crlf" \
            VERSION 20000 && echo "127.0.0.1:$port" >"$1/real"
}

start_other() {
    url=$(sh ci/real.sh "$1" start "$2" | sed -n 's/^url=//p')
    [ -n "$url" ] && echo "${url#*://}" >"$1/real"
}

# The server of a protocol answers at what $work/PROTOCOL/real says.
start_server() {
    mkdir -p "$work/$1"
    case $1 in
    memcached) start_memcached "$work/$1" ;;
    kazoo) REAL_TICK=500 start_other "$work/$1" zookeeper ;;
    *) start_other "$work/$1" "$1" ;;
    esac
}

# Somebody may take a port between our look and the server's.
start() {
    start_server "$1" || start_server "$1" || give_up "no $1 server"
}

end() {
    for dir in "$work"/*/; do
        [ ! -f "$dir/state" ] || sh ci/real.sh "$dir" stop
        [ ! -f "$dir/process" ] ||
            build/real signal "$dir/process" KILL 10000
    done
    rm -rf "$work"
}

# ---- one protocol ----------------------------------------------------------

kept() {
    grep -l "^protocol $1\$" conformance/parity/kept/*.script 2>/dev/null
}

# Debian's /bin/sh has no arrays: kept files have no blanks in their names.
# shellcheck disable=SC2046
one() {
    set -- "$1" "$2" $(kept "$1" | sed 's/^/--replay /')
    protocol=$1 ops=$2
    shift 2
    timeout -k 5 "$limit" build/sg-parity "$protocol" \
        --real "$(cat "$work/$protocol/real")" --ops "$ops" \
        ${PARITY_SEED:+--seed "$PARITY_SEED"} --keep $found "$@" \
        >"$logs/$protocol.out" 2>&1
    echo $? >"$logs/$protocol.status"
}

tell() {
    status=$(cat "$logs/$1.status")
    last=$(tail -n 1 "$logs/$1.out")
    grep -aE '^(parity|BROKEN|shrunk|unsteady)' "$logs/$1.out"
    case $last in
    [1-9]*' passed, 0 failed') is_good=0 ;;
    [0-9]*' passed, '[1-9]*' failed') is_good=1 ;;
    *) is_good=2 ;;
    esac
    if [ $is_good = 1 ] && [ "$status" != 0 ]; then
        grep -a -A 60 -m 1 '^DIVERGENCE' "$logs/$1.out"
        echo "$1: all of it in $logs/$1.out"
    elif [ "$status:$is_good" != 0:0 ]; then
        tail -n 5 "$logs/$1.out"
        echo "BROKEN: $1 ended with $status: $logs/$1.out"
        last='0 passed, 1 failed'
    fi
    echo "$last" >>"$logs/sum"
}

sum() {
    awk '{ p += $1; f += $3 } END { printf "%d passed, %d failed\n", p, f
        exit f > 0 || p == 0 }' "$logs/sum"
}

# run OPS PROTOCOL...: side by side, as most of their time is waiting.
run() {
    ops=$1
    shift
    for protocol in "$@"; do
        start "$protocol"
    done
    for protocol in "$@"; do
        one "$protocol" "$ops" &
    done
    wait
    for protocol in "$@"; do
        tell "$protocol"
    done
    sum
}

# ---- defects ---------------------------------------------------------------

head_line() {
    sed -n "s/^# *$2: *//p" "$1" | head -n 1
}

# Sources to be compiled again: those that differ, or all, for a header.
stale() {
    if diff -rq fakes "$dir/fakes" | grep -vq '\.c differ$'; then
        (cd "$dir" && ls fakes/*.c)
        return
    fi
    diff -rq fakes "$dir/fakes" | sed -n 's/^Files \(.*\.c\) and .*/\1/p'
}

# A defect may leave a variable unused: its warnings are not asked for.
# shellcheck disable=SC2086,SC2046
build_defect() {
    CC='' BASE='' CFLAGS='' LDFLAGS='' LIBS=''
    # shellcheck disable=SC1091
    . build/default/flags || return 1
    mkdir "$dir/obj"
    for source in fakes/*.c; do
        object=${source#fakes/}
        cp "build/default/obj/${source%.c}.o" "$dir/obj/${object%.c}.o" ||
            return 1
    done
    for source in $(stale); do
        object=$dir/obj/${source#fakes/}
        $CC $BASE $CFLAGS -w -I"$dir/fakes" -c -o "${object%.c}.o" \
            "$dir/$source" || return 1
    done
    $CC $BASE $CFLAGS $LDFLAGS -Wl,--as-needed -o "$dir/sg-parity" \
        $(printf 'build/default/obj/%s\n' conformance/parity/*.c |
            sed 's|c$|o|') "$dir"/obj/*.o $LIBS
}

verdict() {
    protocol=$(head_line "$mutant" protocol)
    [ -s "$work/$protocol/real" ] ||
        { echo "BROKEN no server of \"$protocol\""; return; }
    mkdir -p "$dir" && cp -r fakes "$dir/fakes" || return
    patch -s -p1 -F0 -d "$dir" --no-backup-if-mismatch <"$mutant" \
        >"$dir/patch.log" 2>&1 || { echo 'BROKEN it does not apply'; return; }
    build_defect >"$dir/build.log" 2>&1 ||
        { echo 'BROKEN it does not build'; return; }
    timeout -k 5 "$limit" "$dir/sg-parity" "$protocol" \
        --real "$(cat "$work/$protocol/real")" --seed "${PARITY_SEED:-1}" \
        --ops "${PARITY_DEFECT_OPS:-5000}" --script-ops 20 --keep "$dir" \
        >"$dir/out" 2>&1
    status=$?
    ops=$(sed -n 's/^shrunk to \([0-9]*\) ops.*/\1/p' "$dir/out" | head -n 1)
    if [ $status = 0 ]; then
        echo 'SURVIVED no difference was found'
    elif [ $status != 1 ] || [ -z "$ops" ]; then
        echo "BROKEN status $status, see $dir/out"
    elif [ "$ops" -gt 10 ]; then
        echo "SURVIVED shrunk to no less than $ops ops, see $dir/out"
    else
        echo "found, shrunk to $ops ops"
    fi
}

one_defect() {
    mutant=$1
    name=$(basename "$mutant" .mutant)
    dir=$found/defects/$name
    began=$(date +%s)
    rm -rf "$dir"
    verdict >"$work/$name.verdict"
    echo "$name: $(cat "$work/$name.verdict") ($(($(date +%s) - began)) s)"
    case $(cat "$work/$name.verdict") in
    found*) rm -rf "$dir/fakes" "$dir/obj" "$dir/sg-parity" ;;
    esac
}

defects() {
    mkdir -p "$found/defects"
    if [ $# -gt 0 ]; then
        for name in "$@"; do
            echo "conformance/parity/defects/$(basename "$name" .mutant).mutant"
        done
    else
        # Neighbours in this order are of different protocols.
        printf '%s\n' conformance/parity/defects/*.mutant | sort -t_ -k2
    fi >"$work/list"
    [ -s "$work/list" ] || give_up 'there are no defects'
    for protocol in $protocols; do
        if xargs grep -q "^# *protocol: *$protocol\$" <"$work/list"; then
            start "$protocol"
        fi
    done
    xargs -P 3 -n 1 sh ci/parity.sh --one-defect "$work" <"$work/list"
    passed=0 failed=0
    while read -r mutant; do
        case $(cat "$work/$(basename "$mutant" .mutant).verdict") in
        found*) passed=$((passed + 1)) ;;
        *) failed=$((failed + 1)) ;;
        esac
    done <"$work/list"
    echo "$passed passed, $failed failed"
    [ $failed = 0 ]
}

# ---- what is asked for -----------------------------------------------------

usage() {
    sed -n '6,11s/^# *//p' "$0" >&2
    exit 2
}

if [ "${1-}" = --one-defect ] && [ $# = 3 ]; then
    work=$2
    one_defect "$3"
    exit 0
fi
[ $# -gt 0 ] || usage
mode=$1
shift

[ -x build/sg-parity ] && [ -x build/real ] ||
    ${MAKE:-make} -s build/sg-parity build/real >&2 ||
    give_up 'it does not build'
mkdir -p $logs $found || give_up
rm -f $logs/*
protocols=$(build/sg-parity --help | sed -n 's/^protocols: *//p')
[ -n "$protocols" ] || give_up 'there is no protocol'
work=$(mktemp -d "${TMPDIR:-/tmp}/sg-parity.XXXXXX") || give_up
REAL_OWNER=$$       # whatever happens to this shell, the servers end with it
export REAL_OWNER
trap end EXIT
trap 'exit 143' INT TERM HUP

# shellcheck disable=SC2086
case $mode in
all) run "${PARITY_OPS:-100000}" $protocols ;;
short) run "${PARITY_OPS:-3000}" $protocols ;;
defects) defects "$@" ;;
*)
    case " $protocols " in
    *" $mode "*) run "${1:-${PARITY_OPS:-100000}}" "$mode" ;;
    *) usage ;;
    esac
    ;;
esac
