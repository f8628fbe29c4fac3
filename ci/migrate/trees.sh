# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# trees.sh - moving from ZooKeeper: its layouts, and who is left in its tree.
#
# Both stores list who is up: no records are needed, and who is missing in the
# records is found all the same.
member "$zk" node1
tool status --old "$zk" --new "$tooz_zk"
says 'listed by the stores' 0 '^node1 .*UP .*DOWN' '0/1 moved'
refused drop-old 1 'node1 is up in the old store only' -- \
    --old "$zk" --new "$tooz_zk"
member "bridge://?new=$tooz_zk&old=$zk" node2
records node2
refused drop-old 1 'node1 is up in the old store only' -- \
    --old "$zk" --new "$tooz_zk" --hosts "$hosts"

# A new host, with the old configuration, while verify looks; in Juno's form.
member "$tooz_zk" node1
timeout 60 build/servicegroup migrate verify --old "$zk" --new "$tooz_zk" \
    --for 2.5 >"$work/out" 2>"$work/err" &
verify=$!
member "$zk&layout=juno" node9
juno=$pid
wait $verify
status=$?
says 'a new host has the old file' 1 'node9 is up in the old store only'
gone "$juno"

# The node of a host stays when its last process ends: a ghost in one tree.
refused switch-readers 0 -- --old "$zk" --new "$tooz_zk"
member "$zk" node3
gone "$pid"
tool status --old "$zk" --new "$tooz_zk"
silent 'a ghost' node3
records node1 node2 node3
refused roll 1 'node3 is up in neither store' -- \
    --old "$zk" --new "$tooz_zk" --hosts "$hosts"
records node1 node2 'node3 forced_down'
refused drop-old 0 -- --old "$zk" --new "$tooz_zk" --hosts "$hosts"

# One tree for both layouts would hold members that never die.
for tree in /tooz tooz/ /%74ooz; do
    tool plan --old "$zk&sg_prefix=$tree" --new "$tooz_zk"
    says "one tree for both: $tree" 2 'members that never die'
done
tool plan --old "$zk" --new "$tooz_zk&namespace=servicegroups"
says 'one tree for both, by its namespace' 2 'members that never die'
tool plan --new "$zk" --old "$tooz_zk&namespace=servicegroups"
says 'one tree for both, on the way back' 2 'members that never die'
cat >"$work/nova.conf" <<end
[DEFAULT]
servicegroup_driver = tooz
servicegroup_tooz_url = $tooz_zk&namespace=servicegroups
servicegroup_bridge_from = zk
[zookeeper]
address = ${zk#*://}
end
sed -i 's/?recv_timeout=2000$//' "$work/nova.conf"
tool plan --config "$work/nova.conf"
says 'one tree for both, by the configuration' 2 'members that never die'

# As released in Kilo and Liberty: every host is named None.
kilo="$zk&sg_prefix=/kilo"
member "$kilo" None
records node1 node2
for step in bridge-readers roll switch-readers drop-old; do
    refused $step 3 'node1 the old store does not say (GARBAGE)' \
        'node2 the old store does not say (GARBAGE)' -- \
        --old "$kilo" --new "$tooz_zk" --hosts "$hosts"
done
tool verify --old "$kilo" --new "$tooz_zk"
says 'no names, no records' 3
