#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# headers.sh - every header compiles alone and twice; the public ones as
# plain C11 and as C++17; driver and fakes do not include each other.
#
#   sh ci/headers.sh [HEADER...]       default: every header
set -u

cd "$(dirname "$0")/.." || exit 1
CC='' BASE='' WARNINGS='' GEN=''
# shellcheck disable=SC1091
. build/default/flags || exit 1
passed=0 failed=0

# try NAME CMD...: the header twice on standard input.
try() {
    name=$1 header=$2
    shift 2
    if printf '#include "%s"\n#include "%s"\n' "${header##*/}" "${header##*/}" |
        "$@" -I"${header%/*}" -fsyntax-only - 2>build/headers.err; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$header: $name:"
        head -n 12 build/headers.err
    fi
}

# shellcheck disable=SC2086
alone() {
    case $1 in
    driver/*) set -- "$1" -Idriver -I"$GEN" ;;
    fakes/*) set -- "$1" -Ifakes ;;
    conformance/*) set -- "$1" -Idriver -Ifakes -Iconformance ;;
    esac
    case $1 in
    */tests/* | */fuzz/*) set -- "$@" -Ici ;;
    esac
    header=$1
    shift
    try 'does not compile alone' "$header" $CC $BASE $WARNINGS "$@" -x c
}

# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(find driver fakes conformance ci -name '*.h' | sort)
for header in "$@"; do
    alone "$header"
    case $header in
    driver/servicegroup.h | driver/backend.h)
        try 'is not C11' "$header" "$CC" -std=c11 -pedantic -Wall -Wextra \
            -Werror -x c
        try 'is not C++17' "$header" g++ -std=c++17 -pedantic -Wall -Wextra \
            -Werror -x c++
        ;;
    esac
done

# A codec that both shared would hide a misreading that both shared.
arrow() {
    if grep -rnE "#include.*\b($2)/" "$1" --include='*.[ch]'; then
        echo "$1 includes what it must not know ($2)"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
}
arrow driver 'fakes|conformance'
arrow fakes 'driver|conformance'
echo "$passed passed, $failed failed"
[ $failed = 0 ]
