#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# traces.sh - one seed gives one trace, byte for byte: twice in a row, and by
# the same scenarios built with other compilers.
#
#   sh ci/traces.sh [FLAVOUR...]    clang, asan, tsan beside the default
#
# Another seed must give another trace, or the comparison would prove nothing.
# Last line: "N passed, N failed".
set -u

cd "$(dirname "$0")/.." || exit 1
logs=build/logs/traces
mkdir -p $logs || exit 1
passed=0 failed=0

# Leaks are judged by sanitize.sh; here only the trace counts.
export ASAN_OPTIONS=detect_leaks=0

play() {
    "$1" --seed "$3" --trace $logs/"$2" >$logs/"$2".out 2>&1 ||
        echo "traces: $1 --seed $3: status $?; see $logs/$2.out"
}

verdict() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "traces: $1"
        diff $logs/first $logs/"$4" | head -n 10
    fi
}

same() {
    cmp -s $logs/first $logs/"$1"
    echo $?
}

play build/sg-conformance first 1
play build/sg-conformance second 1
play build/sg-conformance other 2
[ -s $logs/first ] || { echo 'traces: no trace'; echo '0 passed, 1 failed'; exit 1; }
verdict 'the second run differs' "$(same second)" 0 second
verdict 'another seed gives the same trace' "$(same other)" 1 other
for flavour in "$@"; do
    if ${MAKE:-make} FLAVOUR="$flavour" build/"$flavour"/sg-conformance \
        >$logs/build-"$flavour" 2>&1; then
        play build/"$flavour"/sg-conformance "$flavour" 1
    else
        tail -n 20 $logs/build-"$flavour"
        : >$logs/"$flavour"
    fi
    verdict "$flavour differs" "$(same "$flavour")" 0 "$flavour"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
