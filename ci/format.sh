#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# format.sh - clang-format, in place or as a check.
#
#   sh ci/format.sh [--check] [FILE...]     default: every source
set -u

cd "$(dirname "$0")/.." || exit 1
check=no
[ "${1-}" != --check ] || { check=yes; shift; }
[ $# -gt 0 ] || {
    # Names of ours hold no space.
    # shellcheck disable=SC2046
    set -- $(find driver fakes conformance ci -name '*.[ch]' | sort)
}
command -v clang-format >/dev/null || {
    echo 'format: no clang-format: sh ci/packages.sh check' >&2
    exit 1
}
if [ $check = no ]; then
    clang-format -i "$@"
    exit
fi
mkdir -p build/logs || exit 1
said=$(mktemp build/logs/format.XXXXXX) || exit 1
trap 'rm -f "$said"' EXIT
printf '%s\n' "$@" |
    xargs -P 2 -n 20 clang-format --dry-run -Werror >"$said" 2>&1
status=$?
if [ $status = 0 ] && [ ! -s "$said" ]; then
    echo '1 passed, 0 failed'
    exit 0
fi
bad=$(sed -n 's/^\([^:]*\.[ch]\):[0-9].*clang-format-violations.*/\1/p' \
    "$said" | sort -u)
[ -n "$bad" ] || cat "$said"
for file in $bad; do
    echo "$file: make format would change it:"
    clang-format "$file" | diff -u "$file" - | sed -n '3,10p'
done
echo "0 passed, 1 failed"
exit 1
