# SPDX-License-Identifier: Apache-2.0
# mutant.awk - the verdict on a mutant, from the TAP of the suite run on it.
# -v status=N: what the suite ended with. -v allowed="3.5 3.1": its clauses.

BEGIN {
    n = split(allowed, list, /[ ,]+/)
    for (i = 1; i <= n; i++)
        own[list[i]] = 1
}

/^1\.\./ { has_plan = 1 }
/^ok / { passed++ }
/^not ok / {
    failed++
    is_own = 0
    clauses = $0
    sub(/^[^#]*#/, "", clauses)
    n = split(clauses, list, /[ ,]+/)
    for (i = 1; i <= n; i++)
        if (list[i] in own)
            is_own = 1
    if (is_own && first == "")
        first = $6
    if (!is_own && stranger == "")
        stranger = $6 " #" clauses
}

END {
    if (status == 124 || status == 137)
        print "BROKEN the suite did not end"
    else if (status != 0 && status != 1)
        print "BROKEN the suite ended with status " status
    else if (!has_plan)
        print "BROKEN the suite was cut short"
    else if (stranger != "")
        print "BROKEN a scenario of another clause failed: " stranger
    else if (status == 0 && failed == 0 && passed > 0)
        print "SURVIVED " allowed
    else if (status == 1 && failed > 0)
        print "killed " failed " " allowed " " first
    else
        print "BROKEN status " status " with " failed + 0 " failed, " \
            passed + 0 " passed"
}
