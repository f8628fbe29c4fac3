# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# moves.sh - a fleet on its way, and what can hold it up at each point.
stores="--old $mc --new $new --hosts $hosts"

# How many values the old store was asked for.
asked() {
    control count memcached gets | tr -dc 0-9
}

# later ARGUMENT...: verify runs, and has looked some times.
later() {
    timeout 60 build/servicegroup migrate verify "$@" >"$work/late" \
        2>"$work/err" &
    verify=$!
    looks=$(($(asked) + 13))
    while [ "$(asked)" -lt $looks ]; do
        kill -0 $verify || break
    done
}

then_says() {
    wait $verify
    status=$?
    cp "$work/late" "$work/out"
    says "$@"
}

records node1 'node2  # a comment' 'node3 forced_down' 'node4 disabled'

# The literal order: the services were restarted with the old configuration.
member "$mc" node1
old1=$pid
member "$mc" node2
old2=$pid
for step in drop-old switch-readers; do
    # shellcheck disable=SC2086
    refused $step 1 'node1 is up in the old store only; for 0\.[0-9] s' \
        'node2 is up in the old store only' -- $stores
done
for step in bridge-readers roll; do
    # shellcheck disable=SC2086
    refused $step 0 -- $stores
done

# Stopped midway.
gone "$old1"
member "$bridge" node1
refused switch-readers 1 'node2 is up in the old store only' -- \
    --old "$mc" --new "$new" --hosts "$hosts"
json 'for how long' "d['next']['held_up_by'][0]['for_s'] >= 0.1"
json 'for how long it looked' "d['next']['looked_s'] >= 0.1 \
and d['next']['needed_s'] == 0.1"
tool plan --old "$mc" --new "$new" --hosts "$hosts"
says 'a plan midway' 0 '2\. restart the services' 'roll: safe$' \
    'switch-readers: NOT SAFE$' '  node2 is up in the old store only$' \
    'Next.*: roll\.' 'old store: a dead host is up for at most 2.0 s'
tool plan --old "$mc" --new "$new" --hosts "$hosts" --json
json 'a plan midway' "d['next_step'] == 'roll' and \
[s['verdict'] for s in d['steps']] == ['safe', 'safe', 'unsafe', 'unsafe']"

# A host that should be up and is not: dead, or asked for at a wrong place.
records node1 node2 node5
for step in bridge-readers roll switch-readers; do
    tool verify --old "$mc" --new "$new" --hosts "$hosts" --step $step --for 0
    says "$step, a host unknown to both" 1 '^  node5 is up in neither store'
done
records node1 node2 'node3 forced_down' 'node4 disabled'

# The last one comes to the new store only now: it is seen while verify looks.
tool status --old "$mc" --new "$new" --hosts "$hosts"
says 'status' 0 '^node1 .*UP .*UP .*UP$' '^node2 .*UP .*DOWN NOT_A_MEMBER' \
    '1/2 moved, 4 hosts, 2 up in old, 1 in new, 1 in both, 1 only in old, 0'
later --old "$mc" --new "$new" --hosts "$hosts" --for 1.5
gone "$old2"
member "$new" node2
new2=$pid
then_says 'one has just come' 1 \
    'node2 .*\(not been up in the new store for long\|in the old store only\)'

# All are there, and have been for long enough; without --for, for as long as
# the longer memory of the two lasts.
refused drop-old 0 -- --old "$mc" --new "$new" --hosts "$hosts"
json 'all were moved' "d['counts']['only_in_old'] == 0 and \
d['counts']['moved'] == d['counts']['awaited'] == 2"
tool verify --old "$mc" --new "$new&membership_timeout=2.2" --hosts "$hosts"
says 'all were moved' 0 'drop-old: safe, looked for 2' '2\.2 s are needed'
tool plan --old "$mc" --new "$new" --hosts "$hosts"
says 'a plan at the end' 0 'Next.*: switch-readers\.'

# One ends while verify looks: its next life may begin with the old file.
later --old "$mc" --new "$new" --hosts "$hosts" --for 2
gone "$new2"
then_says 'one ended meanwhile' 1 'node2 is up in neither store'
member "$new" node2

# Who is disabled may run machines still, and so may be evacuated.
member "$mc" node4
refused drop-old 1 'node4 is up in the old store only' -- \
    --old "$mc" --new "$new" --hosts "$hosts"
gone "$pid"

# Crashed: the old store remembers it for some time.
member "$mc" node5
records node1 node2 node5
crashed "$pid"
refused drop-old 1 'node5 is up in' -- \
    --old "$mc" --new "$new" --hosts "$hosts"
records node1 node2

# A store that does not answer: nobody knows.
control stop-server redis >/dev/null
refused drop-old 3 'node1 the new store does not say (\(CUT\|UNREACHABLE\))' \
    'node2 the new store does not say' -- \
    --old "$mc" --new "$new" --hosts "$hosts"
tool status --old "$mc" --new "$new" --hosts "$hosts"
says 'status, the new store is silent' 3 'the new store is silent about 2'
echo node1 | timeout 60 build/servicegroup migrate status --old "$mc" \
    --new "$new" --hosts - >"$work/out" 2>"$work/err"
status=$?
says 'status, up in one and unknown in the other' 3 '^node1 .*UP .*UNKNOWN .*UP$'
control start-server redis keep >/dev/null
control stop-server memcached >/dev/null
for step in bridge-readers roll; do
    refused $step 3 'node1 the old store does not say' \
        'node2 the old store does not say' -- \
        --old "$mc" --new "$new" --hosts "$hosts"
done
control start-server memcached keep >/dev/null
age_stores

# One that keeps quiet does not cost a deadline for each host.
control dark redis >/dev/null
seq 300 | sed 's/^/host/' >"$hosts"
tool verify --old "$mc" --new "$new" --hosts "$hosts" --step roll
says 'the new store keeps quiet' 3 \
    'host300 the new store does not say (TIMED_OUT)'
control light redis >/dev/null
records node1 node2
tool status --old "$mc" --new "$new" --hosts "$hosts" --watch=0.1 --for 30
says 'they come back' 0 '2/2 moved'

# A mark in one store only would be lost, or come, with the step.
member "$bridge" node6
/usr/bin/python3 ci/migrate/mark.py "$new" compute compute:node6
records node6
refused switch-readers 0 -- --old "$mc" --new "$new" --hosts "$hosts"
tool verify --old "$new" --new "$mc" --hosts "$hosts" --for 0
says 'a mark that would be lost' 1 \
    'node6 is forced down by a mark in the old store only'
