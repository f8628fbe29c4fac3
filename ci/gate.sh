#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gate.sh - every scenario on real servers, which it starts and stops.
#
#   sh ci/gate.sh [PLACE...]  redis memcached zookeeper ensemble; default: all
#
# A job is one area of scenarios (the word before the slash) on one place, with
# servers of its own; GATE_JOBS (4) run at a time, for most of a run is waiting
# until something expires. A server that does not start is red, not skipped.
# TAP: build/logs/gate/PLACE-AREA.out, and PLACE.tap of a whole place.
set -u

cd "$(dirname "$0")/.." || exit 1
logs=build/logs/gate
export LOGS=$logs
export LIMIT="${GATE_LIMIT:-420}"   # seconds for one job

# ---- one job ---------------------------------------------------------------

field() {
    sed -n "s/^$1=//p" "$dir.started"
}

one() {
    place=$1 area=$2
    if ! sh ci/real.sh "$dir" start "$place" >"$dir.started"; then
        echo "gate: $place did not start"
        echo '0 passed, 1 failed'
        return
    fi
    tick=$(field tick)
    sh ci/judge.sh real "$place-$area" build/sg-conformance \
        --place "$(field url)" --only "$area/" --size gate \
        ${tick:+--tick "$tick"} --control "sh ci/real.sh $dir"
    cat "$dir"/[123]/log >"$logs/$place-$area.server" 2>/dev/null
    sh ci/real.sh "$dir" stop || echo '0 passed, 1 failed'
}

if [ "${1-}" = --one ]; then
    work=$2
    dir=$work/$3-$4
    began=$(date +%s)
    one "$3" "$4" >"$dir.words" 2>&1
    grep -aEv '^[0-9]+ (passed, |skipped$)' "$dir.words"
    skipped=$(grep -a '^[0-9]* skipped$' "$dir.words")
    echo "$3 $4: ${skipped:+$skipped, }$(tail -n 1 "$dir.words")" \
        "($(($(date +%s) - began)) s)"
    exit 0
fi

# ---- all of them -----------------------------------------------------------

give_up() {
    echo '0 passed, 1 failed'
    exit 1
}

end() {
    [ -z "$job" ] || kill -TERM "-$job" 2>/dev/null
    for state in "$work"/*/state; do
        [ ! -f "$state" ] || sh ci/real.sh "${state%/state}" stop
    done
    rm -rf "$work"
}

sh ci/packages.sh build gate || give_up
rm -rf $logs
mkdir -p $logs || give_up
if ! ${MAKE:-make} all >$logs/build 2>&1; then
    tail -n 40 $logs/build
    give_up
fi
[ $# -gt 0 ] || set -- memcached ensemble redis zookeeper
names=$(build/sg-conformance --list | cut -d' ' -f1 | sort)
areas=$(echo "$names" | sed 's|/.*||' | sort -u)
[ -n "$areas" ] || give_up

work=$(mktemp -d "${TMPDIR:-/tmp}/sg-gate.XXXXXX") || give_up
REAL_OWNER=$$       # whatever happens to this shell, the servers end with it
export REAL_OWNER
job=
trap 'end' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Places take turns, so that ensembles do not all start at once.
for area in $areas; do
    for place in "$@"; do
        echo "$place $area"
    done
done >"$work/jobs"

# In the background, in a session of its own: a shell heeds a signal at once
# only while it waits, and then the whole group can be ended.
setsid xargs -a "$work/jobs" -P "${GATE_JOBS:-4}" -L 1 \
    sh ci/gate.sh --one "$work" &
job=$!
wait $job
job=

# A place is whole when it has every scenario of the list, once.
for place in "$@"; do
    cat $logs/"$place"-*.out >$logs/"$place".tap
    sed -n 's/^\(not \)\{0,1\}ok [0-9]* - [^ ]* \([^ ]*\).*/\2/p' \
        $logs/"$place".tap | sort >"$work/names"
    if [ "$names" != "$(cat "$work/names")" ]; then
        echo "BROKEN: $place has not played the list; < missing, > too many:"
        echo "$names" | diff - "$work/names" | grep '^[<>]'
        echo '0 passed, 1 failed' >"$work/$place.words"
    fi
done
while read -r place area; do
    words=$(tail -n 1 "$work/$place-$area.words" 2>/dev/null |
        grep -E '^[0-9]+ passed, [0-9]+ failed$')
    echo "${words:-0 passed, 1 failed}"
done <"$work/jobs" >"$work/all"
for place in "$@"; do
    [ ! -f "$work/$place.words" ] || cat "$work/$place.words"
    set -- "$@" "$logs/$place.tap"
    shift
done >>"$work/all"
awk -f ci/judge/matrix.awk "$@"
words=$(awk -f ci/judge/sum.awk "$work/all")
echo "$words"
[ "${words##*, }" = '0 failed' ] && [ "${words%% *}" != 0 ]
