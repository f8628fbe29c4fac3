#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# embed.sh - Redis scripts as C strings, each with the SHA1 that names it.
#
#     sh ci/embed.sh driver/redis/join.lua ... > redis_scripts.h
#
# makes sg_redis_join_lua[] and sg_redis_join_sha1[] of join.lua. The text is
# the file, byte for byte, so that the line numbers in the server's errors are
# the file's.
set -eu

printf '/* Made by ci/embed.sh: change the scripts, not this file. */\n'
for file in "$@"; do
    name=$(basename "$file" .lua)
    case $name in
    *[!a-z0-9_]* | '')
        printf 'embed.sh: %s: no name for C\n' "$file" >&2
        exit 1
        ;;
    esac
    # "awk 1" ends the last line, as the strings below do.
    sha1=$(awk 1 "$file" | sha1sum | cut -d' ' -f1)
    printf '\nstatic const char sg_redis_%s_sha1[] =\n    "%s";\n' \
        "$name" "$sha1"
    printf 'static const char sg_redis_%s_lua[] =\n' "$name"
    awk '{
        gsub(/["\\]/, "\\\\&")
        printf "%s    \"%s\\n\"", (NR > 1 ? "\n" : ""), $0
    } END { print (NR == 0 ? "    \"\";" : ";") }' "$file"
done
