/* SPDX-License-Identifier: Apache-2.0
 * command_link.c - the control language: what happens between a client and
 * its server, on every connection of a link.
 */
#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- which links ------------------------------------------------------ */

static bool is_named(const struct program_link *link, const char *name)
{
    return strcmp(link->name, name) == 0 ||
           strcmp(program_kind_name(link->kind), name) == 0;
}

/* Each link that word 1 names; false, and the call is refused: it is none. */
static bool each_link(struct program_call *call,
                      int (*act)(struct program_link *link, void *arg),
                      void *arg)
{
    const char *name = program_word(call, 1);
    struct program_link *link = call->program->links, *next;
    bool is_known = false;
    int err = 0;

    for (; link != NULL && err == 0; link = next) {
        next = link->next;
        if (!is_named(link, name))
            continue;
        is_known = true;
        err = act(link, arg);
    }
    if (!is_known)
        program_refuse(call, "no link is called \"%s\": links lists them",
                       name);
    else
        program_verdict(call, err);
    return is_known && err == 0;
}

/* ---- ports ------------------------------------------------------------ */

static void print_lines(struct program_call *call, bool only_urls)
{
    const struct program *p = call->program;
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL) {
        program_verdict(call, -ENOMEM);
        return;
    }
    if (only_urls)
        program_print_urls(p, out);
    for (const struct program_link *l = only_urls ? NULL : p->links; l != NULL;
         l = l->next) {
        fprintf(out, "%s ", l->name);
        program_print_url(l, out);
        fprintf(out, " clients %u struck %u\n", fake_link_clients(l->link),
                fake_link_struck(l->link));
    }
    if (fclose(out) != 0) {
        program_verdict(call, -ENOMEM);
    } else {
        program_ok(call, "%s", "");
        program_lines(call, text);
    }
    free(text);
}

static void urls(struct program_call *call)
{
    print_lines(call, true);
}

static void links(struct program_call *call)
{
    print_lines(call, false);
}

static void listen_at(struct program_call *call)
{
    struct fake *f = program_word_server(call, 1);
    struct program_link *link;
    int64_t port = 0;
    int err;

    if (f == NULL)
        return;
    if (program_word(call, 2) != NULL &&
        !program_word_number(program_word(call, 2), 1, 65535, &port)) {
        program_refuse(call, "\"%s\" is no port", program_word(call, 2));
        return;
    }
    err = program_listen(call->program, program_kind_of(program_word(call, 1)),
                         (int)port, &link);
    if (err != 0) {
        program_verdict(call, err);
        return;
    }
    fprintf(call->out, "ok %s ", link->name);
    program_print_url(link, call->out);
    fputc('\n', call->out);
}

static int close_one(struct program_link *link, void *program)
{
    program_unlisten(program, link);
    return 0;
}

static void close_link(struct program_call *call)
{
    each_link(call, close_one, call->program);
}

/* ---- darkness and ends ------------------------------------------------ */

static int dark_one(struct program_link *link, void *which)
{
    fake_link_dark(link->link, *(enum fake_direction *)which);
    return 0;
}

static void dark(struct program_call *call)
{
    const char *word = program_word(call, 2);
    enum fake_direction which = FAKE_BOTH;

    if (word != NULL && strcmp(word, "to-server") == 0)
        which = FAKE_TO_SERVER;
    else if (word != NULL && strcmp(word, "to-client") == 0)
        which = FAKE_TO_CLIENT;
    else if (word != NULL && strcmp(word, "both") != 0) {
        program_refuse(call, "\"%s\" is none of to-server, to-client, both",
                       word);
        return;
    }
    each_link(call, dark_one, &which);
}

/* One verb without arguments, by its function in fake.h. */
struct plain {
    void (*act)(struct fake_link *link);
};

static int act_one(struct program_link *link, void *plain)
{
    ((const struct plain *)plain)->act(link->link);
    return 0;
}

static void light(struct program_call *call)
{
    each_link(call, act_one, &(struct plain){fake_link_light});
}

static void heal(struct program_call *call)
{
    each_link(call, act_one, &(struct plain){fake_link_heal});
}

static void reset(struct program_call *call)
{
    each_link(call, act_one, &(struct plain){fake_link_reset});
}

static void abandon(struct program_call *call)
{
    each_link(call, act_one, &(struct plain){fake_link_abandon});
}

static int expire_one(struct program_link *link, void *program)
{
    const struct program *p = program;

    return fake_expire_sessions(p->fakes[link->kind], link->link);
}

static void expire(struct program_call *call)
{
    each_link(call, expire_one, call->program);
}

/* ---- counts ----------------------------------------------------------- */

static void count(struct program_call *call)
{
    const char *name = program_word(call, 1), *command = program_word(call, 2);
    enum program_kind kind = program_kind_of(name);
    const struct program_link *link = call->program->links;

    /* A server remembers what came by links that are closed. */
    if (kind < PROGRAM_KINDS) {
        struct fake *f = program_word_server(call, 1);
        if (f != NULL)
            program_ok(call, "%u", fake_count(f, NULL, command));
        return;
    }
    while (link != NULL && strcmp(link->name, name) != 0)
        link = link->next;
    if (link == NULL)
        program_refuse(call, "no server and no link is called \"%s\"", name);
    else
        program_ok(
            call, "%u",
            fake_count(call->program->fakes[link->kind], link->link, command));
}

/* ---- faults ----------------------------------------------------------- */

static const struct {
    const char *name;
    enum fake_fault_kind kind;
    bool needs_amount;
} kinds[] = {
    {"refuse", FAKE_REFUSE, false},       {"cut", FAKE_CUT, false},
    {"cut-after", FAKE_CUT_AFTER, false}, {"cut-reply", FAKE_CUT_REPLY, true},
    {"delay", FAKE_DELAY, true},          {"dribble", FAKE_DRIBBLE, true},
    {"noise", FAKE_NOISE, false},         {"lie", FAKE_LIE, false}};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* `place` is that of the first word of a pair. */
static bool read_pair(struct program_call *call, size_t place,
                      struct fake_fault *fault)
{
    const char *name = program_word(call, place);
    const char *text = program_word(call, place + 1);
    int64_t number = 0;
    bool is_number =
        text != NULL && program_word_number(text, 0, INT32_MAX, &number);

    if (text == NULL)
        return false;
    if (strcmp(name, "match") == 0)
        fault->match = text;
    else if (strcmp(name, "bytes") == 0 && fault->kind == FAKE_LIE)
        fault->bytes = text;
    else if (strcmp(name, "amount") == 0 && is_number)
        fault->amount = number;
    else if (strcmp(name, "skip") == 0 && is_number)
        fault->skip = (unsigned)number;
    else if (strcmp(name, "times") == 0 && number > 0)
        fault->times = (unsigned)number;
    else
        return false;
    if (fault->bytes == text)
        fault->length = call->words->length[place + 1];
    return true;
}

static bool read_fault(struct program_call *call, struct fake_fault *fault)
{
    const char *name = program_word(call, 2);
    size_t i = 0;

    while (i < KINDS && strcmp(kinds[i].name, name) != 0)
        i++;
    if (i == KINDS) {
        program_refuse(call,
                       "\"%s\" is none of refuse, cut, cut-after, cut-reply, "
                       "delay, dribble, noise, lie",
                       name);
        return false;
    }
    fault->kind = kinds[i].kind;
    fault->amount = -1;
    for (size_t place = 3; place < call->words->count; place += 2) {
        if (!read_pair(call, place, fault)) {
            program_refuse(call,
                           "\"%s\" wants: amount N, skip N, times N, "
                           "match TEXT; lie: bytes TEXT",
                           name);
            return false;
        }
    }
    if (kinds[i].needs_amount != (fault->amount >= 0)) {
        program_refuse(call,
                       kinds[i].needs_amount ? "%s needs an amount"
                                             : "%s has no amount",
                       name);
        return false;
    }
    if (fault->amount < 0)
        fault->amount = 0;
    return true;
}

static int fault_one(struct program_link *link, void *fault)
{
    return fake_link_fault(link->link, fault);
}

static void fault(struct program_call *call)
{
    struct fake_fault fault = {0};

    if (read_fault(call, &fault))
        each_link(call, fault_one, &fault);
}

const struct program_command program_link_commands[] = {
    {"urls", "", "what was printed at the start; lines", 0, 0, urls},
    {"links", "", "every port: name, URL, clients, faults that struck; lines",
     0, 0, links},
    {"listen", "SERVER [PORT]", "one more port, a link of its own", 1, 2,
     listen_at},
    {"close", "LINK", "that port is closed, and its clients cut off", 1, 1,
     close_link},
    {"count", "SERVER|LINK [COMMAND]",
     "requests received, of that command, or all but PING and its like", 1, 2,
     count},
    {"dark", "LINK [to-server|to-client|both]", "bytes are held", 1, 2, dark},
    {"light", "LINK", "and given on", 1, 1, light},
    {"fault", "LINK KIND [WORD VALUE]...",
     "KIND: refuse, cut, cut-after, cut-reply, delay, dribble, noise, lie; "
     "WORD: amount (ms, bytes), skip, times (else until healed), match, bytes",
     2, PROGRAM_MOST_WORDS - 1, fault},
    {"heal", "LINK", "no faults any more, and light", 1, 1, heal},
    {"reset", "LINK", "cut off its clients, here and there", 1, 1, reset},
    {"abandon", "LINK", "cut them off; what they sent may still arrive", 1, 1,
     abandon},
    {"expire", "LINK", "ZooKeeper ends their sessions", 1, 1, expire},
    {0},
};
