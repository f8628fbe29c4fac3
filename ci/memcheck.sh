#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# memcheck.sh - the plain unit programs and the suite under valgrind.
#
#   sh ci/memcheck.sh             all of them, two at a time
#   sh ci/memcheck.sh KIND NAME CMD...   one, judged like ci/judge.sh
#
# Red is a failed test, an error, a lost block, and any other word in a log:
# processes that a test forks have logs of their own, and nobody looks at
# their status.
set -u

cd "$(dirname "$0")/.." || exit 1
export LOGS="${LOGS:-build/logs/memcheck}"

# lax-ioctls: about the few ioctls that valgrind does not know (SIOCOUTQNSD,
# 3.19) it would say so, which is no finding.
one() {
    kind=$1 name=$2
    shift 2
    rm -f "$LOGS/$name".*.log
    began=$(date +%s)
    words=$(sh ci/judge.sh "$kind" "$name" valgrind -q --error-exitcode=9 \
        --leak-check=full --errors-for-leak-kinds=definite \
        --fair-sched=try --sim-hints=lax-ioctls \
        --suppressions=ci/valgrind.supp \
        --log-file="$LOGS/$name.%p.log" "$@")
    status=$?
    echo "$words" | sed '$d'
    words=$(echo "$words" | tail -n 1)
    for log in "$LOGS/$name".*.log; do
        [ -s "$log" ] || continue
        head -n 40 "$log"
        # When it is the exit status that tells, it has been counted.
        [ $status != 0 ] || words="${words%,*}, 1 failed"
        status=1
    done
    echo "$name: $words ($(($(date +%s) - began)) s)"
    echo "$words"
    return $status
}

if [ $# -gt 0 ]; then
    mkdir -p "$LOGS"
    one "$@"
    exit
fi

rm -rf "$LOGS" && mkdir -p "$LOGS" || exit 1
{
    for program in build/unit-*; do
        case $program in
        *-criterion) ;;
        *) echo "units ${program#build/} $program" ;;
        esac
    done
    for place in kazoo memcached redis nova-mc+fake:redis \
        nova-zk+fake:memcached; do
        echo "fake suite-$place build/sg-conformance" \
            "--place fake:$place --size memcheck --jobs 1"
    done
} >"$LOGS/jobs"
# One argument a line; the words of a line are the arguments of one run.
# shellcheck disable=SC2016
xargs -P 2 -I '{}' sh -c 'sh ci/memcheck.sh $1 >"$LOGS/$(echo "$1" |
    cut -d" " -f2).words" 2>&1 || :' sh '{}' <"$LOGS/jobs"
for words in "$LOGS"/*.words; do
    sed '$d' "$words"
done
jobs=$(grep -c . <"$LOGS/jobs")
words=$(tail -qn 1 "$LOGS"/*.words | tee "$LOGS/all" | awk -f ci/judge/sum.awk)
if [ "$(grep -c ' passed, ' "$LOGS/all")" != "$jobs" ]; then
    echo 'BROKEN: a run has no last line'
    words="${words%% *} passed, 1 failed"
fi
echo "$words"
[ "${words##*, }" = '0 failed' ]
