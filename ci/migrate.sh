#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# migrate.sh - the operator's tool against a small fleet: each situation in
# which a step would be unsafe is made, and must be refused by host name.
#
#   sh ci/migrate.sh [PART...]      of ci/migrate: moves, forms, trees, readers,
#                                   back, watch, use; default: all
#
# The fleet is build/examples/join on the fakes, in real time at a timeout of
# two seconds; each part has its own, and runs beside the others. Last line:
# "N passed, N failed".
set -u

cd "$(dirname "$0")/.." || exit 1

# A part, in a process of its own.
if [ "${1-}" = --part ]; then
    part=$2
    . ci/migrate/fleet.sh
    start_stores
    # shellcheck source=/dev/null
    . "ci/migrate/$part.sh"
    finish
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/sg-migrate.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
[ $# -gt 0 ] || set -- watch forms moves trees readers back use
pids=
for part in "$@"; do
    timeout -k 5 120 sh ci/migrate.sh --part "$part" \
        >"$work/$part" 2>&1 </dev/null &
    pids="$pids $!"
done
for pid in $pids; do
    wait "$pid"
done
for part in "$@"; do
    sum=$(tail -n 1 "$work/$part" | grep '^[0-9]* passed, [0-9]* failed$') || {
        echo "migrate: $part did not end"
        sum='0 passed, 1 failed'
        echo >>"$work/$part"
    }
    sed '$d' "$work/$part" >&2
    echo "$sum"
done >"$work/sums" 2>"$work/said"
cat "$work/said"
grep -v passed "$work/sums"
words=$(grep passed "$work/sums" | awk -f ci/judge/sum.awk)
echo "$words"
[ "${words##*, }" = '0 failed' ] && [ "${words%% *}" != 0 ]
