# SPDX-License-Identifier: Apache-2.0
# tap.awk - judges the TAP of the conformance runner.
# -v status=N: what it ended with. -v kind=fake: a skip is red.
#
# A run that was cut short looks green but for the plan, so one must be there.

function complain(what)
{
    wrong[++wrongs] = what
}

/^1\.\.[0-9]+/ { plans++; planned += substr($1, 4) + 0 }
/^Bail out!/ { complain($0) }
/^not ok / { failed++; said[++lines] = $0; is_red = 1; next }
/^ok / {
    is_red = 0
    if (toupper($0) ~ /# *SKIP/) {
        skipped++
        said[++lines] = $0
    } else {
        passed++
    }
    next
}
/^[# ]/ && is_red { said[++lines] = $0 }

END {
    passed += 0
    failed += 0
    skipped += 0
    if (plans == 0)
        complain("no plan (1..N)")
    else if (planned != passed + failed + skipped)
        complain("the plan says " planned ", " passed + failed + skipped \
            " came")
    if (passed + failed == 0)
        complain("no scenario ran")
    if (kind == "fake" && skipped > 0)
        complain(skipped " skipped on a fake")
    if (wrongs == 0 && (status != 0) != (failed > 0))
        complain("status " status " with " failed " failed")
    if (status == 3)
        complain("the runner calls itself BROKEN (status 3)")
    for (i = 1; i <= lines && i <= 200; i++)
        print said[i]
    for (i = 1; i <= wrongs; i++)
        print "BROKEN: " wrong[i]
    if (skipped > 0)
        print skipped " skipped"
    print passed " passed, " failed + wrongs " failed"
}
