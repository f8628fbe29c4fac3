#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# proofs.sh - that the gates close: each is shown something bad and must go
# red, and something good and must stay green. One proof, one passed check.
#
#   sh ci/proofs.sh
set -u

cd "$(dirname "$0")/.." || exit 1
CC='' BASE='' CFLAGS='' WARNINGS=''
# shellcheck disable=SC1091
. build/default/flags || exit 1
out=build/proofs
rm -rf $out && mkdir -p $out || exit 1
export LOGS=$out/logs
passed=0 failed=0

# red|green NAME WORD CMD...: the command must end so, having said WORD; a
# tool that cannot run ends red too, but says something else.
red() { expect red "$@"; }
green() { expect green "$@"; }
expect() {
    colour=$1 name=$2 word=$3
    shift 3
    saw=green
    "$@" >$out/said 2>&1 || saw=red
    if [ $saw = "$colour" ] && grep -q -- "$word" $out/said; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    echo "$name: was $saw, must be $colour and say \"$word\"; it said:"
    head -n 30 $out/said
}

# ---- memory and threads ----------------------------------------------------

# compile OUT PROOF FLAGS...
compile() {
    program=$1 proof=$2
    shift 2
    # shellcheck disable=SC2086
    $CC $BASE $CFLAGS $WARNINGS "$@" -o $out/"$program" ci/proofs/"$proof".c
}

memcheck() {
    sh ci/memcheck.sh units "$1" $out/plain-"$1"
}

still=
! setarch -R true 2>/dev/null || still='setarch -R'
sanitized() {
    # shellcheck disable=SC2086
    sh ci/judge.sh units "$1" $still $out/"$1"
}

asan='-fsanitize=address,undefined -fno-sanitize-recover=all'
for proof in clean leak leak_in_child overrun; do
    compile plain-$proof $proof || exit 1
done
for proof in clean leak overrun overflow; do
    # shellcheck disable=SC2086
    compile asan-$proof $proof $asan || exit 1
done
for proof in clean race; do
    compile tsan-$proof $proof -fsanitize=thread || exit 1
done

green 'memcheck, clean' '1 passed, 0 failed' memcheck clean
red 'memcheck, leak' 'definitely lost' memcheck leak
red 'memcheck, leak in a child' 'definitely lost' memcheck leak_in_child
red 'memcheck, overrun' 'Invalid read' memcheck overrun
green 'sanitizers, clean' '1 passed, 0 failed' sanitized asan-clean
red 'LeakSanitizer' 'detected memory leaks' sanitized asan-leak
red 'AddressSanitizer' 'heap-buffer-overflow' sanitized asan-overrun
red 'UBSan' 'signed integer overflow' sanitized asan-overflow
green 'ThreadSanitizer, clean' '1 passed, 0 failed' sanitized tsan-clean
red 'ThreadSanitizer' 'data race' sanitized tsan-race

# ---- fuzz targets ----------------------------------------------------------

# fuzzer OUT PLANTED
fuzzer() {
    clang -D_GNU_SOURCE -g -O1 -DPLANTED="$2" $asan -fsanitize=fuzzer \
        -o $out/"$1" ci/proofs/fuzz.c
}

# shellcheck disable=SC2086
fuzzer fuzz-clean 0 && fuzzer fuzz-bug 1 || exit 1
mkdir -p $out/none $out/seeds $out/bad || exit 1
printf 'xy' >$out/seeds/one
printf 'ab' >$out/bad/one
fuzz() {
    sh ci/fuzz.sh one $out/"$1" $out/"$2" 20000
}
green 'fuzz, clean' '1 passed, 0 failed' fuzz fuzz-clean bad
red 'fuzz, a bug that is found' 'heap-buffer-overflow' fuzz fuzz-bug seeds
red 'fuzz, a bug that was found' 'an input of' fuzz fuzz-bug bad
red 'fuzz, no inputs' 'no inputs in' fuzz fuzz-clean none
red 'fuzz, cannot run' '1 failed' fuzz fuzz-missing seeds

# ---- what judges the words of a program ------------------------------------

# says KIND STATUS LINE...: a program that prints the lines.
says() {
    kind=$1 status=$2
    shift 2
    # shellcheck disable=SC2016
    sh ci/judge.sh "$kind" said sh -c 'status=$1; shift
        printf "%s\n" "$@"; printf "%s\n" "$@" >&2; exit $status' \
        sh "$status" "$@"
}

green 'a program that ends' '1 passed' sh ci/judge.sh units ends \
    sh -c 'echo 1 passed, 0 failed'
red 'a program that hangs' 'did not end in 1 s' env LIMIT=1 \
    sh ci/judge.sh units hangs sh -c 'echo 1 passed, 0 failed; sleep 50'
green 'units, good' '2 passed, 0 failed' says units 0 '2 passed, 0 failed'
red 'units, a red one' '1 failed' says units 1 '2 passed, 1 failed'
red 'units, none ran' 'no test ran' says units 0 '0 passed, 0 failed'
red 'units, cut short' 'last line' says units 0 'something'
red 'units, good words, bad end' 'status 9' says units 9 '2 passed, 0 failed'
red 'units, bad words, good end' 'status 0' says units 0 '2 passed, 1 failed'

synthesis='[====] Synthesis: Tested:'
green 'Criterion, good' '3 passed, 0 failed' says criterion 0 \
    "$synthesis 3 | Passing: 3 | Failing: 0 | Crashing: 0 "
red 'Criterion, a crash' '2 passed, 1 failed' says criterion 1 \
    "$synthesis 3 | Passing: 2 | Failing: 1 | Crashing: 1 "
red 'Criterion, none ran' 'no test ran' says criterion 0 \
    "$synthesis 0 | Passing: 0 | Failing: 0 | Crashing: 0 "
red 'Criterion, cut short' 'last line' says criterion 0 'something'
for program in build/unit-*-criterion; do
    red "$program, a filter that finds nothing" 'no test ran' \
        sh ci/judge.sh criterion none "$program" --filter 'no/such'
done

ok='ok 1 - fake:redis s/a # 1.1'
not_ok='not ok 2 - fake:redis s/b # 1.1'
skip='ok 2 - fake:redis s/b # SKIP cannot'
green 'TAP, good' '1 passed, 0 failed' says fake 0 1..1 "$ok"
red 'TAP, a red one' '1 passed, 1 failed' says fake 1 1..2 "$ok" "$not_ok"
red 'TAP, red words, good end' 'status 0' says fake 0 1..2 "$ok" "$not_ok"
red 'TAP, good words, bad end' 'status 1' says fake 1 1..1 "$ok"
red 'TAP, cut short' 'the plan says 2, 1 came' says fake 0 1..2 "$ok"
red 'TAP, no plan' 'no plan' says fake 0 "$ok"
red 'TAP, nothing ran' 'no scenario ran' says fake 0 1..0
red 'TAP, a skip on a fake' 'skipped on a fake' says fake 0 1..2 "$ok" "$skip"
green 'TAP, a skip on a server' '1 skipped' says real 0 1..2 "$ok" "$skip"
red 'TAP, skips alone' 'no scenario ran' says real 0 1..1 "$skip"
red 'TAP, BROKEN' 'status 3' says fake 3 1..1 "$ok"

# ---- source text -----------------------------------------------------------

printf 'int  x ;\n' >$out/ugly.h
printf 'struct unknown_one { missing_type field; };\n' >$out/needy.h
red 'format' 'would change it' sh ci/format.sh --check $out/ugly.h
red 'headers' 'does not compile alone' sh ci/headers.sh $out/needy.h

echo "$passed passed, $failed failed"
[ $failed = 0 ]
