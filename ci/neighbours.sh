#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# neighbours.sh - Python's clients do the same work on a fake and on the real
# server, and see the same.
#
#   sh ci/neighbours.sh [SCRIPT...]    of ci/neighbours; default: all
#
# A job is one script on one kind of store: it runs on a real server and on
# build/fakes, each fresh, at the same time, and what it wrote must be the same
# text. On the fake time is stepped. NEIGHBOUR_JOBS (3) jobs run at a time.
# Both texts: build/logs/neighbours/SCRIPT-STORE.real and .fake.
set -u

cd "$(dirname "$0")/.." || exit 1
logs=build/logs/neighbours
python=${PYTHON:-/usr/bin/python3}     # Debian's: its packages are there
limit=${NEIGHBOUR_LIMIT:-150}          # seconds for one script

jobs() {
    cat <<'EOF'
tooz_basic memcached
kazoo_client kazoo
tooz_basic kazoo
tooz_basic redis
memcache_client memcached
redis_client redis
EOF
}

# ---- one job ---------------------------------------------------------------

start_real() {
    case $store in
    kazoo) kind=zookeeper ;;
    *) kind=$store ;;
    esac
    sh ci/real.sh "$dir" start $kind >"$dir.started" &&
        url=$(sed -n 's/^url=//p' "$dir.started")
}

# The same tick as the real one's.
start_fake() {
    build/fakes --tick 250 --exit-with "$REAL_OWNER" --ready-file "$dir.ready" \
        "$store" >/dev/null 2>"$logs/$job.fakes" &
    fake=$!
    left=200
    until [ -s "$dir.ready" ]; do
        left=$((left - 1))
        [ $left -gt 0 ] && kill -0 $fake 2>/dev/null || return 1
        sleep 0.05
    done
    fake_url=$(sed -n "s/^$store:/&/p" "$dir.ready")
    control=$(sed -n 's/^control //p' "$dir.ready")
    [ -n "$control" ]
}

# play WHERE ARGUMENT...: sets of bytes have one order in every process.
play() {
    where=$1
    shift
    PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1 timeout --foreground -k 5 \
        "$limit" "$python" -W ignore "ci/neighbours/$script.py" "$@" \
        >"$logs/$job.$where" 2>"$logs/$job.$where.err" </dev/null
    echo $? >"$dir.$where.status"
}

# A text that stops before its end says nothing, however well it agrees.
is_whole() {
    text=$logs/$job.$1
    least=$(sed -n '1s/^at least //p' "$text")
    lines=$(wc -l <"$text")
    [ "$(cat "$dir.$1.status")" = 0 ] && [ "$(tail -n 1 "$text")" = end ] &&
        [ "$lines" -ge "${least:-1000000}" ] && return
    echo "BROKEN: $job on the $1 server wrote $lines lines of at least" \
        "${least:-?}, status $(cat "$dir.$1.status"):"
    tail -n 2 "$text" | cut -c1-200
    tail -n 6 "$logs/$job.$1.err"
    return 1
}

compare() {
    is_whole real || return
    is_whole fake || return
    cmp -s "$logs/$job.real" "$logs/$job.fake" && return
    echo "DIFFERENT: $job; < real, > fake:"
    diff "$logs/$job.real" "$logs/$job.fake" >"$logs/$job.diff"
    head -n 12 "$logs/$job.diff" | cut -c1-200
    return 1
}

one() {
    fake=
    if ! start_real; then
        echo "BROKEN: $job: $store did not start"
    elif ! start_fake; then
        echo "BROKEN: $job: build/fakes did not start"
        tail -n 5 "$logs/$job.fakes"
    else
        play real "$url" &
        real=$!
        play fake "$fake_url" --step "$control"
        wait $real
        ! compare || verdict='1 passed, 0 failed'
    fi
    [ -z "$fake" ] || { kill "$fake" 2>/dev/null && wait "$fake"; }
    sh ci/real.sh "$dir" stop
}

if [ "${1-}" = --one ]; then
    script=$3 store=$4
    job=$script-$store
    dir=$2/$job
    mkdir -p "$dir"
    began=$(date +%s)
    verdict='0 passed, 1 failed'
    one >"$dir.said" 2>&1
    cat "$dir.said"
    echo "$verdict" >"$dir.words"
    lines=$(wc -l 2>/dev/null <"$logs/$job.real")
    echo "$script $store: ${lines:-0} lines, $verdict" \
        "($(($(date +%s) - began)) s)"
    exit 0
fi

# ---- all of them -----------------------------------------------------------

give_up() {
    echo "neighbours: $*"
    echo '0 passed, 1 failed'
    exit 1
}

end() {
    [ -z "$all" ] || kill -TERM "-$all" 2>/dev/null
    for state in "$work"/*/state; do
        [ ! -f "$state" ] || sh ci/real.sh "${state%/state}" stop
    done
    rm -rf "$work"
}

missing=
for module in tooz kazoo pymemcache redis; do
    "$python" -c "import $module" 2>/dev/null ||
        missing="$missing python3-$module"
done
[ -z "$missing" ] || give_up "missing:$missing; please install them"
rm -rf $logs
mkdir -p $logs || exit 1
${MAKE:-make} build/fakes build/real >$logs/build 2>&1 || {
    tail -n 40 $logs/build
    give_up 'it does not build'
}

work=$(mktemp -d "${TMPDIR:-/tmp}/sg-neighbours.XXXXXX") || exit 1
REAL_OWNER=$$       # whatever happens to this shell, the servers end with it
export REAL_OWNER
all=
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
if [ $# -eq 0 ]; then
    jobs >"$work/jobs"
else
    for script in "$@"; do
        jobs | grep "^$script "
    done >"$work/jobs"
fi
[ -s "$work/jobs" ] || give_up "no script is called $*"

# In a session of its own, so that the whole group can be ended.
setsid xargs -a "$work/jobs" -P "${NEIGHBOUR_JOBS:-3}" -L 1 \
    sh ci/neighbours.sh --one "$work" &
all=$!
wait $all
all=
while read -r script store; do
    cat "$work/$script-$store.words" 2>/dev/null || echo '0 passed, 1 failed'
done <"$work/jobs" >"$work/words"
words=$(awk -f ci/judge/sum.awk "$work/words")
echo "$words"
[ "${words##*, }" = '0 failed' ] && [ "${words%% *}" != 0 ]
