#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sanitize.sh - the plain unit programs and the suite, built with sanitizers.
#
#   sh ci/sanitize.sh asan|tsan
#
# Reports go to files: those of a forked child too, whose status nobody sees.
set -u

cd "$(dirname "$0")/.." || exit 1
flavour=${1-}
case $flavour in
asan | tsan) ;;
*) echo 'usage: sh ci/sanitize.sh asan|tsan' >&2; exit 2 ;;
esac
sh ci/packages.sh build || exit 1
${MAKE:-make} FLAVOUR="$flavour" all || exit 1

logs=build/logs/$flavour
rm -rf "$logs" && mkdir -p "$logs" || exit 1
export LOGS="$logs"
# Spreading the address space wider than gcc 12 expects ends programs under
# ThreadSanitizer before main; where personality(2) may be used it is off.
still=
! setarch -R true 2>/dev/null || still='setarch -R'

# Says the counts of one program, and one failed more when there is a report.
one() {
    kind=$1 name=$2
    shift 2
    export ASAN_OPTIONS="detect_leaks=1:log_path=$logs/$name.report"
    export UBSAN_OPTIONS="print_stacktrace=1:log_path=$logs/$name.report"
    export TSAN_OPTIONS="exitcode=66:log_path=$logs/$name.report"
    TSAN_OPTIONS="$TSAN_OPTIONS:suppressions=$PWD/ci/tsan.supp"
    export LSAN_OPTIONS="suppressions=$PWD/ci/lsan.supp:print_suppressions=0"
    # shellcheck disable=SC2086
    sh ci/judge.sh "$kind" "$name" $still "$@" >"$logs/$name.words"
    sed '$d' "$logs/$name.words"
    words=$(tail -n 1 "$logs/$name.words")
    for report in "$logs/$name".report.*; do
        [ -s "$report" ] || continue
        head -n 60 "$report"
        [ "${words##*, }" != '0 failed' ] || words="${words%,*}, 1 failed"
    done
    echo "$name: $words"
    echo "$words" >>"$logs/all"
}

for program in build/"$flavour"/unit-*; do
    one units "${program##*/}" "$program"
done
one fake suite "build/$flavour/sg-conformance"
words=$(awk -f ci/judge/sum.awk "$logs/all")
echo "$words"
[ "${words##*, }" = '0 failed' ]
