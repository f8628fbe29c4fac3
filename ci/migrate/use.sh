# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: Apache-2.0
# use.sh - command lines, records and configurations, right and wrong.
records node1 'node2 enabled' 'node3 enabled forced_down' 'node4	disabled'
tool status --old "$mc" --new "$new" --hosts "$hosts"
says 'words of records' 0 '^node2 ' '^node3 .*DOWN forced_down$' \
    '^node4 .*DOWN disabled$' '0/2 moved, 4 hosts'

# wrong NAME PATTERN ARGUMENT...
wrong() {
    name=$1 pattern=$2
    shift 2
    tool "$@"
    says "$name" 2 "$pattern"
}

# wrong_record TEXT PATTERN
wrong_record() {
    printf '# a comment\nnode1\n%b\n' "$1" >"$work/bad"
    wrong "a bad record: $1" "bad, line 3: .*$2" verify --old "$mc" \
        --new "$new" --hosts "$work/bad"
}

wrong_record 'node2 what' '"what" is none of enabled, disabled and forced_down'
wrong_record 'node2 enabled up' '"up"'
wrong_record 'node2 Disabled' '"Disabled"'
wrong_record 'node2 enabled disabled' 'enabled, and disabled'
wrong_record 'node1 forced_down' 'node1 stands in a line before'
wrong_record 'a:b' 'host'
wrong_record "$(printf '%0300d' 0)" '200'
printf 'node1\nnode1 enabled\n' >"$work/bad"
tool status --old "$mc" --new "$new" --hosts "$work/bad"
says 'twice the same is no matter' 0 '1 hosts'
echo node1 | build/servicegroup migrate status --old "$mc" --new "$new" \
    --hosts - >"$work/out" 2>"$work/err"
status=$?
says 'records from stdin' 0 '^node1 '
echo 'x y' | build/servicegroup migrate status --old "$mc" --new "$new" \
    --hosts - >"$work/out" 2>"$work/err"
status=$?
says 'bad ones from stdin' 2 'stdin, line 1'
wrong 'no such file' '/nowhere: No such file' verify --old "$mc" --new "$new" \
    --hosts /nowhere
wrong 'a file that cannot be read' "$work: Is a directory" verify --old "$mc" \
    --new "$new" --hosts "$work"
: >"$work/empty"
wrong 'nobody' 'no host to ask about' verify --old "$mc" --new "$new" \
    --hosts "$work/empty"
tool verify --old "$mc" --new "$new"
says 'a store that cannot list' 3 'give --hosts'

# ---- the command line ------------------------------------------------------

wrong 'one store' 'two stores are needed' verify --new "$new"
wrong 'no such step' 'no such step' verify --old "$mc" --new "$new" --step no
wrong 'no such verb' 'plan, status and verify' no --old "$mc" --new "$new"
wrong 'no verb' 'say: servicegroup migrate' --old "$mc" --new "$new"
wrong 'no seconds' 'for wants seconds' verify --old "$mc" --new "$new" --for x
wrong 'no seconds to watch' 'watch wants' status --old "$mc" --new "$new" \
    --watch=-1
wrong 'watch is for status' 'watch goes with' plan --old "$mc" --new "$new" \
    --watch
wrong 'no such option' 'unrecognized' plan --nope
wrong 'the same store twice' 'the same one' plan --old "$new" --new "$new&db=0"
wrong 'a bridge is two' 'one store each' plan --old "$mc" --new "$bridge"
wrong 'a URL that is none' 'tiemout' plan --old "$mc" --new "$new&tiemout=1"
tool --help
says 'help' 0 'usage: servicegroup migrate' 'Exit status'
tool verify --old "$mc" --new "$new" --hosts "$hosts" --step roll >/dev/null
build/servicegroup migrate status --old "$mc" --new "$new" --hosts "$hosts" \
    >/dev/full 2>"$work/err"
status=$?
says 'nowhere to write' 4

# Interrupted, verify has no answer.
: >"$work/err"
build/servicegroup migrate verify --old "$mc" --new "$new" --hosts "$hosts" \
    --for 60 >"$work/out" 2>"$work/err" &
verify=$!
until grep -q deprecated "$work/err"; do
    kill -0 $verify || break
done
kill -INT $verify
wait $verify
status=$?
says 'verify is interrupted' 4 interrupted
[ ! -s "$work/out" ]
verdict 'verify is interrupted: no verdict' $?

# ---- notices ---------------------------------------------------------------

# Deprecated: said once, however many handles of it there are.
tool status --old "$mc" --new "$mc&era=mitaka" --hosts "$hosts" --json
[ "$(grep -c 'nova-mc:// is .* deprecated' "$work/err")" -eq 1 ]
verdict 'the notice is given once in a process' $?
says 'the notice' 0 servicegroup_tooz_url 'release 1.0' \
    driver/guides/from-memcache.md
! grep -q deprecated "$work/out"
verdict 'the notice is not in the document' $?
tool status --old "$zk" --new "$mc" --hosts "$hosts"
[ "$(grep -c 'nova-[mz][ck]:// is .* deprecated' "$work/err")" -eq 2 ]
verdict 'two old stores, two notices' $?
tool status --old "$tooz_zk" --new "$new" --hosts "$hosts"
! grep -q deprecated "$work/err"
verdict 'no old store, no notice' $?

# ---- nova's own file -------------------------------------------------------

# conf NAME LINE...
conf() {
    file=$work/$1.conf
    shift
    printf '[DEFAULT]\n' >"$file"
    printf '%s\n' "$@" >>"$file"
}

times='service_down_time = 2
report_interval = 1'
conf both 'servicegroup_driver = tooz' "servicegroup_tooz_url = $new" \
    'servicegroup_bridge_from = mc' "memcached_servers = $server" "$times"
conf old 'servicegroup_driver = mc' "memcached_servers = $server" "$times"
conf new 'servicegroup_driver = tooz' "servicegroup_tooz_url = $new"
conf url 'servicegroup_driver = tooz' \
    "servicegroup_tooz_url = bridge://?new=$new%26db=0&old=$mc%26key=raw"
member "$mc" node1
member "$new" node2
for file in both url; do
    tool status --config "$work/$file.conf" --hosts "$hosts"
    says "stores from $file.conf" 0 '^node1 .*UP .*DOWN' '^node2 .*DOWN .*UP '
done
tool status --config "$work/old.conf" --config "$work/new.conf" \
    --hosts "$hosts"
says 'stores from two files' 0 '^node1 .*UP .*DOWN' '^node2 .*DOWN .*UP '
tool plan --config "$work/old.conf" --new "$new" --hosts "$hosts"
says 'one of a file, one of a URL' 0 '1\. give every reader' 'drop-old: '
wrong 'one store in a file' 'servicegroup_bridge_from' plan \
    --config "$work/new.conf" --hosts "$hosts"
wrong 'no such configuration' '/nowhere' plan --config /nowhere
conf db 'servicegroup_driver = db'
wrong 'the database' 'leaves alone' plan --config "$work/db.conf"

# nova's rule: who may not miss a report gets more time, with a warning.
conf short 'servicegroup_driver = tooz' "servicegroup_tooz_url = $new" \
    'servicegroup_bridge_from = mc' "memcached_servers = $server" \
    'report_interval = 2' 'service_down_time = 2'
tool plan --config "$work/short.conf" --hosts "$hosts"
says 'service_down_time is too short' 0 'was taken for 5 s' \
    'old store: a dead host is up for at most 5.0 s'
