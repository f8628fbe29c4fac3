#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs.sh - what the documents show is run: C snippets are compiled and run,
# commands end in status 0, targets exist. Last line: "N passed, N failed".
set -u

cd "$(dirname "$0")/.." || exit 1
dir=build/docs
rm -rf $dir && mkdir -p $dir || exit 1
passed=0 failed=0

verdict() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "docs: $1: status $2"
    fi
}

# block FILE LANGUAGE: the fenced blocks of a document.
block() {
    awk -v start='```'"$2" '$0 == start { on = 1; next }
        $0 == "```" { on = 0 } on' "$1"
}

# The README's program, against a port where nobody listens: it must compile
# without a warning, end by itself, and well.
{
    block README.md c | grep '^#include'
    echo '#include <stdio.h>'
    echo 'int main(void) {'
    block README.md c | grep -v '^#include' | sed 's/:2181?/:1?/'
    echo '    return 0; }'
} >$dir/readme.c
cc -Wall -Wextra -Werror -Idriver -o $dir/readme $dir/readme.c \
    build/default/libservicegroup.a $(make -s print-libs) &&
    timeout 30 $dir/readme >$dir/readme.out
verdict 'the program of README.md' $?

block README.md sh | sed -n 's/^make \([a-z-]*\).*/\1/p' >$dir/targets
[ -s $dir/targets ]
verdict 'the targets of README.md' $?
while read -r target; do
    grep -q "^$target:" Makefile
    verdict "make $target" $?
done <$dir/targets

block conformance/README.md sh >$dir/commands
[ -s $dir/commands ]
verdict 'the commands of conformance/README.md' $?
while read -r command; do
    sh -c "$command" >$dir/command.out 2>&1 </dev/null
    verdict "$command" $?
done <$dir/commands

# Every file that a document links to is there.
for document in README.md */README.md conformance/CONTRACT.md; do
    for link in $(grep -o '](\([^)#:]*\))' "$document" | sed 's/](\(.*\))/\1/'); do
        [ -e "$(dirname "$document")/$link" ]
        verdict "$document links to $link" $?
    done
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
