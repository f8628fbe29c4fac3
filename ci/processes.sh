#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# processes.sh - members that are processes, killed and stopped by signals.
#
#   sh ci/processes.sh [PLACE...]  redis memcached zookeeper ensemble;
#                                  default: the first three
#
# Each member is a build/sg-agent with its own heart's thread, on a real server
# that is started here. The bounds are the driver's own (its verb `bounds`),
# with what conformance/place.c grants the machine beside them.
set -u

cd "$(dirname "$0")/.." || exit 1
logs=build/logs/processes
limit=${PROCESS_LIMIT:-150}    # seconds for one place
grain=150                      # ms: see conformance/place.c
deadline=500

# ---- members ---------------------------------------------------------------

# A member is a letter, with descriptors of two pipes that stay open when it
# dies; and no shell gives more than seven.
fds_of() {
    case $1 in
    a) in=3 out=4 ;;
    b) in=5 out=6 ;;
    c) in=7 out=8 ;;
    esac
}

spawn() {
    fds_of "$1"
    rm -f "$dir/$1".in "$dir/$1".out
    mkfifo "$dir/$1.in" "$dir/$1.out" || return 1
    eval "exec $in<>\"$dir/$1.in\" $out<>\"$dir/$1.out\""
    build/sg-agent <"$dir/$1.in" >"$dir/$1.out" 2>>"$logs/$place.$1" &
    eval "pid_$1=$!"
    ask "$1" open "$url" "$1" timeout=$T deadline=$deadline ${tick:+tick=$tick}
}

say() {
    fds_of "$1"
    shift
    echo "$*" >&$in
}

# hear MEMBER: its next answer into `said`, the words of an `ok` into 1..4.
hear() {
    fds_of "$1"
    read -r said <&$out
    set -- $said
    [ "$1" = ok ] || { echo "    $said"; return 1; }
    word1=${2-} word2=${3-} word3=${4-} word4=${5-}
}

ask() {
    say "$@" && hear "$1"
}

signal() {
    eval "kill -$1 \$pid_$2"
}

# join MEMBER: its epoch into epoch_MEMBER. What a busy server has not
# confirmed by the deadline the heart brings about.
join() {
    ask "$1" join g || return 1
    if [ "$word1" = pending ]; then
        ask "$1" await g "$1" UP 10000 && eval "epoch_$1=$word4"
    else
        eval "epoch_$1=$word1"
    fi
}

# ---- what must be so -------------------------------------------------------

check() {
    name=$1
    shift
    if "$@" >"$dir/why"; then
        passed=$((passed + 1))
        echo "ok - $place $name${note:+ ($note)}"
    else
        failed=$((failed + 1))
        echo "not ok - $place $name"
        cat "$dir/why"
    fi
    note=
}

fail() {
    echo "    $*"
    return 1
}

# A DOWN later than T - early after `beat_at`, and by T + late after `hit_at`.
is_within() {
    soonest=$((beat_at + T - early - grain))
    latest=$((hit_at + T + late + grain))
    note="DOWN $(($1 - hit_at)) ms after the signal"
    [ "$1" -ge $soonest ] || fail "$note: $((soonest - $1)) ms too early" ||
        return 1
    [ "$1" -le $latest ] || fail "$note: $(($1 - latest)) ms too late"
}

# hit SIGNAL MEMBER: just after a beat, so that its last one is known.
hit() {
    ask "$2" beat && beat_at=$word1 || return 1
    signal "$1" "$2"
    ask c clock && hit_at=$word1
}

# A server that came up less than T ago may have lost what it held, and nobody
# is told DOWN before that: of a name that never was, too.
all_are_up() {
    for one in a b c; do
        ask $one await g nobody DOWN 5000 || return 1
        for other in a b c; do
            ask $one await g $other UP 5000 || return 1
        done
        ask $one list g && [ "$said" = 'ok a b c' ] || fail "$said" || return 1
    done
}

# While nothing happens no heart lets anybody down: over two lives.
nobody_goes() {
    ask a standing g && safe=$word3 && [ "$word1" = JOINED ] || return 1
    [ "$safe" -gt 0 ] && [ "$safe" -le "$T" ] || fail "safe for $safe ms" ||
        return 1
    say c await g b DOWN $((2 * T))
    ! hear c && ask a standing g && [ "$word2" = "$epoch_a" ]
}

a_killed_one_goes() {
    hit KILL a && ask c await g a DOWN $((3 * T + late)) || return 1
    is_within "$word1" && ask b await g a DOWN $((late + grain)) &&
        ask b await g c UP 0 && ask c await g b UP 0 &&
        ask c list g && { [ "$said" = 'ok b c' ] || fail "$said"; }
}

# Its old self may still have an entry: the name is taken over.
a_new_one_comes() {
    old=$epoch_a
    spawn a && join a && ask c await g a UP 5000 "$old" || return 1
    [ "$word4" = "$epoch_a" ] || fail "its epoch is $epoch_a, not $word4" ||
        return 1
    ask b await g a UP 5000 "$old"
}

a_short_stop_is_nothing() {
    hit STOP b && say c await g b DOWN $((T / 3))
    ! hear c || fail 'it was DOWN' || return 1
    signal CONT b
    ask b beat && ask c who g b && [ "$word2 $word4" = "UP $epoch_b" ] ||
        fail "$said, epoch was $epoch_b"
}

a_stopped_one_goes() {
    hit STOP b && ask c await g b DOWN $((3 * T + late)) || return 1
    is_within "$word1"
}

it_stays_down() {
    say c await g b UP $((T / 2))
    ! hear c && ask a await g b DOWN 0
}

# By itself: nobody asks it for anything until it is UP.
it_comes_back() {
    ask c clock && back_at=$word1
    signal CONT b
    ask c await g b UP $((5 * T)) "$epoch_b" || return 1
    note="UP $((word1 - back_at)) ms after SIGCONT"
    [ $((word1 - back_at)) -le $((beat + deadline + grain)) ] ||
        fail "$note, more than $beat + $deadline + $grain" || return 1
    epoch=$word4
    ask b standing g && [ "$word1 $word2" = "JOINED $epoch" ] ||
        fail "it says $said, others $epoch"
}

one_that_leaves_is_gone() {
    ask b close && ask c who g b || return 1
    [ "$word2 $word3" = 'DOWN NOT_A_MEMBER' ] || fail "$said"
}

play() {
    passed=0 failed=0 note=
    epoch_a=0 epoch_b=0
    check 'three start' start_all
    [ $failed = 0 ] || return
    check 'all are UP' all_are_up
    check 'nobody goes' nobody_goes
    check 'a killed one goes' a_killed_one_goes
    check 'a new one of its name comes' a_new_one_comes
    check 'a short stop is nothing' a_short_stop_is_nothing
    check 'a stopped one goes' a_stopped_one_goes
    check 'it stays DOWN' it_stays_down
    check 'it comes back by itself' it_comes_back
    check 'one that leaves is gone' one_that_leaves_is_gone
    check 'two are left' ask c list g
    ask a close
    ask c close
}

start_all() {
    for one in a b c; do
        spawn $one && join $one || return 1
    done
    ask c bounds || return 1
    [ "$word1" = "$T" ] || fail "T is $word1" || return 1
    early=$word2 late=$word3 beat=$word4
}

one() {
    pid_a='' pid_b='' pid_c=''
    trap 'kill -KILL $pid_a $pid_b $pid_c 2>/dev/null' EXIT
    trap 'exit 143' INT TERM HUP
    case $place in
    memcached | ensemble) T=2000 ;;
    *) T=1000 ;;
    esac
    play
    echo "$passed passed, $failed failed"
}

if [ "${1-}" = --one ]; then
    dir=$2 place=$3 url=$4 tick=${5-}
    one
    exit 0
fi

# ---- all of them -----------------------------------------------------------

end() {
    [ -z "$child" ] || kill -TERM $child 2>/dev/null
    for state in "$work"/*/state; do
        [ ! -f "$state" ] || sh ci/real.sh "${state%/state}" stop
    done
    rm -rf "$work"
}

rm -rf $logs
mkdir -p $logs || exit 1
${MAKE:-make} build/sg-agent build/real >$logs/build 2>&1 || {
    tail -n 40 $logs/build
    echo '0 passed, 1 failed'
    exit 1
}
[ $# -gt 0 ] || set -- redis memcached zookeeper
work=$(mktemp -d "${TMPDIR:-/tmp}/sg-processes.XXXXXX") || exit 1
REAL_OWNER=$$       # whatever happens to this shell, the servers end with it
export REAL_OWNER
child=
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# One place after the other: bounds of a second leave room for no neighbour.
for place in "$@"; do
    dir=$work/$place
    mkdir "$dir"
    if sh ci/real.sh "$dir" start "$place" >"$dir.started"; then
        url=$(sed -n 's/^url=//p' "$dir.started")
        tick=$(sed -n 's/^tick=//p' "$dir.started")
        timeout -k 5 "$limit" sh ci/processes.sh --one "$dir" "$place" \
            "$url" "$tick" >"$dir.said" 2>&1 &
        child=$!
        wait $child
        child=
        grep -v '^[0-9]* passed, ' "$dir.said"
        sh ci/real.sh "$dir" stop
    else
        echo "processes: $place did not start"
    fi
    words=$(tail -n 1 "$dir.said" | grep -E '^[0-9]+ passed, [0-9]+ failed$')
    echo "${words:-0 passed, 1 failed}" >>"$work/words"
done
words=$(awk -f ci/judge/sum.awk "$work/words")
echo "$words"
[ "${words##*, }" = '0 failed' ] && [ "${words%% *}" != 0 ]
