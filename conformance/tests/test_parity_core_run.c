/* SPDX-License-Identifier: Apache-2.0
 * test_parity_core_run.c - scripts on a fake, and on a fake that serves in
 * real time on a thread of its own as the real server would.
 */
#include "parity/campaign.h"
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* ---- a server in real time -------------------------------------------- */

struct served {
    struct fake_hub *hub;
    struct fake_link *link;
    pthread_t thread;
    atomic_bool is_over;
};

static void *serve(void *arg)
{
    struct served *served = arg;

    while (!atomic_load(&served->is_over))
        fake_poll(served->hub, INT64_MAX);
    return NULL;
}

static void start(struct served *served)
{
    struct fake_hub_options options = {.virtual_clock = false};
    struct fake *fake;

    unit_int(fake_hub_new(&options, &served->hub), 0);
    unit_int(fake_memcached_new(served->hub, 0, &fake), 0);
    unit_int(fake_listen(fake, "served", &served->link), 0);
    atomic_init(&served->is_over, false);
    unit_int(pthread_create(&served->thread, NULL, serve, served), 0);
}

static void stop(struct served *served)
{
    atomic_store(&served->is_over, true);
    fake_wake(served->hub);
    unit_int(pthread_join(served->thread, NULL), 0);
    fake_hub_free(served->hub);
}

/* ---- memcached, with a defect on demand ------------------------------- */

/* Time plays no part: the two may begin at any moment. */
static int calibrate(const char *host, int port,
                     struct parity_setting *ret_setting, char why[128])
{
    (void)host;
    (void)port;
    (void)why;
    *ret_setting = (struct parity_setting){.period_ms = 1, .late_ms = 60000};
    return 0;
}

/* On the fake two ops "bug" in a row are heard as another word. */
static int encode(struct parity_run *run, int conn, const char *text,
                  struct parity_bytes *out)
{
    bool is_bug = strcmp(text, "bug") == 0 && run->op > 0 &&
                  strcmp(run->script->ops[run->op - 1].text, "bug") == 0;

    if (strcmp(text, "bug") == 0)
        text =
            is_bug && run->hub != NULL ? "version\\r\\n" : "touch ~a 0\\r\\n";
    return parity_memcached.encode(run, conn, text, out);
}

static struct parity_protocol protocol(void)
{
    struct parity_protocol p = parity_memcached;

    p.calibrate = calibrate;
    p.still_holds = NULL;
    p.encode = encode;
    return p;
}

static struct parity_bench bench_of(const struct parity_protocol *p, int port)
{
    struct parity_bench bench = {
        .protocol = p, .host = "127.0.0.1", .port = port, .lanes = 8};

    calibrate(NULL, 0, &bench.setting, NULL);
    return bench;
}

static void read_script(const char *text, struct parity_script *script)
{
    size_t line;

    unit_int(parity_script_parse(text, script, &line), 0);
}

static char *told(const struct parity_transcript *t)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    unit_true(out != NULL);
    parity_transcript_print(t, "", out);
    unit_int(fclose(out), 0);
    return text;
}

/* What a script is told by the fake alone, at phase 350 ms, 200 ms after a
 * tick. */
static void says_at(const char *script_text, const char *want, int line)
{
    struct parity_bench bench = {.protocol = &parity_memcached};
    struct parity_script script;
    struct parity_job job = {.script = &script, .prefix = "pabcdefg"};
    char why[128];

    unit_int(parity_memcached.calibrate(NULL, 0, &bench.setting, why), 0);
    read_script(script_text, &script);
    unit_int(parity_virtual_run(&bench, &job), 0);
    char *got = told(&job.fake.transcript);
    unit_text_at(got, want, script_text, __FILE__, line);
    free(got);
    parity_job_free(&job);
    parity_script_free(&script);
}
#define says(script, want) says_at(script, want, __LINE__)

/* ---- on the fake ------------------------------------------------------ */

UNIT(parity_run, time_jumps_on_the_fake)
{
    says("c0 set ~a 0 2 1\\r\\nx\\r\\n\n+1000 c0 get ~a\\r\\n\n"
         "+700 c0 get ~a\\r\\n\n+200 c1 get ~a\\r\\n\n",
         "1 c0 STORED\n2 c0 VALUE ~a 0 \"x\"\n2 c0 END\n"
         "3 c0 VALUE ~a 0 \"x\"\n3 c0 END\n4 c1 END\n");
}

UNIT(parity_run, connections_open_close_and_drop)
{
    says("c0 quit\\r\\n\nc0 split=3 get ~a\\r\\n\nc0 drop\nc0 drop\n"
         "c0 open\nc0 open x\nc0 get ~a\\r\\n\n",
         "1 c0 closed\n2 c0 END\n7 c0 END\n");
}

/* What comes in one piece is lost with the nonsense at its end. */
UNIT(parity_run, bytes_are_split_where_it_says)
{
    says("c0 set ~a 0 0 3\\r\\nabc\\r\\nHEAD / HTTP/1.0\\r\\n\n"
         "c0 split=26 set ~a 0 0 3\\r\\nabc\\r\\nHEAD / HTTP/1.0\\r\\n\n",
         "1 c0 closed\n2 c0 STORED\n2 c0 closed\n");
}

UNIT(parity_run, what_is_not_framed_or_never_comes_is_said)
{
    says("c0 set ~a 0 0 100\\r\\nx\n", "1 c0 silence\n");
    says("c0 {b 0a - - - 0}\nc0 \\x00\n", "1 c0 0a status 0 request 1 cas 0 "
                                          "type 0 extras \"\" key \"\" value "
                                          "\"\"\n2 c0 closed\n");
}

UNIT(parity_run, refusals_and_bad_texts_are_counted)
{
    struct parity_bench bench = {.protocol = &parity_memcached};
    struct parity_script script;
    struct parity_job job = {.script = &script, .prefix = "pabcdefg"};
    char why[128];

    unit_int(parity_memcached.calibrate(NULL, 0, &bench.setting, why), 0);
    read_script("c0 bogus\\r\\n\nc0 version\\r\\n\nc1 mg a\\r\\nme a\\r\\n\n"
                "c0 {no}\nc0 version\\r\\n\n",
                &script);
    unit_int(parity_virtual_run(&bench, &job), 0);
    unit_int((int64_t)job.fake.refused_ops, 2);
    unit_int(job.fake.error, -EINVAL);
    unit_int((int64_t)job.fake.error_op, 3);
    parity_job_free(&job);
    parity_script_free(&script);
}

/* ---- on both ---------------------------------------------------------- */

UNIT(parity_run, both_say_the_same)
{
    struct served served;
    struct parity_protocol p = protocol();
    struct parity_script script;
    struct parity_job jobs[20] = {0};

    start(&served);
    struct parity_bench bench = bench_of(&p, fake_link_port(served.link));
    read_script(
        "c0 set ~a 0 0 1\\r\\nx\\r\\n\nc1 gets ~a\\r\\n\n"
        "c1 {cas 1} 9 9\\r\\n\n+5 c0 cas ~a 0 0 1 {cas 1}\\r\\ny\\r\\n\n"
        "c2 drop\nc2 split=5 get ~a\\r\\n\n",
        &script);
    for (size_t i = 0; i < 20; i++)
        jobs[i].script = &script;
    unit_int(parity_bench_run(&bench, jobs, 20), 0);
    for (size_t i = 0; i < 20; i++) {
        unit_int((int64_t)jobs[i].real.transcript.count, 7);
        unit_true(parity_job_difference(&jobs[i]) == SIZE_MAX);
        unit_true(i == 0 || strcmp(jobs[i].prefix, jobs[i - 1].prefix) != 0);
        parity_job_free(&jobs[i]);
    }
    parity_script_free(&script);
    stop(&served);
}

UNIT(parity_run, what_is_late_is_not_compared)
{
    struct served served;
    struct parity_protocol p = protocol();
    struct parity_script script;
    struct parity_job job = {.script = &script};

    start(&served);
    struct parity_bench bench = bench_of(&p, fake_link_port(served.link));
    bench.setting.late_ms = -1000000;
    read_script("c0 version\\r\\n\n", &script);
    unit_int(parity_bench_run(&bench, &job, 1), 0);
    unit_true(job.real.is_late);
    unit_int((int64_t)bench.late, 4);
    unit_int((int64_t)job.fake.transcript.count, 0);
    parity_job_free(&job);
    parity_script_free(&script);
    stop(&served);
}

UNIT(parity_run, a_difference_is_shrunk_to_what_makes_it)
{
    struct served served;
    struct parity_protocol p = protocol();
    struct parity_script script = {0}, shrunk = {0};
    struct parity_job job = {0};

    start(&served);
    struct parity_bench bench = bench_of(&p, fake_link_port(served.link));
    for (int i = 0; i < 20; i++)
        parity_script_add(&script, i % 3, i % 2, 0, "get ~%d\\r\\n", i);
    parity_script_add(&script, 7, 1, 4, "bug");
    parity_script_add(&script, 7, 0, 0, "bug");
    parity_script_add(&script, 7, 0, 0, "get ~a\\r\\n");
    unit_int(parity_shrink(&bench, &script, &shrunk, &job), 0);
    unit_int((int64_t)shrunk.count, 2);
    unit_text(shrunk.ops[0].text, "bug");
    unit_text(shrunk.ops[1].text, "bug");
    unit_int(shrunk.ops[0].wait_ms + shrunk.ops[1].wait_ms, 0);
    unit_int((int64_t)shrunk.ops[0].split, 0);
    unit_int((int64_t)parity_job_difference(&job), 1);
    parity_job_free(&job);
    parity_script_free(&shrunk);
    parity_script_free(&script);
    stop(&served);
}

UNIT(parity_run, nobody_listens)
{
    struct parity_protocol p = protocol();
    struct parity_script script;
    struct parity_job job = {.script = &script};
    struct served served;

    start(&served);
    int port = fake_link_port(served.link);
    stop(&served);
    struct parity_bench bench = bench_of(&p, port);
    read_script("c0 version\\r\\n\n", &script);
    unit_int(parity_bench_run(&bench, &job, 1), 0);
    unit_true(parity_job_difference(&job) != SIZE_MAX);
    parity_job_free(&job);
    parity_script_free(&script);
}
