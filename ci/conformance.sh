#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# conformance.sh - what `make conformance` does: packages, build, every
# scenario on the three fakes, the runner's matrix.
set -u

cd "$(dirname "$0")/.." || exit 1
sh ci/packages.sh build || exit 1
${MAKE:-make} all || exit 1
words=$(sh ci/judge.sh fake conformance build/sg-conformance)
status=$?
grep -aEv '^(not )?ok |^1\.\.' build/logs/conformance.out
cat build/logs/conformance.err
echo "TAP: build/logs/conformance.out"
echo "$words"
exit $status
