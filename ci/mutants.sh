#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mutants.sh - breaks the driver on purpose, one line at a time, and sees that
# the suite notices: and that it is the clause that forbids it which says so.
#
#   sh ci/mutants.sh [NAME...]    default: every conformance/mutants/*.mutant
#   NEIGHBOUR=COMMAND sh ci/mutants.sh neighbours[/NAME]
#       those that only a member of Python tooz sees; the gate's
#
# A mutant is a patch against the tree with a head of comments:
#     # clause: 3.5 3.1       one of them stands on every scenario that fails
#     # place: fake:redis     where it is tried
#     # why: a sentence
#     # only: TEXT            of neighbours: scenarios whose name begins so, for
#                             each starts Python
# killed    the suite failed, and only scenarios of those clauses: green
# SURVIVED  the suite passed: red
# BROKEN    no such patch, no such build, another clause, another end: red
set -u

cd "$(dirname "$0")/.." || exit 1
top=build/mutants
limit=120           # seconds: a mutant may hang

CC='' BASE='' CFLAGS='' LDFLAGS='' LIBS='' GEN=''
# shellcheck disable=SC1091
. build/default/flags || exit 1

head_line() {
    sed -n "s/^# *$2: *//p" "$1" | head -n 1
}

# ---- one mutant ------------------------------------------------------------

# Sources that must be compiled again: those that differ, or, when a header or
# a script differs, all.
stale() {
    if diff -rq driver "$dir/driver" | grep -vq '\.c differ$'; then
        sources
        return
    fi
    diff -rq driver "$dir/driver" | sed -n 's/^Files \(.*\.c\) and .*/\1/p'
}

# A mutant may leave a variable unused: its warnings are not asked for.
# shellcheck disable=SC2086,SC2046
build() {
    set -- driver/redis/*.lua
    if [ -f "$1" ] && ! diff -rq driver/redis "$dir/driver/redis" >/dev/null
    then
        (cd "$dir" && sh ../../../ci/embed.sh "$@") >"$dir/redis_scripts.h" ||
            return 1
    fi
    cp -r build/default/obj/driver "$dir/obj" || return 1
    for source in $(stale); do
        object=$dir/obj/${source#driver/}
        $CC $BASE $CFLAGS -w -I"$dir/driver" -I"$dir" -I"$GEN" -c \
            -o "${object%.c}.o" "$dir/$source" || return 1
    done
    $CC $BASE $CFLAGS $LDFLAGS -Wl,--as-needed -o "$dir/sg-conformance" \
        $(conformance_objects) $(driver_objects) \
        build/default/libfakes.a $LIBS
}

sources() {
    (cd "$dir" && ls driver/*.c driver/legacy/*.c 2>/dev/null)
}

driver_objects() {
    for source in $(sources); do
        source=${source#driver/}
        echo "$dir/obj/${source%.c}.o"
    done
}

# Objects of sources that are gone may lie there; a directory with a main.c of
# its own is another program.
conformance_objects() {
    for source in conformance/*.c conformance/*/*.c; do
        case $source in
        conformance/tests/* | *'*'*) continue ;;
        conformance/*/*) [ ! -f "${source%/*}/main.c" ] || continue ;;
        esac
        echo "build/default/obj/${source%.c}.o"
    done
}

verdict() {
    clauses=$(head_line "$mutant" clause)
    place=$(head_line "$mutant" place)
    if [ -z "$clauses" ] || [ -z "$place" ]; then
        echo 'BROKEN no clause or no place in its head'
        return
    fi
    mkdir -p "$dir" && cp -r driver "$dir/driver" || return
    patch -s -p1 -F0 -d "$dir" --no-backup-if-mismatch <"$mutant" \
        >"$dir/patch.log" 2>&1 || { echo 'BROKEN it does not apply'; return; }
    ! diff -rq driver "$dir/driver" >/dev/null ||
        { echo 'BROKEN it changes nothing in driver/'; return; }
    build >"$dir/build.log" 2>&1 ||
        { echo 'BROKEN it does not build'; return; }
    set -- --place "$place" --size check
    case $mutant in
    */neighbours/*)
        set -- "$@" --only "neighbours/$(head_line "$mutant" only)" \
            ${NEIGHBOUR:+--neighbour "$NEIGHBOUR"}
        ;;
    esac
    LOGS=$dir LIMIT=$limit sh ci/judge.sh fake suite "$dir/sg-conformance" \
        "$@" >"$dir/words"
    awk -v status="$(sed -n 's/^status //p' "$dir/suite.status")" \
        -v allowed="$clauses" -f ci/judge/mutant.awk "$dir/suite.out"
}

one() {
    mutant=$1
    name=$(basename "$mutant" .mutant)
    dir=$top/$name
    rm -rf "$dir" "$top/$name.verdict"
    verdict >"$top/$name.new"
    [ -s "$top/$name.new" ] || echo 'BROKEN no verdict' >"$top/$name.new"
    mv "$top/$name.new" "$top/$name.verdict"
    echo "$name: $(cat "$top/$name.verdict")"
    # What was built is big, and again at hand by `sh ci/mutants.sh NAME`.
    case $(cat "$top/$name.verdict") in
    killed*) rm -rf "$dir" ;;
    esac
}

if [ "${1-}" = --one ]; then
    one "$2"
    exit 0
fi

# ---- all of them -----------------------------------------------------------

if [ $# -gt 0 ]; then
    for name in "$@"; do
        name=conformance/mutants/${name#conformance/mutants/}
        if [ -d "$name" ]; then
            ls "$name"/*.mutant 2>/dev/null
        else
            echo "${name%.mutant}.mutant"
        fi
    done
else
    rm -rf $top
    ls conformance/mutants/*.mutant 2>/dev/null
fi >build/mutants.list
mkdir -p $top
if [ ! -s build/mutants.list ]; then
    echo 'BROKEN: there are no mutants'
    echo '0 passed, 1 failed'
    exit 1
fi
xargs -P 2 -n 1 sh ci/mutants.sh --one <build/mutants.list

killed=0 survived=0 broken=0
while read -r mutant; do
    name=$(basename "$mutant" .mutant)
    case $(cat "$top/$name.verdict" 2>/dev/null) in
    killed*) killed=$((killed + 1)) ;;
    SURVIVED*) survived=$((survived + 1)) ;;
    *) broken=$((broken + 1)) ;;
    esac
done <build/mutants.list
echo "mutants: $killed killed, $survived survived, $broken broken"
echo "$killed passed, $((survived + broken)) failed"
[ $((survived + broken)) = 0 ]
