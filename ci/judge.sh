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
# that says nothing, is red. Last line: "N passed, N failed".
set -u

[ $# -ge 3 ] || { sed -n '5s/^#  *//p' "$0" >&2; exit 2; }
here=$(dirname "$0")
logs=${LOGS:-build/logs}
kind=$1 name=$2
shift 2
mkdir -p "$logs" || exit 1
"$@" >"$logs/$name.out" 2>"$logs/$name.err" </dev/null
status=$?

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
