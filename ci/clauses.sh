#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clauses.sh - contract, scenarios and the list of open clauses cover each
# other, and the contract is told to be uncovered when a clause is added.
# Last line: "N passed, N failed".
set -u

cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0
new=build/clauses.md

verdict() {
    if [ "$2" -eq "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "clauses: $1: status $2, want $3"
    fi
}

build/sg-conformance --clauses conformance/CONTRACT.md --open conformance/open
verdict 'contract and scenarios' $? 0

# The check can fail: a clause without a scenario, and one listed in vain.
{ cat conformance/CONTRACT.md; echo '**99.1** Nothing proves this.'; } >$new
build/sg-conformance --clauses $new --open conformance/open >/dev/null
verdict 'a clause that nothing proves' $? 1
{ cat conformance/open; echo '1.1 waits for nothing'; } >build/open
build/sg-conformance --clauses conformance/CONTRACT.md --open build/open \
    >/dev/null
verdict 'a covered clause listed as open' $? 1

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
