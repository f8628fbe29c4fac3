#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# migrate.sh - the operator's tool against a small fleet: each situation in
# which a step would be unsafe is made, and must be refused by host name.
#
#   sh ci/migrate.sh
#
# The fleet is build/examples/join on the fakes, in real time at a timeout of
# two seconds. Last line: "N passed, N failed".
set -u

cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d "${TMPDIR:-/tmp}/sg-migrate.XXXXXX") || exit 1
passed=0 failed=0 members=''

end() {
    for pid in $members $fakes; do
        kill "$pid" 2>/dev/null
    done
    rm -rf "$work"
}
fakes=
trap end EXIT
trap 'exit 1' INT TERM

verdict() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "migrate: $1"
        sed 's/^/    /' "$work/out" "$work/err"
    fi
}

# says NAME STATUS [PATTERN...]: the last tool call ended so, and said that.
says() {
    name=$1
    [ "$status" -eq "$2" ]
    verdict "$name: status $status, not $2" $?
    shift 2
    for pattern in "$@"; do
        grep -q -- "$pattern" "$work/out" "$work/err"
        verdict "$name: does not say \"$pattern\"" $?
    done
}

# silent NAME PATTERN
silent() {
    ! grep -q -- "$2" "$work/out"
    verdict "$1: says \"$2\"" $?
}

tool() {
    timeout 60 build/servicegroup migrate "$@" >"$work/out" 2>"$work/err"
    status=$?
}

# member URL HOST: its pid in $pid once it has joined.
member() {
    rm -f "$work/joined" && mkfifo "$work/joined"
    timeout -k 5 300 build/examples/join "$1" compute "compute:$2" \
        >"$work/joined" 2>/dev/null &
    pid=$!
    members="$members $pid"
    read -r line <"$work/joined"
    case $line in
    joined*) ;;
    *) echo "migrate: $2 did not join: $line"; exit 1 ;;
    esac
}

# control COMMAND: its answer.
control() {
    echo "$*" >&4
    read -r answer <&5
    echo "$answer"
}

# How many values the old store was asked for.
asked() {
    control count memcached gets | tr -dc 0-9
}

gone() {
    kill "$1" && wait "$1" 2>/dev/null
}

mkfifo "$work/control" "$work/urls"
build/fakes --control - redis memcached kazoo \
    <"$work/control" >"$work/urls" 2>/dev/null &
fakes=$!
exec 4>"$work/control" 5<"$work/urls"
read -r redis <&5
read -r memcached <&5
read -r kazoo <&5
for url in "$redis" "$memcached" "$kazoo"; do
    case $url in
    redis://*) new="$url?timeout=2" ;;
    memcached://*) mc="nova-mc://${url#memcached://}?service_down_time=2" ;;
    kazoo://*) zk="nova-zk://${url#kazoo://}?recv_timeout=4000" \
        tooz_zk="$url?timeout=4" ;;
    esac
done
bridge="bridge://?new=$new&old=$mc"
hosts=$work/hosts
printf 'node1\nnode2  # a comment\nnode3 forced_down\nnode4 disabled\n' >"$hosts"

# ---- the unsafe situations -------------------------------------------------

# The literal order: the services were restarted with the old configuration.
member "$mc" node1
old1=$pid
member "$mc" node2
old2=$pid
tool verify --old "$mc" --new "$new" --hosts "$hosts" --for 0.5
says 'nothing was moved' 1 'NOT SAFE' 'node1 is up in the old store only' \
    'node2 is up in the old store only'
silent 'nothing was moved' node3
silent 'nothing was moved' node4

# Stopped midway.
gone "$old1"
member "$bridge" node1
tool verify --old "$mc" --new "$new" --hosts "$hosts" --for 0.5 \
    --step switch-readers
says 'half of it was moved' 1 'switch-readers: NOT SAFE' \
    'node2 is up in the old store only'
silent 'half of it was moved' node1

# The last one came to the new store only now: it is seen while verify looks.
tool status --old "$mc" --new "$new" --hosts "$hosts"
says 'status' 0 '^node1 .*UP .*UP .*UP$' '^node2 .*UP .*DOWN NOT_A_MEMBER' \
    '4 hosts, 2 up in old, 1 in new, 1 in both, 1 only in old, 0 unknown'
timeout 60 build/servicegroup migrate verify --old "$mc" --new "$new" \
    --hosts "$hosts" --for 3 >"$work/late" 2>"$work/err" &
verify=$!
# Three hosts are asked about in each look: wait for the fifth.
looks=$(($(asked) + 13))
while [ "$(asked)" -lt $looks ]; do
    kill -0 $verify || break
done
gone "$old2"
member "$new" node2
new2=$pid
wait $verify
status=$?
cp "$work/late" "$work/out"
says 'one has just come' 1 \
    'node2 .*\(not been up in the new store for long\|in the old store only\)'

# All are there, and have been for long enough.
tool verify --old "$mc" --new "$new" --hosts "$hosts" --for 2.5
says 'all were moved' 0 'drop-old: safe'
tool verify --old "$mc" --new "$new" --hosts "$hosts" --for 0.5 --json
says 'as JSON' 0 '"verdict":"safe","held_up_by":\[\]' '"host":"node1"' \
    '"either":"UP"' '"only_in_old":0'

# A store that does not answer: nobody knows.
control stop-server redis >/dev/null
tool verify --old "$mc" --new "$new" --hosts "$hosts" --for 0.5
says 'the new store is silent' 3 UNKNOWN \
    'node1 the new store does not say'
control start-server redis keep >/dev/null
control stop-server memcached >/dev/null
tool verify --old "$mc" --new "$new" --hosts "$hosts" --step bridge-readers
says 'the old store is silent' 3 'node1 the old store does not say'
control start-server memcached keep >/dev/null
control age memcached 86400000 >/dev/null
control age redis 86400000 >/dev/null

# One tree for both layouts would hold members that never die.
tool plan --old "$zk&sg_prefix=/tooz" --new "$tooz_zk" --hosts "$hosts"
says 'one tree for both' 2 'members that never die'

# ---- wrong use -------------------------------------------------------------

tool verify --old "$mc" --new "$new" --hosts /nowhere
says 'no records' 2 /nowhere
echo 'node1 what' >"$work/bad"
tool verify --old "$mc" --new "$new" --hosts "$work/bad"
says 'a bad record' 2 'line 1'
tool verify --old "$mc" --new "$new"
says 'a store that cannot list' 3 'give --hosts'
tool verify --new "$new"
says 'one store' 2 'two stores are needed'
tool verify --old "$mc" --new "$new" --step nope
says 'no such step' 2 'no such step'
tool nope --old "$mc" --new "$new" --hosts "$hosts"
says 'no such verb' 2 'plan, status and verify'
tool --help
says 'help' 0 'usage: servicegroup migrate' 'Exit status'

# Deprecated: said once, however many handles of it there are.
tool status --old "$mc" --new "$mc&era=mitaka" --hosts "$hosts"
[ "$(grep -c 'nova-mc:// is .* deprecated' "$work/err")" -eq 1 ]
verdict 'the notice is given once in a process' $?
says 'the notice' 0 servicegroup_tooz_url 'release 1.0' \
    driver/guides/from-memcache.md

# ---- a plan, from nova's own file ------------------------------------------

cat >"$work/nova.conf" <<EOF
[DEFAULT]
servicegroup_driver = tooz
servicegroup_tooz_url = $new
servicegroup_bridge_from = mc
memcached_servers = ${mc#nova-mc://}
service_down_time = 2
report_interval = 1
EOF
sed -i 's/?service_down_time=2$//' "$work/nova.conf"
tool plan --config "$work/nova.conf" --hosts "$hosts"
says 'a plan from nova.conf' 0 '1. give every reader' 'drop-old: '
tool status --config "$work/nova.conf" --hosts "$hosts"
says 'status from nova.conf' 0 '4 hosts'

# Both of these stores can list: no records are needed.
member "$zk" node1
tool status --old "$zk" --new "$tooz_zk"
says 'listed by the stores' 0 '^node1 .*UP .*DOWN'

gone "$new2"
echo quit >&4
wait "$fakes"
verdict 'the fakes end' $?
fakes=
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
