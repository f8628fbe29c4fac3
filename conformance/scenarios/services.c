/* SPDX-License-Identifier: Apache-2.0
 * services.c - nova's services as members: several of one host, and several
 * processes of one service. The id holds topic, host and part, so that each
 * has a life of its own also where liveness is kept by id.
 */
#include "scenario.h"

static struct member *service(struct world *w, const char *topic,
                              const char *host, const char *part)
{
    char id[SG_NAME_MAX + 1];
    struct member *m;

    expect_number(w, sg_service_member(topic, host, part, id), SG_OK);
    m = member_new(w, id);
    member_join(m, topic);
    return m;
}

/* A service of a host, by all its parts. */
static void expect_service(struct world *w, struct member *o, const char *topic,
                           const char *host, enum sg_status status)
{
    char id[SG_NAME_MAX + 1];
    struct sg_question q = {.group = topic, .member = id, .any_part = true};

    expect_number(w, sg_service_member(topic, host, NULL, id), SG_OK);
    expect_verdict(o, &q, status);
}

SCENARIO(services, a_dead_compute_beside_a_living_conductor, "1.8 3.1 3.4")
{
    struct member *compute = service(w, "compute", "node1", NULL);
    struct member *o = observer_new(w, "o");

    service(w, "conductor", "node1", NULL);
    member_crash(compute);
    world_pass(w, world_D(w));
    expect_service(w, o, "compute", "node1", SG_DOWN);
    expect_service(w, o, "conductor", "node1", SG_UP);
    world_pass(w, 2 * world_T(w, 10 * SECOND));
    expect_service(w, o, "compute", "node1", SG_DOWN);
    expect_service(w, o, "conductor", "node1", SG_UP);
    expect_list(o, "compute", "");
    expect_list(o, "conductor", "conductor:node1");
}

SCENARIO(services, a_host_is_up_while_any_worker_is, "1.8")
{
    struct member *worker[3];
    struct member *o = observer_new(w, "o");

    worker[0] = service(w, "conductor", "node1", "1");
    worker[1] = service(w, "conductor", "node1", "2");
    worker[2] = service(w, "conductor", "node1", "3");
    for (int i = 0; i < 3; i++) {
        expect_service(w, o, "conductor", "node1", SG_UP);
        member_crash(worker[i]);
        world_pass(w, world_D(w));
    }
    expect_service(w, o, "conductor", "node1", SG_DOWN);
}

/* A worker that ends in good order takes nobody with it. */
SCENARIO(services, a_worker_that_leaves_leaves_the_others, "1.8 4.2")
{
    struct member *first = service(w, "conductor", "node1", "1");
    struct member *o = observer_new(w, "o");

    service(w, "conductor", "node1", "2");
    member_close(first);
    expect_service(w, o, "conductor", "node1", SG_UP);
    expect_list(o, "conductor", "conductor:node1:2");
}
