#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# install.sh - proves `make install`: the examples build against what it
# installed, shared and static, and the library exports nothing but sg_ names.
set -u

cd "$(dirname "$0")/.." || exit 1
CC='' CFLAGS=''
# shellcheck disable=SC1091
. build/default/flags || exit 1
stage=build/stage       # relative: the way here may hold a space
rm -rf "$stage"
passed=0 failed=0

# try NAME CMD...
try() {
    name=$1
    shift
    if "$@" >build/install.err 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "install: $name:"
        head -n 20 build/install.err
    fi
}

# shellcheck disable=SC2046,SC2086
compile() {
    example=$1
    shift
    $CC -std=gnu11 -D_GNU_SOURCE $CFLAGS -o build/install.out "$example" \
        $(pkg-config --cflags libservicegroup) "$@"
}

only_sg_names() {
    names=$(nm -D --defined-only "$1" | awk '{ print $3 }')
    [ -n "$names" ] || return 1
    if echo "$names" | grep -v '^sg_'; then
        return 1
    fi
}

# One that the header declares and the library lacks is a trap for users.
header_is_kept() {
    nm -D --defined-only "$1" | awk '{ print $3 }' >build/install.names
    grep -v '^ *\(/\*\|\*\|typedef\)' driver/servicegroup.h |
        grep -oE '\bsg_[a-z_]+\(' | tr -d '(' | grep -vxFf build/install.names
    [ $? = 1 ]
}

try 'make install' "${MAKE:-make}" install PREFIX="$stage" DESTDIR=""
export PKG_CONFIG_PATH="$stage/lib/pkgconfig"
library=$stage/lib/libservicegroup.so
try 'other names than sg_ are exported' only_sg_names "$library"
try 'the header promises more' header_is_kept "$library"
for example in driver/examples/*.c; do
    [ -f "$example" ] || continue
    # shellcheck disable=SC2046
    try "$example, shared" compile "$example" \
        $(pkg-config --libs libservicegroup)
    # Static for our library alone: not every other one has an archive.
    # shellcheck disable=SC2046
    try "$example, static" compile "$example" "$stage/lib/libservicegroup.a" \
        $(pkg-config --static --libs libservicegroup | sed 's/-lservicegroup//')
done
rm -rf "$stage" build/install.out
echo "$passed passed, $failed failed"
[ $failed = 0 ]
