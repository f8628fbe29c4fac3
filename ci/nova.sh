#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# nova.sh - nova's own code as a witness: its memcache driver beside our
# nova-mc://, and its service group API on our library by the name `tooz`.
#
#   sh ci/nova.sh [SCRIPT...]      of ci/nova: mc_api, mc_entries, tooz_api,
#                                  bridge_api; default: all
#
# A job is one script on one place, a fake or a real server of its own;
# NOVA_JOBS (4) run at a time. What they said: build/logs/nova/SCRIPT-PLACE.
set -u

cd "$(dirname "$0")/.." || exit 1
logs=build/logs/nova
python=${PYTHON:-/usr/bin/python3}     # Debian's: its packages are there
limit=${NOVA_LIMIT:-120}               # seconds for one script
: "${SERVICEGROUP_LIBRARY:=$PWD/build/default/libservicegroup.so}"
export SERVICEGROUP_LIBRARY

jobs() {
    cat <<'EOF'
tooz_api kazoo
tooz_api fake:kazoo
mc_api memcached
tooz_api memcached
mc_entries memcached
tooz_api redis
mc_api fake:memcached
tooz_api fake:memcached
mc_entries fake:memcached
tooz_api fake:redis
bridge_api memcached
bridge_api kazoo
bridge_api fake:memcached
bridge_api fake:kazoo
EOF
}

if [ "${1-}" = --one ]; then
    job=$3-$4
    began=$(date +%s)
    PYTHONDONTWRITEBYTECODE=1 timeout --foreground -k 5 "$limit" \
        "$python" -W ignore "ci/nova/$3.py" "$4" "$2/$job" \
        >"$logs/$job" 2>&1 </dev/null
    status=$?
    words=$(tail -n 1 "$logs/$job" | grep '^[0-9]* passed, [0-9]* failed$')
    if [ -z "$words" ] || { [ $status -ne 0 ] && [ $status -ne 1 ]; }; then
        words='0 passed, 1 failed'
        tail -n 20 "$logs/$job"
    fi
    grep -a 'FAILED' "$logs/$job" | cut -c1-400
    echo "$words" >"$2/$job.words"
    echo "$3 $4: $words ($(($(date +%s) - began)) s)"
    exit 0
fi

give_up() {
    echo "nova: $*"
    echo '0 passed, 1 failed'
    exit 1
}

end() {
    [ -z "$all" ] || kill -TERM "-$all" 2>/dev/null
    find "$work" -name state | while read -r state; do
        sh ci/real.sh "${state%/state}" stop
    done
    rm -rf "$work"
}

missing=
"$python" -W ignore -c 'import nova.servicegroup.api' 2>/dev/null ||
    missing="$missing python3-nova"
"$python" -W ignore -c 'import memcache' 2>/dev/null ||
    missing="$missing python3-memcache"
[ -z "$missing" ] || give_up "please install:$missing"
rm -rf $logs
mkdir -p $logs || exit 1
${MAKE:-make} all build/fakes build/real build/sg-agent >$logs/build 2>&1 || {
    tail -n 40 $logs/build
    give_up 'it does not build'
}

work=$(mktemp -d "${TMPDIR:-/tmp}/sg-nova.XXXXXX") || exit 1
REAL_OWNER=$$       # whatever happens to this shell, the servers end with it
export REAL_OWNER
all=
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
for script in "${@:-}"; do
    jobs | grep "^$script"
done >"$work/jobs"
[ -s "$work/jobs" ] || give_up "no script is called $*"

# In a session of its own, so that the whole group can be ended.
setsid xargs -a "$work/jobs" -P "${NOVA_JOBS:-4}" -L 1 \
    sh ci/nova.sh --one "$work" &
all=$!
wait $all
all=
while read -r script place; do
    cat "$work/$script-$place.words" 2>/dev/null || echo '0 passed, 1 failed'
done <"$work/jobs" >"$work/words"
words=$(awk -f ci/judge/sum.awk "$work/words")
echo "$words"
[ "${words##*, }" = '0 failed' ] && [ "${words%% *}" != 0 ]
