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

# play PROGRAM NAME SEED ARGUMENT...
play() {
    program=$1 name=$2 seed=$3
    shift 3
    "$program" --jobs 1 --seed "$seed" --trace $logs/"$name" "$@" \
        >$logs/"$name".out 2>&1 ||
        echo "traces: $program --seed $seed: status $?; see $logs/$name.out"
}

verdict() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "traces: $1"
        diff $logs/"${5:-first}" $logs/"$4" | head -n 10
    fi
}

same() {
    cmp -s $logs/"${2:-first}" $logs/"$1"
    echo $?
}

# One process, one play after the other: beside other work a goodbye through a
# dribbling link was once traced before the end of its scenario and once not.
# Of the pairs of stores those without ZooKeeper: how many sessions a ZooKeeper
# that was lost leaves to expire beside another store depends on real time (seen:
# none, one or two), while verdicts and their order do not.
places='--place fake:kazoo --place fake:memcached --place fake:redis
    --place fake:nova-mc+fake:redis --place fake:nova-mc+fake:memcached'

# shellcheck disable=SC2086
play build/sg-conformance first 1 $places
# shellcheck disable=SC2086
play build/sg-conformance second 1 $places
play build/sg-conformance one 1 --only expiry/
play build/sg-conformance other 2 --only expiry/
[ -s $logs/first ] || { echo 'traces: no trace'; echo '0 passed, 1 failed'; exit 1; }
verdict 'the second run differs' "$(same second)" 0 second
verdict 'another seed gives the same trace' "$(same other one)" 1 other one
for flavour in "$@"; do
    if ${MAKE:-make} FLAVOUR="$flavour" build/"$flavour"/sg-conformance \
        >$logs/build-"$flavour" 2>&1; then
        # shellcheck disable=SC2086
        play build/"$flavour"/sg-conformance "$flavour" 1 $places
    else
        tail -n 20 $logs/build-"$flavour"
        : >$logs/"$flavour"
    fi
    verdict "$flavour differs" "$(same "$flavour")" 0 "$flavour"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
