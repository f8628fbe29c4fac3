# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# readers.sh - who reads which store is in no store, but in their files.

# conf NAME LINE...: a configuration.
conf() {
    file=$work/$1.conf
    shift
    printf '[DEFAULT]\nservice_down_time = 2\nreport_interval = 1\n' >"$file"
    printf '%s\n' "$@" >>"$file"
}

conf old 'servicegroup_driver = mc' "memcached_servers = $server"
conf new 'servicegroup_driver = tooz' "servicegroup_tooz_url = $new"
conf both 'servicegroup_driver = tooz' "servicegroup_tooz_url = $new" \
    'servicegroup_bridge_from = mc' "memcached_servers = $server"
conf turned 'servicegroup_driver = tooz' \
    "servicegroup_tooz_url = bridge://?new=$mc&old=$new"
conf other 'servicegroup_driver = tooz' \
    'servicegroup_tooz_url = redis://127.0.0.1:1'
conf db 'servicegroup_driver = db'
conf form 'servicegroup_driver = mc' "memcached_servers = $server" \
    'servicegroup_mc_era = mitaka'

# with STEP STATUS WORD... -- FILE...: verify with these as api1, api2, ...
with() {
    step=$1 wanted=$2
    shift 2
    words=
    while [ "$1" != -- ]; do
        words="$words $1"
        shift
    done
    shift
    n=0 arguments=
    for file in "$@"; do
        n=$((n + 1))
        arguments="$arguments --reader api$n=$work/$file.conf"
    done
    # shellcheck disable=SC2086
    tool verify --old "$mc" --new "$new" --hosts "$hosts" --for 0.2 \
        --step "$step" $arguments
    says "$step, readers of $*" "$wanted" "^$step: "
    for word in $words; do
        grep -q "^  $word .*read" "$work/out"
        verdict "$step, readers of $*: does not name $word" $?
    done
    [ "$(grep -c '^  api' "$work/out")" -eq "$(echo "$words" | wc -w)" ]
    verdict "$step, readers of $*: names others, too" $?
}

member "$mc" node1
old=$pid
records node1
with bridge-readers 0 -- old both
with bridge-readers 1 api2 -- old other
with bridge-readers 1 api1 -- form
with roll 1 api1 -- old both
with roll 1 api2 -- both new
with roll 0 -- both turned
tool plan --old "$mc" --new "$new" --hosts "$hosts" --reader "$work/old.conf"
says 'a plan at the beginning' 0 'Next.*: bridge-readers\.' \
    '^  .*/old.conf reads the old store only'
tool plan --old "$mc" --new "$new" --hosts "$hosts" \
    --reader "api1=$work/both.conf"
says 'a plan before the roll' 0 'Next.*: roll\.'
tool verify --old "$mc" --new "$new" --hosts "$hosts" --step roll
says 'no reader is told of' 0 'no store knows who reads it: give --reader'

# Computes on the new store, readers on the old one: all are down to them.
gone "$old"
member "$new" node1
with switch-readers 0 -- both both
with switch-readers 0 -- old new
with drop-old 1 api1 -- old
with drop-old 1 api1 -- both new
with drop-old 0 -- new new
tool verify --old "$mc" --new "$new" --hosts "$hosts" --for 0.2 --json \
    --reader "api1=$work/old.conf"
says 'as JSON' 1
json 'as JSON' "d['next']['held_up_by'] == [{'reader': 'api1', \
'why': 'still reads the old store'}] and d['next']['readers'] == 1"
tool plan --old "$mc" --new "$new" --hosts "$hosts" \
    --reader "api1=$work/new.conf"
says 'a plan before the end' 0 'Next.*: drop-old\.'

# The file of one that cannot be judged.
for file in db nowhere; do
    tool verify --old "$mc" --new "$new" --hosts "$hosts" \
        --reader "api1=$work/$file.conf"
    says "a reader's file: $file" 2 "$file.conf"
done
