#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gate.sh - every scenario on real servers, which it starts and stops; those
# with members of Python tooz on the fakes, too, with their mutants. Without
# arguments also what else needs real servers or neighbours.
#
#   sh ci/gate.sh [PLACE...]  redis memcached zookeeper ensemble, fake:redis
#                             fake:memcached fake:kazoo; and pairs of an old
#                             store and a new one, for the migration:
#                             nova-mc+redis, fake:nova-zk+fake:redis ...;
#                             default: all
#
# A job is some areas of scenarios (the word before the slash) on one place,
# with servers of its own; GATE_JOBS (4) run at a time, for most of a run is
# waiting until something expires. A server that does not start is red, not
# skipped. TAP: build/logs/gate/PLACE-PART.out, PLACE.tap of a whole place.
set -u

cd "$(dirname "$0")/.." || exit 1
logs=build/logs/gate
export LOGS=$logs
export LIMIT="${GATE_LIMIT:-420}"   # seconds for one job

# ---- one job ---------------------------------------------------------------

field() {
    sed -n "s/^$1=//p" "$dir.started"
}

# Python's packages are Debian's, so its Python is, whichever comes first.
agent='/usr/bin/python3 conformance/neighbours/tooz_agent.py'

# The areas of a part: of one whole place four parts that take about as long.
# What is in no part by name is in the last.
areas_of() {
    case $1 in
    expiry) echo expiry join leave ;;
    others) echo "$AREAS" | grep -vxE \
        'healing|neighbours|expiry|join|leave|migration' ;;
    *) echo "$1" ;;
    esac
}

# play KIND PLACE PART ARGUMENT...
play() {
    kind=$1 place=$2 part=$3
    shift 3
    [ "$part" != neighbours ] || set -- "$@" --neighbour "$agent"
    for area in $(areas_of "$part"); do
        set -- --only "$area/" "$@"
    done
    # A world on a fake is quicker on one CPU (conformance/crew.c).
    pin=
    [ "$kind" = real ] || ! taskset -c "${SLOT:-0}" true 2>/dev/null ||
        pin="taskset -c $SLOT"
    # shellcheck disable=SC2086
    sh ci/judge.sh "$kind" "$place-$part" $pin build/sg-conformance \
        --size gate "$@"
}

# pair OLD NEW: two servers, the old one of the kind that nova's driver used.
pair() {
    old=$1 kind=memcached
    case $old in
    nova-zk | nova-juno) kind=zookeeper ;;
    esac
    if ! sh ci/real.sh "$dir.old" start $kind >"$dir.old-started" ||
        ! sh ci/real.sh "$dir" start "$2" >"$dir.started"; then
        echo "gate: $place did not start"
        echo '0 passed, 1 failed'
        return
    fi
    old=$old://$(sed -n 's|^url=[a-z]*://||p' "$dir.old-started")
    tick=$(field tick)
    play real "$place" "$part" --place "$old+$(field url)" \
        ${tick:+--tick "$tick"} --control "sh ci/real.sh $dir" \
        --old-control "sh ci/real.sh $dir.old"
    for server in "$dir" "$dir.old"; do
        sh ci/real.sh "$server" stop || echo '0 passed, 1 failed'
    done
}

one() {
    place=$1 part=$2
    case $place in
    fake:*)
        play fake "$place" "$part" --place "$place" --jobs 1
        return
        ;;
    *+*)
        pair "${place%%+*}" "${place#*+}"
        return
        ;;
    esac
    if ! sh ci/real.sh "$dir" start "$place" >"$dir.started"; then
        echo "gate: $place did not start"
        echo '0 passed, 1 failed'
        return
    fi
    tick=$(field tick)
    play real "$place" "$part" --place "$(field url)" \
        ${tick:+--tick "$tick"} --control "sh ci/real.sh $dir"
    cat "$dir"/[123]/log >"$logs/$place-$part.server" 2>/dev/null
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
is_whole=no
[ $# -gt 0 ] || is_whole=yes
[ $# -gt 0 ] || set -- memcached ensemble redis zookeeper \
    nova-mc+memcached nova-mc+redis nova-mc+zookeeper \
    nova-zk+memcached nova-zk+redis nova-zk+zookeeper \
    nova-mitaka+memcached nova-juno+zookeeper \
    fake:kazoo fake:memcached fake:redis \
    fake:nova-mc+fake:memcached fake:nova-mc+fake:redis \
    fake:nova-mc+fake:kazoo fake:nova-zk+fake:memcached \
    fake:nova-zk+fake:redis fake:nova-zk+fake:kazoo
names=$(build/sg-conformance --list | cut -d' ' -f1 | sort)
AREAS=$(echo "$names" | sed 's|/.*||' | sort -u)
[ -n "$AREAS" ] || give_up
export AREAS

# What is played there: on a fake make check plays the rest.
names_of() {
    case $1 in
    *+*) echo "$names" | grep '^migration/' ;;
    fake:*) echo "$names" | grep '^neighbours/' ;;
    *) echo "$names" | grep -v '^migration/' ;;
    esac
}

work=$(mktemp -d "${TMPDIR:-/tmp}/sg-gate.XXXXXX") || give_up
REAL_OWNER=$$       # whatever happens to this shell, the servers end with it
export REAL_OWNER
job=
trap 'end' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Places take turns, so that ensembles do not all start at once; the longest
# parts first.
for part in neighbours healing migration expiry others; do
    for place in "$@"; do
        case $place:$part in
        *+*:migration) echo "$place $part" ;;
        *+*:* | *:migration) ;;
        fake:*:neighbours) echo "$place $part" ;;
        fake:*) ;;
        *) echo "$place $part" ;;
        esac
    done
done >"$work/jobs"

# In the background, in a session of its own: a shell heeds a signal at once
# only while it waits, and then the whole group can be ended.
run_jobs() {
    setsid xargs -r -a "$1" -P "$2" -L 1 --process-slot-var=SLOT \
        sh ci/gate.sh --one "$work" &
    job=$!
    wait $job
    job=
}

# Real servers first: they are mostly waited for, and a machine that works
# beside makes them late. Fakes only work.
grep -v '^fake:' "$work/jobs" >"$work/jobs-real"
grep '^fake:' "$work/jobs" >"$work/jobs-fake"
run_jobs "$work/jobs-real" "${GATE_JOBS:-4}"
run_jobs "$work/jobs-fake" "$(nproc)"

# A place is whole when it has every scenario of the list, once.
for place in "$@"; do
    cat $logs/"$place"-*.out >$logs/"$place".tap
    sed -n 's/^\(not \)\{0,1\}ok [0-9]* - [^ ]* \([^ ]*\).*/\2/p' \
        $logs/"$place".tap | sort >"$work/names"
    if [ "$(names_of "$place")" != "$(cat "$work/names")" ]; then
        echo "BROKEN: $place has not played the list; < missing, > too many:"
        names_of "$place" | diff - "$work/names" | grep '^[<>]'
        echo '0 passed, 1 failed' >"$work/$place.words"
    fi
done
while read -r place part; do
    words=$(tail -n 1 "$work/$place-$part.words" 2>/dev/null |
        grep -E '^[0-9]+ passed, [0-9]+ failed$')
    echo "${words:-0 passed, 1 failed}"
done <"$work/jobs" >"$work/all"
for place in "$@"; do
    [ ! -f "$work/$place.words" ] || cat "$work/$place.words"
    set -- "$@" "$logs/$place.tap"
    shift
done >>"$work/all"
awk -f ci/judge/matrix.awk "$@"
case "$* " in
*/fake:redis.tap*)
    NEIGHBOUR=$agent sh ci/mutants.sh neighbours >"$work/mutants"
    sed '$d' "$work/mutants"
    tail -n 1 "$work/mutants" >>"$work/all"
    ;;
esac
# beside NAME COMMAND...: what else needs real servers or neighbours; its last
# line is its counts.
beside() {
    name=$1
    shift
    began=$(date +%s)
    "$@" >$logs/"$name".out 2>&1
    words=$(tail -n 1 $logs/"$name".out |
        grep -E '^[0-9]+ passed, [0-9]+ failed$')
    echo "$name: ${words:=0 passed, 1 failed} ($(($(date +%s) - began)) s)"
    case $words in
    *' 0 failed') ;;
    *) tail -n 40 $logs/"$name".out | sed 's/^/    /' ;;
    esac
    echo "$words" >>"$work/all"
}
if [ $is_whole = yes ]; then
    beside neighbours sh ci/neighbours.sh
    beside nova sh ci/nova.sh
    beside processes sh ci/processes.sh
    beside parity sh ci/parity.sh short
    beside defects sh ci/parity.sh defects
fi
words=$(awk -f ci/judge/sum.awk "$work/all")
echo "$words"
[ "${words##*, }" = '0 failed' ] && [ "${words%% *}" != 0 ]
