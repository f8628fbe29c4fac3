# SPDX-License-Identifier: Apache-2.0
# criterion.awk - judges what a Criterion program wrote to stderr.
# -v status=N: what it ended with.
#
# Criterion ends with 0 when its filter matches nothing and when it does not
# know an option (seen with 2.4.1), so its last line must be there and count.

{ gsub(/\033\[[0-9;]*m/, "") }
/^\[----\]/ || /^\[FAIL\]/ || /[Cc]aught unexpected signal/ { said[++lines] = $0 }
/Synthesis: Tested: / {
    found = 1
    for (i = 1; i < NF; i++) {
        if ($i == "Tested:")
            tested = $(i + 1) + 0
        if ($i == "Passing:")
            passed = $(i + 1) + 0
    }
}

END {
    passed += 0
    failed = tested - passed
    if (!found)
        wrong = "it did not come to its last line"
    else if (tested == 0)
        wrong = "no test ran"
    else if ((status != 0) != (failed > 0))
        wrong = "status " status " with " failed " failed"
    if (wrong != "")
        failed++
    if (failed > 0)
        for (i = 1; i <= lines; i++)
            print said[i]
    if (wrong != "")
        print "BROKEN: " wrong
    print passed " passed, " failed " failed"
}
