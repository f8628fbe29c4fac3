#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# judge.sh - runs one program and judges it by what it said and by its status.
#
#   sh ci/judge.sh KIND NAME CMD...
#
# KIND is how the program speaks: `units` (ci/unit.c), `criterion`, `fake`
# (the runner's TAP; a skip is red, nothing may be skipped on a fake) or
# `real` (TAP; a skip is shown). Its output goes to $LOGS/NAME.out and .err;
# what is red is shown. A program that says all is well and ends otherwise, or
# that says nothing, or that has not ended after $LIMIT seconds (300), is red.
# Last line: "N passed, N failed".
set -u

[ $# -ge 3 ] || { sed -n '5s/^#  *//p' "$0" >&2; exit 2; }
here=$(dirname "$0")
logs=${LOGS:-build/logs}
kind=$1 name=$2
shift 2
mkdir -p "$logs" || exit 1
limit=${LIMIT:-300}
# timeout makes a group of its own, so that it ends what the program forked
# too. A signal to us must be carried there, and a shell heeds one at once only
# while it waits.
timeout -k 5 "$limit" "$@" >"$logs/$name.out" 2>"$logs/$name.err" </dev/null &
child=$!
trap 'kill -TERM $child; exit 143' INT TERM HUP
wait $child
status=$?
trap - INT TERM HUP
echo "status $status" >"$logs/$name.status"
[ $status != 124 ] ||
    echo "judge: it did not end in $limit s" >>"$logs/$name.err"

case $kind in
units) set -- units.awk "$logs/$name.out" ;;
criterion) set -- criterion.awk "$logs/$name.err" ;;
fake | real) set -- tap.awk "$logs/$name.out" ;;
*) echo "judge.sh: no kind $kind" >&2; exit 2 ;;
esac
words=$(awk -v status=$status -v kind="$kind" -f "$here/judge/$1" "$2")
case $words in
*' passed, 0 failed') ;;
*)
    echo "--- $name, status $status; of $logs/$name.err:"
    # A sanitizer says the cause first, a runner last.
    awk '{ line[NR] = $0 } END { for (i = 1; i <= NR; i++)
        if (i <= 40 || i > NR - 20) print line[i] }' "$logs/$name.err"
    echo '---'
    ;;
esac
echo "$words"
case $words in
*' passed, 0 failed') exit 0 ;;
esac
exit 1
