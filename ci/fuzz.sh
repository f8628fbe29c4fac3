#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fuzz.sh - every fuzz target over its kept inputs, then over new ones, under
# AddressSanitizer and UBSan.
#
#   sh ci/fuzz.sh short [TARGET...]    what `make check` does: half a minute on
#                                      two cores, without the build
#   sh ci/fuzz.sh long [TARGET...]     what `make fuzz` does: ten minutes
#   sh ci/fuzz.sh one PROGRAM CORPUS RUNS
#
# TARGET is driver-NAME or fakes-NAME, of PART/fuzz/NAME.c; its kept inputs are
# in PART/fuzz/corpus/NAME. The number of runs and the seed are fixed, not the
# time. What is found lies in build/fuzz/found, what is merely new in
# build/fuzz/corpus; nothing is written into the sources. Last line: the sum.
set -u

cd "$(dirname "$0")/.." || exit 1
out=build/fuzz
logs=${LOGS:-build/logs/fuzz}
limits='-rss_limit_mb=1024 -timeout=20'
export ASAN_OPTIONS='detect_leaks=1:quarantine_size_mb=32'
export UBSAN_OPTIONS='print_stacktrace=1'

red() {
    echo "$name: $1"
    # The cause stands before the stack and the input.
    grep -v '^INFO: \|^Running: \|^Executed \|^#[0-9]' "$log" | head -n 40
    echo '0 passed, 1 failed'
    exit 1
}

# One program: each kept input by itself, so that each is known to have run;
# then all of them as seeds.
one() {
    program=$1 corpus=$2 runs=$3
    name=${program##*/} log=$logs/${program##*/}
    kept=0
    for input in "$corpus"/*; do
        [ ! -f "$input" ] || kept=$((kept + 1))
    done
    # Only a long run goes on where the last one ended: a short one is the
    # same each time.
    [ "${size-}" = long ] || rm -rf "$out/corpus/$name"
    mkdir -p "$logs" $out/found $out/corpus/"$name" || exit 1
    : >"$log"
    [ $kept -gt 0 ] || red "no inputs in $corpus"
    # shellcheck disable=SC2086
    "$program" $limits -artifact_prefix=$out/found/"$name"- "$corpus"/* \
        >"$log" 2>&1 </dev/null ||
        red "an input of $corpus is red"
    ran=$(grep -c '^Executed ' "$log")
    [ "$ran" = $kept ] || red "$kept inputs in $corpus, $ran ran"
    # shellcheck disable=SC2086
    "$program" $limits -runs="$runs" -seed=1 -max_len=4096 \
        -artifact_prefix=$out/found/"$name"- \
        $out/corpus/"$name" "$corpus" >"$log" 2>&1 </dev/null ||
        red "a new input is red, kept in $out/found"
    ran=$(sed -n 's/^Done \([0-9]*\) runs in .*/\1/p' "$log")
    [ "${ran:-0}" -ge "$runs" ] || red "$runs runs were asked, ${ran:-0} made"
    echo "$name: $kept inputs kept, $ran runs"
    echo '1 passed, 0 failed'
}

# Those that work on bytes alone make ten times more in the same time.
runs_of() {
    case $1 in
    driver-memcached | driver-redis | driver-nova_*) runs=4000 ;;
    driver-zookeeper | fakes-redis) runs=6000 ;;
    driver-config) runs=8000 ;;
    fakes-lua) runs=2500 ;;
    driver-bridge) runs=2000 ;;
    fakes-*) runs=8000 ;;
    driver-mc_reply) runs=10000 ;;
    *) runs=40000 ;;
    esac
    [ "$size" = short ] || runs=$((runs * 25))
}

target() {
    runs_of "$1"
    part=${1%%-*}
    one $out/fuzz-"$1" "$part"/fuzz/corpus/"${1#*-}" $runs
}

size=${1-}
case $size in
one) [ $# = 4 ] && { shift; one "$@"; exit; } ;;
target) size=$2; target "$3"; exit ;;
esac
case $size in
short | long) shift ;;
*) sed -n '6,9s/^#  *//p' "$0" >&2; exit 2 ;;
esac

sh ci/packages.sh build check || exit 1
${MAKE:-make} FLAVOUR=fuzz all || exit 1
[ $# -gt 0 ] || {
    for source in driver/fuzz/*.c fakes/fuzz/*.c; do
        source=${source%.c}
        set -- "$@" "${source%%/*}-${source##*/}"
    done
}
rm -rf "$logs" $out/found && mkdir -p "$logs" || exit 1
# shellcheck disable=SC2016
printf '%s\n' "$@" | xargs -P "$(nproc)" -I NAME sh -c \
    'sh ci/fuzz.sh target "$1" NAME >"$2"/NAME.words 2>&1' sh "$size" "$logs"
for name in "$@"; do
    [ -s "$logs/$name.words" ] || echo '0 passed, 1 failed' >"$logs/$name.words"
    sed '$d' "$logs/$name.words"
    tail -n 1 "$logs/$name.words" >>"$logs/sum"
done
words=$(awk -f ci/judge/sum.awk "$logs/sum")
echo "$words"
[ "${words##*, }" = '0 failed' ]
