# SPDX-License-Identifier: Apache-2.0
# matrix.awk - scenario by place, from one TAP file a place.
# The column's name is the file's, without directory and ending.

FNR == 1 {
    place = FILENAME
    sub(/.*\//, "", place)
    sub(/\..*/, "", place)
    places[++n_places] = place
}
/^(not )?ok / {
    name = $1 == "ok" ? $5 : $6
    if (!(name in seen)) {
        seen[name] = 1
        names[++n_names] = name
        if (length(name) > width)
            width = length(name)
    }
    mark = $1 == "not" ? "FAIL" : toupper($0) ~ /# *SKIP/ ? "skip" : "ok"
    cell[name, place] = mark
}

END {
    printf "%-*s", width, "scenario"
    for (p = 1; p <= n_places; p++)
        printf "  %-10s", places[p]
    print ""
    for (i = 1; i <= n_names; i++) {
        printf "%-*s", width, names[i]
        for (p = 1; p <= n_places; p++) {
            mark = cell[names[i], places[p]]
            printf "  %-10s", mark == "" ? "-" : mark
        }
        print ""
    }
}
