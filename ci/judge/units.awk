# SPDX-License-Identifier: Apache-2.0
# units.awk - judges the output of a plain unit program (ci/unit.c).
# -v status=N: what it ended with.

{ last = $0 }
!/^[0-9]+ passed, [0-9]+ failed$/ { said[++lines] = $0 }

END {
    passed = 0
    failed = 0
    if (last ~ /^[0-9]+ passed, [0-9]+ failed$/) {
        split(last, words, " ")
        passed = words[1] + 0
        failed = words[3] + 0
        if (passed + failed == 0)
            wrong = "no test ran"
    } else {
        wrong = "it did not come to its last line"
    }
    if (wrong == "" && (status != 0) != (failed > 0))
        wrong = "status " status " with " failed " failed"
    if (wrong != "")
        failed++
    if (failed > 0)
        for (i = lines > 60 ? lines - 59 : 1; i <= lines; i++)
            print said[i]
    if (wrong != "")
        print "BROKEN: " wrong
    print passed " passed, " failed " failed"
}
