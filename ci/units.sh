#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# units.sh - the unit tests by Criterion, and that the plain programs, which
# memcheck and the sanitizers judge, hold as many of them.
#
#   sh ci/units.sh [PART...]      driver, fakes, conformance: those built
set -u

cd "$(dirname "$0")/.." || exit 1
results=build/logs/units
rm -rf $results && mkdir -p $results || exit 1
export LOGS=$results

[ $# -gt 0 ] || {
    for program in build/unit-*-criterion; do
        part=${program#build/unit-}
        set -- "$@" "${part%-criterion}"
    done
}
for part in "$@"; do
    sh ci/judge.sh criterion "$part" \
        build/unit-"$part"-criterion -j2 --timeout=60 >$results/"$part".words
    sed '$d' $results/"$part".words
    words=$(tail -n 1 $results/"$part".words)
    plain=$(sh ci/judge.sh units "$part"-plain build/unit-"$part" | tail -n 1)
    if [ "$words" = "$plain" ]; then
        plain='1 passed, 0 failed'
    else
        echo "BROKEN: $part: by Criterion $words; plain: $plain"
        plain='0 passed, 1 failed'
    fi
    echo "unit-$part: $words"
    printf '%s\n%s\n' "$words" "$plain" >>$results/all
done
words=$(awk -f ci/judge/sum.awk $results/all)
echo "$words"
[ "${words##*, }" = '0 failed' ] && [ "${words%% *}" != 0 ]
