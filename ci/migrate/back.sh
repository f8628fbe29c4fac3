# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# back.sh - is it safe to go back? The same questions, the stores exchanged.
back="--old $new --new $mc --hosts $hosts"

# on URL: both hosts anew, with that.
on() {
    for host in $members; do
        gone "$host"
    done
    member "$1" node1
    member "$1" node2
    last=$pid
}

records node1 node2
on "$mc"
# shellcheck disable=SC2086
refused switch-readers 0 -- $back

# Services on the new store: to readers of the old one all would be down.
on "$new"
for step in switch-readers drop-old; do
    # shellcheck disable=SC2086
    refused $step 1 'node1 is up in the old store only' \
        'node2 is up in the old store only' -- $back
done

# They go back one by one; the readers keep the bridge.
gone "$last"
member "$mc" node2
# shellcheck disable=SC2086
refused switch-readers 1 'node1 is up in the old store only' -- $back
refused switch-readers 1 'node2 is up in the old store only' -- \
    --old "$mc" --new "$new" --hosts "$hosts"

# Who writes both leaves the readers free, either way.
on "$bridge"
# shellcheck disable=SC2086
refused switch-readers 0 -- $back
refused switch-readers 0 -- --old "$mc" --new "$new" --hosts "$hosts"

# The store to go back to is gone, or came back empty.
control stop-server memcached >/dev/null
# shellcheck disable=SC2086
refused bridge-readers 3 'node1 the new store does not say' \
    'node2 the new store does not say' -- $back
on "$new"
control start-server memcached empty >/dev/null
age_stores
# shellcheck disable=SC2086
refused switch-readers 1 'node1 is up in the old store only' \
    'node2 is up in the old store only' -- $back
