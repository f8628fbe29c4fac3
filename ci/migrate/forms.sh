# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# forms.sh - the old memcache store is asked in another form than it has.
#
# Its forms: era (who decides that it is over), key, and the order of servers.
liberty=$mc
mitaka="$mc&era=mitaka&key=sha1"

# pair OLD: the stores, as arguments.
refuses() {
    name=$1 old=$2 wanted=$3
    shift 3
    tool verify --old "$old" --new "$new" --hosts "$hosts" \
        --step bridge-readers
    says "$name" "$wanted" "$@"
}

records node1 node2
member "$liberty" node1
member "$liberty" node2
refuses 'the right form' "$liberty" 0
refuses 'another key' "$liberty&key=sha1" 1 \
    'node1 is up in neither store' 'node2 .*another form (era, key'
refuses 'another era, another key' "$mitaka" 1 'node1 is up in neither store'
refuses 'another era' "$liberty&era=mitaka" 3 \
    'node1 the old store does not say (GARBAGE)'

# The other way round: what has no end of its own is up for ever to who does
# not look at its time, so who is dead holds a step up.
member "$mc&era=mitaka" node3
crashed "$pid"
records node3
refuses 'a newer era, looked at as one' "$mc&era=mitaka" 0
took=0
until tool status --old "$mc&era=mitaka" --new "$new" --hosts "$hosts" &&
    grep -q '^node3 .*DOWN EXPIRED' "$work/out"; do
    took=$((took + 1))
    [ $took -lt 2000 ] || break
done
refuses 'dead, in its own era' "$mc&era=mitaka" 1 'node3 is up in neither'
tool verify --old "$mc" --new "$new" --hosts "$hosts" --for 0
says 'dead, and in the other era up for ever' 1 \
    'node3 is \(up in the old store only\|up in neither store\)'

# Half the fleet has its keys hashed.
records node1 node4
member "$mitaka" node4
refuses 'half of it, one form' "$liberty" 1 'node4 is up in neither store'
silent 'half of it, one form' '^  node1'
refuses 'half of it, the other' "$mitaka" 1 'node1 is up in neither store'
silent 'half of it, the other' '^  node4'

# Two servers: of each key one is the right one.
mkfifo "$work/second"
build/fakes --control 0 --exit-with $$ memcached >"$work/second" 2>/dev/null &
members="$members $!"
read -r second <"$work/second"
second=${second#*://}
both="nova-mc://$server,$second?service_down_time=2"
swapped="nova-mc://$second,$server?service_down_time=2"
records node7 node8
member "$both" node7
member "$both" node8
took=0
until tool verify --old "$both" --new "$new" --hosts "$hosts" \
    --step bridge-readers && [ "$status" -eq 0 ]; do
    took=$((took + 1)) # a server so young may have lost what it held
    [ $took -lt 2000 ] || break
done
refuses 'two servers, in their order' "$both" 0
refuses 'two servers, in another order' "$swapped" 1 \
    'node7 .*order of servers' 'node8 is up in neither'
refuses 'two servers, one of them' "$liberty" 1 'node[78] is up in neither'
