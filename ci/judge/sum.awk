# SPDX-License-Identifier: Apache-2.0
# sum.awk - adds up the lines "N passed, N failed" of its input.

/^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3 }
END { printf "%d passed, %d failed\n", passed, failed }
