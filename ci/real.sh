#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# real.sh - starts a real server on a free port of loopback, and what happens
# to servers: killed, started again with or without its data, paused, resumed.
#
# Each verb returns 0 when it is done: after a start the server answers, after
# a pause every thread of it stands. Status 4: this server cannot do that.
# REAL_OWNER=PID: the servers end with that process, however it ends.
# REAL_TICK=MS: ZooKeeper's tickTime, if not 250.
set -u

usage() {
    cat >&2 <<'EOF'
usage: sh ci/real.sh DIR start redis|memcached|zookeeper|ensemble
       sh ci/real.sh DIR kill         SIGKILL, now
       sh ci/real.sh DIR kill-leader  the same, the ensemble's leader alone
       sh ci/real.sh DIR start-keep   start what does not run, with its data
       sh ci/real.sh DIR start-empty  start again without data
       sh ci/real.sh DIR pause        SIGSTOP
       sh ci/real.sh DIR resume       SIGCONT
       sh ci/real.sh DIR stop         end everything that start began
start prints url=..., and for ZooKeeper tick=... (milliseconds).
EOF
    exit 2
}

die() {
    echo "real.sh: $*" >&2
    exit 1
}

[ $# -ge 2 ] || usage
verb=$2
root=$(cd "$(dirname "$0")/.." && pwd) || exit 1
real=$root/build/real
[ "$verb" != start ] || mkdir -p "$1" || exit 1
dir=$(cd "$1" 2>/dev/null && pwd) || die "no directory $1"
[ -x "$real" ] || make -s -C "$root" build/real >&2 || exit 1

tick=${REAL_TICK:-250} # ms: sessions of 500 ms to 5 s
jar=${ZOOKEEPER_JAR:-/usr/share/java/zookeeper.jar}

# Where Debian puts servers is not on every user's path.
PATH=$PATH:/usr/sbin:/sbin

read_state() {
    kind='' ports='' servers=''
    [ -f "$dir/state" ] || die "nothing was started in $dir"
    # shellcheck disable=SC1091
    . "$dir/state"
}

# port N: the client port of server N.
port() {
    echo "$ports" | cut -d' ' -f"$1"
}

# ---- what each kind of server is run with --------------------------------

# The log is written before each answer, so a kill loses nothing answered;
# fsync is for the machine's death and would only cost time.
run_redis() {
    mkdir -p "$dir/1/data"
    "$real" launch "$dir/1/process" "$dir/1/log" \
        redis-server --port "$(port 1)" --bind 127.0.0.1 --hz 100 \
        --save '' --appendonly yes --appendfsync no \
        --auto-aof-rewrite-percentage 0 --dir "$dir/1/data"
}

# -u: root must name a user. It is root again, for the owner of a socket of
# another user's process cannot be told in a container.
run_memcached() {
    mkdir -p "$dir/1"
    "$real" launch "$dir/1/process" "$dir/1/log" \
        memcached -u "$(id -un)" -l 127.0.0.1 -p "$(port 1)" -U 0 -m 64 -t 1
}

# Elections talk again within a second: by default two servers that missed
# each other wait longer and longer, up to a minute. Spent containers stay for
# a day: when the server looks for them (each minute) no script can know.
run_zookeeper() {
    [ -f "$jar" ] || die "no $jar"
    mkdir -p "$dir/$1/data"
    zoo_cfg "$1" >"$dir/$1/zoo.cfg"
    echo "$1" >"$dir/$1/data/myid"
    "$real" launch "$dir/$1/process" "$dir/$1/log" \
        java -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
        -XX:-UsePerfData -Djava.net.preferIPv4Stack=true \
        -Dzookeeper.forceSync=no \
        -Dznode.container.checkIntervalMs=86400000 \
        -Dzookeeper.fastleader.maxNotificationInterval=1000 \
        -cp "$jar" org.apache.zookeeper.server.quorum.QuorumPeerMain \
        "$dir/$1/zoo.cfg"
}

zoo_cfg() {
    cat <<EOF
tickTime=$tick
dataDir=$dir/$1/data
clientPort=$(port "$1")
clientPortAddress=127.0.0.1
maxClientCnxns=0
admin.enableServer=false
4lw.commands.whitelist=*
EOF
    [ "$kind" = ensemble ] || return 0
    # In ticks. A busy machine starts three virtual machines slowly.
    cat <<EOF
initLimit=100
syncLimit=20
server.1=127.0.0.1:$(port 4):$(port 7)
server.2=127.0.0.1:$(port 5):$(port 8)
server.3=127.0.0.1:$(port 6):$(port 9)
EOF
}

launch() {
    case $kind in
    redis) run_redis ;;
    memcached) run_memcached ;;
    *) run_zookeeper "$1" ;;
    esac
}

# Only a server that serves says so: Redis answers LOADING and ZooKeeper "not
# currently serving" before that.
await() {
    case $kind in
    redis) set -- "$1" "PING$crlf" +PONG 20000 ;;
    memcached) set -- "$1" "version$crlf" VERSION 20000 ;;
    zookeeper) set -- "$1" srvr 'Mode: ' 60000 ;;
    ensemble) set -- "$1" srvr 'Mode: ' 120000 ;;
    esac
    "$real" await "$dir/$1/process" "$(port "$1")" "$2" "$3" "$4"
}
# A substitution would cut the line's end off.
crlf=$(printf '\r\n.')
crlf=${crlf%.}

# ---- verbs -----------------------------------------------------------------

is_gone() {
    "$real" is "$dir/$1/process" gone
}

start_missing() {
    for n in $servers; do
        ! is_gone "$n" || launch "$n" || return 1
    done
    for n in $servers; do
        await "$n" || return 1
    done
}

# signal NAME: to every server, then waits for each.
signal() {
    worst=0
    for n in $servers; do
        "$real" signal "$dir/$n/process" "$1" 10000 || worst=1
    done
    return $worst
}

url() {
    case $kind in
    redis) echo "redis://127.0.0.1:$(port 1)" ;;
    memcached) echo "memcached://127.0.0.1:$(port 1)" ;;
    zookeeper) echo "kazoo://127.0.0.1:$(port 1)" ;;
    ensemble)
        echo "kazoo://127.0.0.1:$(port 1),127.0.0.1:$(port 2),127.0.0.1:$(port 3)"
        ;;
    esac
}

choose_ports() {
    case $kind in
    ensemble) n_ports=9 servers='1 2 3' ;;
    redis | memcached | zookeeper) n_ports=1 servers=1 ;;
    *) usage ;;
    esac
    ports=$("$real" free $n_ports | tr '\n' ' ')
    [ -n "$ports" ] || die 'no free port'
    printf "kind='%s'\nports='%s'\nservers='%s'\n" \
        "$kind" "$ports" "$servers" >"$dir/state"
}

tell_log() {
    for n in $servers; do
        tail -n 5 "$dir/$n/log" 2>/dev/null
    done >&2
}

# Somebody may take a port between our look and the server's.
start() {
    case ${1-} in
    redis | memcached | zookeeper | ensemble) ;;
    *) usage ;;
    esac
    [ ! -f "$dir/state" ] || stop || die "cannot stop what runs in $dir"
    kind=$1
    rm -f "$dir"/[123]/log
    for try in 1 2 3; do
        choose_ports
        if start_missing; then
            echo "url=$(url)"
            case $kind in zookeeper | ensemble) echo "tick=$tick" ;; esac
            return 0
        fi
        tell_log
        echo "real.sh: $kind did not start, attempt $try" >&2
        signal KILL
        wipe
    done
    rm -f "$dir/state"
    return 1
}

# All but the logs, which whoever looks for a failure's cause wants.
wipe() {
    for n in $servers; do
        rm -rf "${dir:?}/$n/data" "$dir/$n/process" "$dir/$n/zoo.cfg"
    done
}

start_keep() {
    if [ "$kind" = memcached ]; then
        echo 'real.sh: memcached cannot keep its data' >&2
        exit 4
    fi
    start_missing
}

kill_leader() {
    [ "$kind" = ensemble ] || exit 4
    for n in $servers; do
        "$real" await "$dir/$n/process" "$(port "$n")" srvr 'Mode: leader' 0 \
            2>/dev/null || continue
        "$real" signal "$dir/$n/process" KILL 10000
        return
    done
    die 'no leader'
}

stop() {
    read_state
    signal KILL || return 1
    wipe
    rm -f "$dir/state"
}

case $verb in
start) start "${3-}" ;;
stop) [ ! -f "$dir/state" ] || stop ;;
kill) read_state && signal KILL ;;
kill-leader) read_state && kill_leader ;;
start-keep) read_state && start_keep ;;
start-empty) read_state && signal KILL && wipe && start_missing ;;
pause) read_state && signal STOP ;;
resume) read_state && signal CONT ;;
*) usage ;;
esac
