/* SPDX-License-Identifier: Apache-2.0
 * main.c - servicegroup: an operator's tool for moving a fleet.
 */
#include "interrupt.h"
#include "records.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

static int gather(struct fleet *f, const struct wish *w)
{
    size_t listed;
    char why[600];

    if (w->records != NULL && !records_read(f, w->records, why, sizeof why))
        return complain(why);
    listed = fleet_add_listed(f);
    if (w->records == NULL && listed < STORES) {
        fprintf(stderr,
                "servicegroup: not both stores can list their hosts "
                "(%s); give --hosts\n",
                sg_why());
        return NOBODY_KNOWS;
    }
    return f->n_hosts > 0 ? DONE : complain("no host to ask about");
}

static int run(const struct wish *w)
{
    struct fleet f;
    int status;

    if (fleet_open(&f, w->new_url, w->old_url, w->group) != SG_OK)
        status = complain(sg_why());
    else
        status = gather(&f, w);
    f.is_over = interrupt_came;
    if (status != DONE)
        ; /* said already */
    else if (strcmp(w->verb, "status") == 0)
        status = verb_status(&f, w);
    else if (strcmp(w->verb, "verify") == 0)
        status = verb_verify(&f, w);
    else
        status = verb_plan(&f, w);
    fleet_close(&f);
    return status;
}

int main(int argc, char **argv)
{
    struct wish w;
    int status;

    interrupt_prepare();
    status = wish_read(&w, argc, argv);
    if (w.is_help)
        status = usage();
    else if (status == DONE)
        status = run(&w);
    else
        fputs("servicegroup --help says more\n", stderr);
    wish_free(&w);
    return status;
}
