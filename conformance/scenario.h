/* SPDX-License-Identifier: Apache-2.0
 * scenario.h - the vocabulary of a scenario, and all that a scenario includes.
 *
 * A scenario is a sentence that can be false, told by its name. It knows
 * members, groups and time, and not where it runs: on a fake it runs on a
 * virtual clock, on a real server in real time. It has no `if`, no clean-up
 * and no return codes: a member_ verb expects SG_OK, an expect_ verb ends the
 * scenario when it is disappointed. Only world_pass() lets time pass.
 *
 *     SCENARIO(leave, observer_says_down_after_leave, "4.1")
 *     {
 *         struct member *a = member_new(w, "a");
 *         struct member *b = observer_new(w, "b");
 *
 *         member_join(a, "compute");
 *         expect_up(b, "compute", "a");
 *
 *         member_leave(a, "compute");
 *         expect_down(b, "compute", "a", SG_NOT_A_MEMBER);
 *     }
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "servicegroup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

struct world;
struct member;
struct neighbour;

struct scenario {
    const char *chapter, *name;
    const char *clauses; /* "3.1 3.2": what it proves             */
    void (*play)(struct world *w);
    bool needs_neighbour; /* played only with --neighbour              */
    struct scenario *next;
};
void scenario_add(struct scenario *scenario);

#define SCENARIO(chapter_, name_, clauses_)                                    \
    SCENARIO_ROW(chapter_, name_, clauses_, false)
#define NEIGHBOUR_SCENARIO(name_, clauses_)                                    \
    SCENARIO_ROW(neighbours, name_, clauses_, true)
#define SCENARIO_ROW(chapter_, name_, clauses_, needs_neighbour_)              \
    static void chapter_##_##name_(struct world *w);                           \
    __attribute__((constructor)) static void chapter_##_##name_##_add(void)    \
    {                                                                          \
        static struct scenario row = {#chapter_,        #name_,                \
                                      clauses_,         chapter_##_##name_,    \
                                      needs_neighbour_, NULL};                 \
        scenario_add(&row);                                                    \
    }                                                                          \
    static void chapter_##_##name_(struct world *w)

/* ---- the world: time, sizes, the store -------------------------------- */

/* The membership timeout of all members made from now on. A fake keeps the
 * production value asked for; a real server its place's small one. Returns
 * what holds. Without this call it is world_T(w, 10 * SECOND). */
int64_t world_T(struct world *w, int64_t production_ms);
int64_t world_beat(const struct world *w);     /* period of a heart at T    */
int64_t world_deadline(const struct world *w); /* of one call at T          */
/* How early or late this place may honestly let a member expire, with what
 * the place itself adds (the scheduling of a real machine). */
int64_t world_early(const struct world *w);
int64_t world_late(const struct world *w);
/* world_T + world_late: DOWN by then. */
int64_t world_D(const struct world *w);
/* What a real machine needs to do a thing that a fake does in no time. */
int64_t world_grain(const struct world *w);

/* A member is back by then after its server came back without data. */
int64_t world_healing(const struct world *w);
/* 10 minutes on a fake, one on a real server. */
int64_t world_long(const struct world *w);

void world_pass(struct world *w, int64_t ms);
int64_t world_now(const struct world *w); /* ms since it began         */

/* How many of `n` repetitions a run of this size has time for. */
int64_t world_steps(const struct world *w, int64_t n);
/* How many for a crowd: by --size. */
size_t world_crowd(const struct world *w);
/* Put `n` members "<prefix>0".. into the group, not by joins: alive for a day
 * on a fake, by one raw writer on a real server. */
void world_populate(struct world *w, const char *group, const char *prefix,
                    size_t n);

/* What only a server can do. A place that cannot ends the scenario as SKIP;
 * a fake always can. */
void world_server_stop(struct world *w);
void world_server_start(struct world *w, bool keep_data);
void world_server_flush(struct world *w);
void world_server_young(struct world *w);
void world_server_pause(struct world *w); /* alive, silent             */
void world_server_resume(struct world *w);
void world_server_read_only(struct world *w); /* a replica, or the like    */
void world_server_out_of_memory(struct world *w);
void world_server_healthy(struct world *w);
/* The record of a member, its liveness, the group, the list of groups. */
enum world_thing { WORLD_LIVENESS, WORLD_GROUP, WORLD_ENTRY, WORLD_LIST };
void world_evict(struct world *w, enum world_thing thing, const char *group,
                 const char *member);
/* Foreign writers: an entry whose bytes no reader of ours expects. */
void world_write_damaged(struct world *w, const char *group,
                         const char *member);
/* tooz's own bytes: a Python member, alive (for a day on a fake). */
void world_write_python(struct world *w, const char *group, const char *member);
/* The stored state as text; expect_same_state compares with now. */
void world_remember_state(struct world *w);
void expect_same_state(struct world *w);

/* ---- members ---------------------------------------------------------- */

struct member *member_new(struct world *w, const char *name);
struct member *observer_new(struct world *w, const char *label);
/* New, and joined: SG_OK. */
struct member *member_joined(struct world *w, const char *name,
                             const char *group);
/* A second process under a name that is taken already. */
struct member *member_twin(struct member *of);
/* Configured as a user would: the place's scheme and hosts, and then
 * `url_tail` ("?timeout=5"); T is what the URL says. */
struct member *member_by_url(struct world *w, const char *name,
                             const char *url_tail, int64_t report_interval_ms);
/* Its name resolver never answers. */
struct member *observer_without_dns(struct world *w, const char *label);

/* Each expects SG_OK. */
uint64_t member_join(struct member *m, const char *group);
uint64_t member_join_with(struct member *m, const char *group,
                          const void *metadata, size_t bytes);
void member_leave(struct member *m, const char *group);
void member_close(struct member *m);
void member_set_metadata(struct member *m, const char *group,
                         const void *metadata, size_t bytes);
void member_mark(struct member *m, const char *group, const char *name,
                 const struct sg_marks *marks);

/* The process stops being run; its connections stay. */
void member_pause(struct member *m);
void member_resume(struct member *m);
/* One last beat, then the process is gone and its network with it. */
void member_crash(struct member *m);
/* The process is gone as it stands: no last beat. */
void member_kill(struct member *m);
/* One beat now. */
void member_beat(struct member *m);

/* Faults of this member's network. */
enum world_way { TO_SERVER = 1, TO_CLIENT = 2, BOTH_WAYS = 3 };
void member_dark(struct member *m, enum world_way way);
void member_light(struct member *m);
enum world_fault {
    FAULT_REFUSE,
    FAULT_CUT,
    FAULT_CUT_AFTER,
    FAULT_CUT_REPLY,
    FAULT_DELAY,
    FAULT_DRIBBLE,
    FAULT_NOISE
};
/* Strikes the next `times` requests (0: until healed). `amount`: bytes or
 * milliseconds. A fault that never strikes makes the scenario BROKEN. */
void member_fault(struct member *m, enum world_fault fault, unsigned times,
                  int64_t amount);
void member_heal(struct member *m);
void member_expire_session(struct member *m); /* by the server; where it can */

const char *member_name(const struct member *m);
uint64_t member_epoch(struct member *m, const char *group);
struct sg *member_handle(struct member *m);

/* ---- two stores: nova's old one, and the new one ----------------------- */

/* Only in scenarios of the chapter `migration`, whose places are pairs. */
enum world_side { NEW_STORE, OLD_STORE, BOTH_STORES };
/* service_down_time of the old memcache driver, 60 s; the session of the old
 * ZooKeeper driver, 4 s; less on real servers. */
int64_t world_old_T(const struct world *w);
int64_t world_report(const struct world *w); /* report_interval, 10 s      */
/* Until when the old store must still show a service that stopped, and from
 * when it must not: from its stop, at any phase of its beat. */
int64_t world_residual_least(const struct world *w);
int64_t world_residual_most(const struct world *w);

/* How many services a fleet has: by --size, and less where each is a session
 * of ZooKeeper with two threads. */
size_t world_fleet(const struct world *w);
/* `n` at the gate's size; fewer before. */
size_t world_roll(const struct world *w, size_t n);

/* What follows is about production's seconds: a real server, where they are
 * made small, ends the scenario as SKIP. */
void world_needs_production(struct world *w);

/* A service of the topic `compute`, started: its driver has joined. With the
 * old store alone it is nova's old driver. */
struct member *service_start(struct world *w, const char *host,
                             enum world_side side);
/* It is not started, or it is not asked to join yet. */
struct member *service_idle(struct world *w, const char *host,
                            enum world_side side);
void service_join(struct member *service);
/* It ends in good order: what the old memcache driver leaves behind runs out,
 * everything else is gone at once. */
void service_stop(struct member *service);
/* An api, a scheduler: whoever asks. */
struct member *reader_new(struct world *w, const char *name,
                          enum world_side side);
/* The three kinds of readers, and what each must say of a host. */
struct readers {
    struct member *on[3]; /* by enum world_side */
};
struct readers readers_new(struct world *w);
/* A set: what any of these may be said. EITHER: by the beat's phase. */
enum side_says {
    SAYS_UP = 1,
    SAYS_DOWN = 2,
    SAYS_EITHER = SAYS_UP | SAYS_DOWN,
    SAYS_UNKNOWN = 4
};
/* One row of the truth table, now. */
void expect_row(struct readers *r, const char *host, enum side_says old,
                enum side_says new_store, enum side_says both);
/* At every second while `ms` pass. */
void expect_row_during(struct readers *r, const char *host, int64_t ms,
                       enum side_says old, enum side_says new_store,
                       enum side_says both);
/* Is it up, as this reader sees it? UNKNOWN ends the scenario. */
bool service_is_up(struct member *reader, const char *host);
/* What this reader says of many at once; `ret_says` has room for `n`. */
void services_say(struct member *reader, const char *const *hosts, size_t n,
                  enum side_says *ret_says);
void world_old_stop(struct world *w); /* the old store is lost            */
void world_old_start(struct world *w, bool keep_data);
void world_old_pause(struct world *w); /* alive, silent                    */
void world_old_resume(struct world *w);
/* Like expect_took: a call that needed this silent store took the whole
 * deadline, or less where a client notices the silence by itself. */
void expect_waited(struct world *w, enum world_side side, int64_t deadline_ms);

/* ---- a fleet that moves, and what must be said of it ------------------- */

/* Hosts "node0", "node1" .., each with one service and a report every 10 s.
 * What happens to each is kept, so that the truth table's answer is known of
 * every host, reader and moment (truth.h); whoever is asked must give it. */
#define FLEET_MAX 1000
struct fleet;
struct fleet *fleet_new(struct world *w, size_t n, enum world_side side);
void fleet_free(struct fleet *f);
size_t fleet_size(const struct fleet *f);
int64_t fleet_unit(const struct fleet *f); /* a second of production         */
bool fleet_runs(const struct fleet *f, size_t host);

/* A process that asks about all of them, every second from now on. */
struct member *fleet_reader(struct fleet *f, const char *label,
                            enum world_side side);
/* It ends, and is started again with this configuration. */
struct member *fleet_reader_restart(struct fleet *f, struct member *reader,
                                    enum world_side side);
struct readers fleet_readers(struct fleet *f); /* one of each kind           */

void fleet_stop(struct fleet *f, size_t host);
void fleet_start(struct fleet *f, size_t host, enum world_side side);
void fleet_crash(struct fleet *f, size_t host); /* no last beat              */
void fleet_add(struct fleet *f, enum world_side side); /* one host more      */
void fleet_store_stop(struct fleet *f, enum world_side side);
void fleet_store_start(struct fleet *f, enum world_side side, bool keep_data);

/* Time passes, and every second all readers are asked about all hosts; where
 * nothing is to change, every five seconds before the gate. */
void fleet_pass(struct fleet *f, int64_t ms);
/* .. until the old store shows nobody any more who has stopped. */
void fleet_settle(struct fleet *f);
/* .. until a store that came back is whole again. */
void fleet_heal(struct fleet *f);
/* Those that run of the hosts `first` to before `end` are restarted on `side`,
 * one after the other, 3 s apart; a restart takes 6 s, so that two are away. */
void fleet_move(struct fleet *f, size_t first, size_t end,
                enum world_side side);

/* The same in other measures; `look` is called in place of the readers. */
struct fleet_roll {
    size_t first, end;
    enum world_side side;
    int64_t gap_ms, restart_ms;
    int64_t every_ms; /* between two looks                             */
    int64_t lasts_ms; /* or until all are back                         */
    void (*look)(struct fleet *f, int64_t at_ms, void *arg);
    void *arg;
};
void fleet_roll(struct fleet *f, const struct fleet_roll *roll);
/* One reader, now; compared with the truth. */
void fleet_ask(struct fleet *f, struct member *reader,
               enum side_says *ret_says);

/* One reader, now: "UUD?", a letter for each host; ? is UNKNOWN. */
void expect_fleet(struct fleet *f, struct member *reader, const char *says);
/* As this reader saw it, no service that ran was ever DOWN. */
void expect_no_false_down(struct fleet *f, struct member *reader);

/* ---- neighbours: members of Python tooz -------------------------------- */

/* A process that runs tooz, started and idle: it does what the scenario says
 * and beats when the world says so, like a member. Its crash is a SIGKILL,
 * its pause a SIGSTOP. Start them before anybody joins: Python is slow, and on
 * a real server that is time in which no other neighbour beats. */
struct neighbour *neighbour_new(struct world *w, const char *name);
/* Its id is a str to Python, not bytes. */
struct neighbour *neighbour_new_text(struct world *w, const char *name);
/* A second process under a name that a member or a neighbour has. */
struct neighbour *neighbour_twin(struct world *w, const char *name);

/* Each expects the answer "ok". A neighbour joins no group that is missing. */
void neighbour_create(struct neighbour *n, const char *group);
void neighbour_join(struct neighbour *n, const char *group);
void neighbour_join_with(struct neighbour *n, const char *group,
                         const void *metadata, size_t bytes);
void neighbour_leave(struct neighbour *n, const char *group);
/* Metadata that no Python reader can read is written, too. */
void neighbour_update(struct neighbour *n, const char *group,
                      const void *metadata, size_t bytes);
void neighbour_delete(struct neighbour *n, const char *group);
void neighbour_elect(struct neighbour *n, const char *group);
void neighbour_lock(struct neighbour *n, const char *name);
/* From now on it hears of joins and leaves; see expect_neighbour_told. */
void neighbour_watch(struct neighbour *n, const char *group);
void neighbour_beat(struct neighbour *n);
void neighbour_close(struct neighbour *n); /* tooz's stop()             */
void neighbour_crash(struct neighbour *n); /* one last beat              */
void neighbour_kill(struct neighbour *n);  /* as it stands               */
void neighbour_pause(struct neighbour *n);
void neighbour_resume(struct neighbour *n);
/* It lists a group and stands, where readers remove the dead, between the
 * look and the removal; then it goes on. */
void neighbour_list_begins(struct neighbour *n, const char *group);
void neighbour_list_ends(struct neighbour *n);

/* Sorted, separated by one space; "" is the empty list. */
void expect_neighbour_sees(struct neighbour *n, const char *group,
                           const char *names);
void expect_neighbour_groups(struct neighbour *n, const char *names);
/* The bytes are as Python writes the value: the shortest form. */
void expect_neighbour_reads(struct neighbour *n, const char *group,
                            const char *name, const void *metadata,
                            size_t bytes);
/* What it was told since it was asked last, sorted: "+a -b". */
void expect_neighbour_told(struct neighbour *n, const char *changes);
/* A request of the agent ("leave compute") fails with this class of error. */
void expect_neighbour_fails(struct neighbour *n, const char *request,
                            const char *error);
/* Where the group is one value, metadata that cannot be read breaks every
 * Python reader of it; elsewhere the list is right. */
void expect_neighbour_poisoned(struct neighbour *n, const char *group,
                               const char *names);
/* An election may leave a child `leader` in the group: Python lists it, and
 * can never delete the group. */
void expect_neighbour_sees_elected(struct neighbour *n, const char *group,
                                   const char *names,
                                   const char *names_with_leader);
void expect_neighbour_deletes_elected(struct neighbour *n, const char *group);
/* .. and a lock may leave a group `locks`. */
void expect_neighbour_groups_locked(struct neighbour *n, const char *names,
                                    const char *names_with_locks);
/* A neighbour that starts under the name of this member ends it, where the
 * liveness of a name is all there is: REPLACED, and no right to act. */
void expect_taken_where_shared(struct member *m, const char *group);
/* A join of a name that is joined fails; it may write all the same. */
void expect_neighbour_join_refused(struct neighbour *n, const char *group,
                                   const void *metadata, size_t bytes);
void expect_metadata_after_refusal(struct member *m, const char *group,
                                   const char *name, const void *before,
                                   const void *refused, size_t bytes);

/* ---- expectations ----------------------------------------------------- */

void expect_up(struct member *m, const char *group, const char *name);
void expect_down(struct member *m, const char *group, const char *name,
                 enum sg_reason reason);
/* DOWN as EXPIRED or NOT_A_MEMBER: hearts may have tidied up already. */
void expect_gone(struct member *m, const char *group, const char *name);
void expect_unknown(struct member *m, const char *group, const char *name,
                    enum sg_reason reason);
/* UNKNOWN because nobody answered, in whatever way. */
void expect_silence(struct member *m, const char *group, const char *name);
/* UP or UNKNOWN at every moment while `ms` pass. */
void expect_never_down_during(struct member *m, const char *group,
                              const char *name, int64_t ms);
/* Not DOWN for b while member a believes that it may act. */
void expect_never_down_while_safe(struct member *a, struct member *b,
                                  const char *group);
void expect_not_up(struct member *m, const char *group, const char *name);

/* Where stores honestly differ, the contract says how, and these verbs know:
 * a server that tells its age is UNKNOWN (LOST_DATA) while young, one that
 * cannot is DOWN (8.2) .. */
void expect_young(struct member *m, const char *group, const char *name);
/* .. a name that lives in other groups only is refused, where liveness is
 * kept by the name (1.8) .. */
void expect_in_use(struct member *m, const char *group);
/* .. and shows as REPLACED there, UNKNOWN at first (2.9) .. */
void expect_replaced_where_shared(struct member *m, const char *group,
                                  const char *name);
/* .. epochs grow across a loss of data but on ZooKeeper (10.1) .. */
void expect_epoch_grew(struct member *m, const char *group, uint64_t before);
/* .. and every store refuses a T that it cannot keep, with the numbers. */
void expect_timeout_refused(struct world *w);
/* .. a server can be the wrong one (a replica): UNKNOWN, WRONG_ROLE; a
 * store without such roles goes on answering: UP (2.2). */
void expect_untrusted(struct member *m, const char *group, const char *name);
/* This question's own fields; returns the verdict. */
struct sg_verdict expect_verdict(struct member *m,
                                 const struct sg_question *question,
                                 enum sg_status status);
/* A member that beats is never anything but UP: ask again and again while
 * `ms` pass. */
void expect_up_during(struct member *m, const char *group, const char *name,
                      int64_t ms);
void expect_all_up_during(struct member *m, const char *group,
                          const char *const *names, size_t n, int64_t ms);
/* UP by then; time passes. */
void expect_up_within(struct member *m, const char *group, const char *name,
                      int64_t ms);
/* The list, sorted, separated by one space; "" is the empty list. */
void expect_list(struct member *m, const char *group, const char *names);
void expect_list_count(struct member *m, const char *group, size_t count,
                       size_t skipped);
void expect_list_fails(struct member *m, const char *group); /* UNKNOWN      */
void expect_groups(struct member *m, const char *names);
void expect_join(struct member *m, const char *group, unsigned flags, int code);
void expect_join_with(struct member *m, const char *group, const void *metadata,
                      size_t bytes, int code);
void expect_leave(struct member *m, const char *group, int code);
void expect_set_metadata(struct member *m, const char *group,
                         const void *metadata, size_t bytes, int code);
void expect_metadata(struct member *m, const char *group, const char *name,
                     const void *metadata, size_t bytes);
void expect_no_metadata(struct member *m, const char *group, const char *name);
void expect_marks(struct member *m, const char *group, const char *name,
                  const struct sg_marks *marks);
void expect_state(struct member *m, const char *group, enum sg_state state);
/* How long it may still act; both bounds inclusive. */
void expect_safe(struct member *m, const char *group, int64_t least_ms,
                 int64_t most_ms);
/* How often the member was told this kind of event since it was new. */
void expect_events(struct member *m, enum sg_event_kind kind, unsigned count);
/* The call that follows costs exactly what chapter 12 says on this place. */
enum world_cost {
    COST_VERDICT,
    COST_VERDICTS,
    COST_LIST,
    COST_JOIN,
    COST_JOIN_CREATING,
    COST_JOIN_REPLACING,
    COST_LEAVE,
    COST_LEAVE_LAST,
    COST_BEAT,
    COST_BEAT_TWO_GROUPS,
    COST_SET_METADATA,
    COST_GET_METADATA,
    COST_GROUPS,
    COST_MARK,
    COST_MARK_FIRST,
    COST_NOTHING
};
void cost_begin(struct member *m);
void expect_cost(struct member *m, enum world_cost cost);
/* Ends within the deadline: call before, and after it the expectation. */
void clock_begin(struct world *w);
void expect_took(struct world *w, int64_t least_ms, int64_t most_ms);

/* Any other fact. */
#define expect_that(w, fact) expect_that_at((w), (fact), #fact)
void expect_that_at(struct world *w, bool fact, const char *text);
#define expect_number(w, got, want) expect_number_at((w), (got), (want), #got)
void expect_number_at(struct world *w, int64_t got, int64_t want,
                      const char *text);

#endif
