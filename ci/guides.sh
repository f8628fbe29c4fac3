#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# guides.sh - what driver/guides/ tells operators to do is done, and what it
# tells them of is there. Last line: "N passed, N failed".
#
#   sh ci/guides.sh [GUIDE...]      default: all, and the lint
#
# Each guide is one shell, with stores of its own (build/fakes). In it
#
#   ```ini   is nova's configuration file from there on; the first one is what
#            the api and the services of node1 to node3 begin with
#   ```sh    is run, a command a line. It ends with 0, or as its comment says:
#              # ends with 1            that status
#              # ends with 1: TEXT      and it prints TEXT
#              # says: TEXT             status 0, and it prints TEXT
#
# and these stand for an operator's world:
#
#   memcached-host:11211, redis-host:6379, zk-host:2181      the three fakes
#   kilo-zk-host:2181        a ZooKeeper as Kilo and Liberty were released
#   /etc/nova/nova.conf      the file above
#   ssh HOST systemctl restart|stop NAME     nova-api reads the file again;
#            another nova-TOPIC is build/examples/join in that topic, with the
#            file's URL; memcached ends the fake one
#   ssh api1 cat /etc/nova/nova.conf         the file that nova-api has read
#   openstack compute service list      what the api says of all that were
#            started
#
# 60 and 30 s of timeout are 2, 4 s of recv_timeout are 2, a report each 10 s
# is one each second.
set -u

cd "$(dirname "$0")/.." || exit 1
here=$PWD
passed=0 failed=0

# verdict NAME STATUS
verdict() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "guides: $1"
    fi
}

finish() {
    echo "$passed passed, $failed failed"
    [ $failed -eq 0 ]
    exit
}

# ---- a guide ---------------------------------------------------------------

# What is to be done, one shell command each:
#   conf LINE <<end ... end       an ini block
#   run LINE STATUS TEXT <<end    a command
script() {
    awk '
        function quote(s) { gsub(/\047/, "\047\\\047\047", s)
            return "\047" s "\047" }
        function command(s,    status, text) {
            status = 0
            text = ""
            if (match(s, / +# (ends with [0-9]+|says)(: .*)?$/)) {
                text = substr(s, RSTART, RLENGTH)
                s = substr(s, 1, RSTART - 1)
                if (text ~ /ends with/) {
                    status = text
                    sub(/.*ends with /, "", status)
                    sub(/:.*/, "", status)
                }
                if (!sub(/^[^:]*: /, "", text))
                    text = ""
            }
            print "run " at " " status " " quote(text) " <<\047end\047"
            print s
            print "end"
        }
        $0 == "```ini" { on = "ini"; print "conf " NR " <<\047end\047"; next }
        $0 == "```sh" { on = "sh"; line = ""; next }
        $0 == "```" && on == "ini" { print "end" }
        $0 == "```" { on = ""; next }
        on == "ini" { print }
        on == "sh" && line == "" && /^(#|$)/ { next }
        on == "sh" {
            if (line == "")
                at = NR
            line = line $0
            if (sub(/\\$/, "", line))
                next
            command(line)
            line = ""
        }' "$1" | sed "$places"
}

# What one store of the fakes is called here.
place() {
    places="$places;s/$1/${2#*://}/g"
}

start_stores() {
    mkfifo control urls
    "$here/build/fakes" --control - --tick 500 --exit-with $$ \
        redis memcached kazoo <control >urls 2>/dev/null &
    fakes=$!
    exec 4>control 5<urls
    places='s/timeout=\(60\|30\)\>/timeout=2/g'
    places="$places;s/recv_timeout=4000/recv_timeout=2000/g"
    places="$places;s/\(service_down_time *= *\)60/\12/g"
    places="$places;s/\(report_interval *= *\)10/\11/g"
    places="$places;s,/etc/nova/nova.conf,$PWD/nova.conf,g"
    for _ in 1 2 3; do
        read -r url <&5
        case $url in
        redis*) place redis-host:6379 "$url" ;;
        memcached*) place memcached-host:11211 "$url" ;;
        kazoo*) zk=$url ;;
        esac
    done
}

# The released driver put every process under the host "None".
start_kilo() {
    grep -q kilo-zk-host "$1" || return 0
    mkfifo kilo
    "$here/build/fakes" --tick 500 --exit-with $$ kazoo >kilo 2>/dev/null &
    kilo=$!
    read -r url <kilo
    place kilo-zk-host:2181 "$url"
    member "nova-zk://${url#*://}?recv_timeout=2000" compute:None
}

# member URL ID: its process in $pid, once it has joined.
member() {
    rm -f joined
    mkfifo joined
    timeout -k 5 100 "$here/build/examples/join" "$1" "${2%%:*}" "$2" \
        >joined 2>>members.log 4>&- 5<&- &
    pid=$!
    echo "$pid" >>pids
    line=$(timeout 10 head -n 1 joined)
    case $line in
    joined*) ;;
    *) echo "$2 did not join $1: $line"; return 1 ;;
    esac
}

# Ended, and gone from its stores.
part() {
    [ -f "service.$1" ] || return 0
    kill "$(cat "service.$1")" 2>/dev/null
    wait "$(cat "service.$1")" 2>/dev/null
    rm "service.$1"
}

# service HOST NAME restart|stop
service() {
    case $2 in
    memcached)
        echo 'stop-server memcached' >&4
        read -r answer <&5
        return ;;
    nova-api)
        cp nova.conf api.conf && "$work/peek" api.conf >/dev/null
        return ;;
    esac
    part "$2.$1"
    [ "$3" = stop ] && return
    [ "$2" != nova-compute ] || grep -qx "$1" records || echo "$1" >>records
    url=$("$work/peek" nova.conf) && member "$url" "${2#nova-}:$1" &&
        echo "$pid" >"service.$2.$1"
}

ssh() {
    host=$1 verb=$3
    case $2 in
    cat) cat api.conf; return ;;
    systemctl) ;;
    *) return 2 ;;
    esac
    shift 3
    for name in "$@"; do
        service "$host" "$name" "$verb" || return
    done
}

openstack() {
    # Names of hosts hold no space.
    # shellcheck disable=SC2046
    "$work/peek" api.conf compute $(sort records) |
        case $* in
        'compute service list --service nova-compute -f value -c Host -c State')
            cat ;;
        'compute service list --service nova-compute -f value -c Host -c Status')
            sed 's/ .*/ enabled/' ;;
        *) return 2 ;;
        esac
}

conf() {
    cat >nova.conf
    "$work/peek" nova.conf >out 2>&1
    verdict "$guide:$1: $(cat out)" $?
    [ -f records ] && return
    : >records
    for host in node1 node2 node3; do
        ssh $host systemctl restart nova-compute
    done >out 2>&1
    ssh api1 systemctl restart nova-api nova-conductor >>out 2>&1
    verdict "$guide:$1: the services start: $(cat out)" $?
}

run() {
    command=$(cat)
    eval "$command" >out 2>&1 </dev/null
    got=$?
    [ $got -eq "$2" ]
    verdict "$guide:$1: $command: status $got, not $2: $(cat out)" $?
    [ -z "$3" ] || {
        grep -qF -- "$3" out
        verdict "$guide:$1: $command: does not say \"$3\": $(cat out)" $?
    }
}

leave_guide() {
    # Numbers of processes hold no space.
    # shellcheck disable=SC2046
    kill $(cat pids) $kilo $fakes 2>/dev/null
    wait
}

follow() {
    guide=$(basename "$1") kilo=
    mkdir "$work/$guide" && cd "$work/$guide" || exit 1
    : >pids
    PATH=$here/build:$PATH
    start_stores
    trap leave_guide EXIT
    trap 'exit 1' INT TERM
    start_kilo "$here/$1" || exit 1
    place zk-host:2181 "$zk"
    script "$here/$1" >script || exit 1
    . ./script
    echo quit >&4
    finish
}

# ---- what they tell of -----------------------------------------------------

# named TEXT FILE...: as `TEXT`, or as an option at the beginning of a line.
named() {
    text=$1
    shift
    grep -qE -e "\`$text\`" -e "^$text *=" "$@"
}

# Each option of each back end, and each of nova's file.
lint_options() {
    sed -n 's/^ *{"\([a-z_]*\)", SG_OPTION_.*/\1/p' driver/*.c \
        driver/legacy/*.c | sort -u >"$work/options"
    [ "$(wc -l <"$work/options")" -gt 40 ]
    verdict 'the option tables were found' $?
    while read -r option; do
        named "$option" driver/guides/tooz.md driver/guides/from-*.md
        verdict "option \"$option\" of a back end is in no guide" $?
    done <"$work/options"
    sed -n 's/^ *\[[A-Z_]*\] = {"[A-Za-z]*", "\([a-z_]*\)"},.*/\1/p' \
        driver/config.c >"$work/ini"
    [ "$(wc -l <"$work/ini")" -gt 10 ]
    verdict 'the options of config.c were found' $?
    while read -r option; do
        named "$option" driver/guides/*.md
        verdict "option \"$option\" of nova's file is in no guide" $?
    done <"$work/ini"
    # And the other way round: a row of a table of options.
    sed -n '/^| option/,/^$/s/^| `\([a-z_]*\)`.*/\1/p' driver/guides/tooz.md |
        sort -u >"$work/told"
    while read -r option; do
        grep -qx "$option" "$work/options" "$work/ini"
        verdict "tooz.md tells of \"$option\", which nothing reads" $?
    done <"$work/told"
}

# A scenario, a unit test or a file.
exists() {
    [ -e "$1" ] || grep -qxF -- "$1" "$work/names"
}

lint_promises() {
    table=driver/guides/promises.md
    build/default/sg-conformance --list | sed 's/ .*//' >"$work/names"
    cat driver/tests/*.c fakes/tests/*.c conformance/tests/*.c |
        sed -n 's/^UNIT(\([a-z0-9_]*\), *\([A-Za-z0-9_]*\)).*/\1\/\2/p' \
            >>"$work/names"
    sed -n 's/^| \([0-9]*\) |.*/\1/p' $table | tr '\n' ' ' >"$work/rows"
    [ "$(cat "$work/rows")" = "$(seq 26 | tr '\n' ' ')" ]
    verdict "the rows of promises.md are not 1 to 26: $(cat "$work/rows")" $?
    grep '^| [0-9]' $table >"$work/promises"
    while IFS='|' read -r _ number _ where shown _; do
        grep -q '`\|not kept\|out of scope' <<end
$where $shown
end
        verdict "promise $number names nothing, and is not said to be open" $?
        for name in $(echo "$shown" | grep -o '`[^`]*`' | tr -d '`'); do
            exists "$name"
            verdict "promise $number is shown by $name, which is not there" $?
        done
    done <"$work/promises"
}

lint_links() {
    for guide in driver/guides/*.md; do
        for link in $(grep -o '](\([^)#:]*\))' "$guide" |
            sed 's/](\(.*\))/\1/'); do
            [ -e "driver/guides/$link" ]
            verdict "$guide links to $link, which is not there" $?
        done
    done
    for guide in $(sed -n 's/.*\(driver\/guides\/[a-z-]*\.md\).*/\1/p' \
        driver/legacy/*.c); do
        [ -e "$guide" ]
        verdict "a warning names $guide, which is not there" $?
    done
}

# ---- all -------------------------------------------------------------------

# A guide, in a process of its own.
if [ "${1-}" = --follow ]; then
    work=$2
    follow "$3"
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/sg-guides.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
# shellcheck disable=SC2046
"${CC:-cc}" -Wall -Wextra -Werror -Idriver -o "$work/peek" ci/guides/peek.c \
    build/default/libservicegroup.a $(make -s print-libs)
verdict 'peek.c is built' $?
lint=no
[ $# -gt 0 ] || {
    lint=yes
    set -- driver/guides/*.md
}
pids=
for guide in "$@"; do
    grep -q '^```sh$' "$guide" || continue
    timeout -k 5 60 sh ci/guides.sh --follow "$work" "$guide" \
        >"$work/${guide##*/}.out" 2>&1 &
    pids="$pids $!"
done
[ $lint = no ] || {
    lint_options
    lint_promises
    lint_links
}
for pid in $pids; do
    wait "$pid"
done
for said in "$work"/*.md.out; do
    sum=$(tail -n 1 "$said")
    case $sum in
    *[0-9]' passed, '[0-9]*' failed')
        passed=$((passed + ${sum%% *}))
        sum=${sum#*, }
        failed=$((failed + ${sum%% *}))
        sed '$d' "$said" ;;
    *)
        cat "$said"
        verdict "$(basename "$said" .out) did not end" 1 ;;
    esac
done
finish
