#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check.sh - what `make check` does. A line a step; of a step that failed, the
# end of its log (build/logs/check-STEP). Last line: the sum.
set -u

cd "$(dirname "$0")/.." || exit 1
logs=build/logs
mkdir -p $logs && rm -f $logs/check-* || exit 1
MAKE=${MAKE:-make}
export MAKE

# prepare NAME CMD...: nothing else makes sense when this fails.
prepare() {
    name=$1
    shift
    printf '%-12s ' "$name"
    began=$(date +%s)
    if "$@" >$logs/check-"$name" 2>&1; then
        echo "done ($(($(date +%s) - began)) s)"
        return
    fi
    echo 'FAILED'
    tail -n 40 $logs/check-"$name"
    echo '0 passed, 1 failed'
    exit 1
}

# step NAME CMD...: its last line says how many passed.
step() {
    name=$1
    shift
    printf '%-12s ' "$name"
    began=$(date +%s)
    "$@" >$logs/check-"$name" 2>&1
    status=$?
    words=$(tail -n 1 $logs/check-"$name" |
        grep -E '^[0-9]+ passed, [0-9]+ failed$')
    [ -n "$words" ] || words='0 passed, 1 failed'
    case $status$words in
    0*' 0 failed') ;;
    *' 0 failed') words="${words%,*}, 1 failed" ;;
    esac
    echo "$words ($(($(date +%s) - began)) s)"
    echo "$words" >>$logs/check-sum
    case $words in
    *' 0 failed') ;;
    *) tail -n 60 $logs/check-"$name" | sed 's/^/    /' ;;
    esac
}

# Run in the foreground: apt's progress lines are for the reader.
sh ci/packages.sh build check || { echo '0 passed, 1 failed'; exit 1; }
prepare build "$MAKE" all
step units sh ci/units.sh
step conformance sh ci/judge.sh fake conformance build/sg-conformance
step clauses sh ci/clauses.sh
step traces sh ci/traces.sh
step memcheck sh ci/memcheck.sh
step fuzz sh ci/fuzz.sh short
step oom build/sg-oom
step program sh ci/program.sh
step migrate sh ci/migrate.sh
step guides sh ci/guides.sh
step headers sh ci/headers.sh
step format sh ci/format.sh --check
step docs sh ci/docs.sh
step install sh ci/install.sh
step proofs sh ci/proofs.sh
step mutants sh ci/mutants.sh
words=$(awk -f ci/judge/sum.awk $logs/check-sum)
echo "$words"
[ "${words##*, }" = '0 failed' ]
