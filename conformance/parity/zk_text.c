/* SPDX-License-Identifier: Apache-2.0
 * zk_text.c - ops of a script as ZooKeeper's requests.
 */
#include "zk_run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- verbs ------------------------------------------------------------- */

static const struct parity_zk_verb verbs[] = {
    {"create", 1, "pdai", PARITY_ZK_PATH, true},
    {"create2", 15, "pdai", PARITY_ZK_PATH_STAT, true},
    {"container", 19, "pdai", PARITY_ZK_PATH_STAT, true},
    {"ttl", 21, "pdail", PARITY_ZK_PATH_STAT, true},
    {"delete", 2, "pi", PARITY_ZK_NOTHING, true},
    {"set", 5, "pdi", PARITY_ZK_STAT, true},
    {"check", 13, "pi", PARITY_ZK_NOTHING, true},
    {"exists", 3, "pb", PARITY_ZK_STAT, false},
    {"get", 4, "pb", PARITY_ZK_DATA_STAT, false},
    {"children", 8, "pb", PARITY_ZK_NAMES, false},
    {"children2", 12, "pb", PARITY_ZK_NAMES_STAT, false},
    {"getacl", 6, "p", PARITY_ZK_ACL_STAT, false},
    {"setacl", 7, "pai", PARITY_ZK_STAT, true},
    {"sync", 9, "p", PARITY_ZK_PATH, false},
    {"below", 104, "p", PARITY_ZK_NUMBER, false},
    {"ephemerals", 103, "p", PARITY_ZK_NAMES, false},
    {"whoami", 107, "", PARITY_ZK_CLIENTS, false},
    {"auth", 100, "0ss", PARITY_ZK_NOTHING, false},
    {"addwatch", 106, "pi", PARITY_ZK_NUMBER, false},
    {"checkwatches", 17, "pi", PARITY_ZK_NOTHING, false},
    {"removewatches", 18, "pi", PARITY_ZK_NOTHING, false},
    {"ping", 11, "", PARITY_ZK_NOTHING, false},
    {"close", -11, "", PARITY_ZK_NOTHING, true},
    {"setwatches", 101, NULL, PARITY_ZK_NOTHING, false},
    {"multi", 14, NULL, PARITY_ZK_MULTI, true},
    {"read", 22, NULL, PARITY_ZK_MULTI, false},
    {"raw", 0, NULL, PARITY_ZK_BYTES, false},
};
static const size_t n_verbs = sizeof verbs / sizeof verbs[0];

const struct parity_zk_verb *parity_zk_verb(const char *name, size_t length)
{
    for (size_t i = 0; i < n_verbs; i++)
        if (strlen(verbs[i].name) == length &&
            memcmp(verbs[i].name, name, length) == 0)
            return &verbs[i];
    return NULL;
}

const struct parity_zk_verb *parity_zk_verb_of(int32_t op)
{
    for (size_t i = 0; i < n_verbs; i++)
        if (verbs[i].op == op)
            return &verbs[i];
    return NULL;
}

/* ---- words ------------------------------------------------------------- */

struct parity_zk_word parity_zk_next(struct parity_zk_words *words)
{
    struct parity_zk_word word;

    word.at = words->at + strspn(words->at, " ");
    word.length = strcspn(word.at, " ");
    words->at = word.at + word.length;
    return word;
}

bool parity_zk_is(struct parity_zk_word word, const char *text)
{
    return word.length == strlen(text) &&
           memcmp(word.at, text, word.length) == 0;
}

int parity_zk_number(struct parity_zk_word word, int64_t *ret_value)
{
    char digits[24], *end;

    if (word.length == 0 || word.length >= sizeof digits)
        return -EINVAL;
    memcpy(digits, word.at, word.length);
    digits[word.length] = '\0';
    errno = 0;
    long long value = strtoll(digits, &end, 10);
    if (errno != 0 || *end != '\0')
        return -EINVAL;
    *ret_value = value;
    return 0;
}

/* ---- arguments --------------------------------------------------------- */

struct maker {
    struct parity_run *run;
    struct parity_zk *zk;
    int conn;
    struct parity_zk_words words;
    struct parity_bytes *out;
};

static void put(struct maker *m, int64_t value, size_t n_bytes)
{
    parity_bytes_big(m->out, (uint64_t)value, n_bytes);
}

/* Over four bytes written before. */
static void put_at(struct maker *m, size_t at, size_t value)
{
    for (size_t i = 0; i < 4 && !m->out->is_short; i++)
        m->out->at[at + i] = (uint8_t)(value >> 8 * (3 - i));
}

static int put_text(struct maker *m, struct parity_zk_word word)
{
    size_t at = m->out->length;

    if (word.length == 0)
        return -EINVAL;
    put(m, -1, 4);
    if (parity_zk_is(word, "@"))
        return 0;
    if (parity_zk_is(word, "\"\""))
        word.length = 0;
    int err = parity_unescape(word.at, word.length, m->run->prefix, m->out);
    if (err == 0)
        put_at(m, at, m->out->length - at - 4);
    return err;
}

/* PERMS:SCHEME:ID up to a comma. */
static int put_ace(struct maker *m, struct parity_zk_word *rest)
{
    const char *end = memchr(rest->at, ',', rest->length);
    struct parity_zk_word ace = {
        rest->at, end == NULL ? rest->length : (size_t)(end - rest->at)};
    const char *scheme = memchr(ace.at, ':', ace.length), *id;
    int64_t perms;

    rest->at += ace.length + (end != NULL);
    rest->length -= ace.length + (end != NULL);
    if (scheme == NULL)
        return -EINVAL;
    struct parity_zk_word word = {ace.at, (size_t)(scheme - ace.at)};
    int err = parity_zk_number(word, &perms);
    if (err != 0)
        return err;
    put(m, perms, 4);
    word.at = scheme + 1;
    word.length = ace.length - (size_t)(word.at - ace.at);
    id = memchr(word.at, ':', word.length);
    if (id == NULL)
        return -EINVAL;
    word.length = (size_t)(id - word.at);
    err = put_text(m, word);
    if (err != 0)
        return err;
    word.at = id + 1;
    word.length = ace.length - (size_t)(word.at - ace.at);
    if (word.length == 0) {
        put(m, 0, 4);
        return 0;
    }
    return put_text(m, word);
}

static int put_acl(struct maker *m, struct parity_zk_word word)
{
    static const char open[] = "31:world:anyone";
    size_t at = m->out->length, count = 0;
    int err = 0;

    if (word.length == 0)
        return -EINVAL;
    if (parity_zk_is(word, "open")) {
        word.at = open;
        word.length = sizeof open - 1;
    }
    put(m, parity_zk_is(word, "null") ? -1 : 0, 4);
    if (parity_zk_is(word, "null") || parity_zk_is(word, "none"))
        return 0;
    while (word.length > 0 && err == 0) {
        err = put_ace(m, &word);
        count++;
    }
    put_at(m, at, count);
    return err;
}

static int put_arg(struct maker *m, char kind)
{
    static const char sizes[] = "i\4l\10b\1";
    int64_t value;

    if (kind == '0') {
        put(m, 0, 4);
        return 0;
    }
    struct parity_zk_word word = parity_zk_next(&m->words);
    if (kind == 'p' || kind == 'd' || kind == 's')
        return put_text(m, word);
    if (kind == 'a')
        return put_acl(m, word);
    int err = parity_zk_number(word, &value);
    if (err == 0)
        put(m, value, (size_t)strchr(sizes, kind)[1]);
    return err;
}

static int put_args(struct maker *m, const char *args)
{
    int err = 0;

    for (; *args != '\0' && err == 0; args++)
        err = put_arg(m, *args);
    return err;
}

/* ---- requests ---------------------------------------------------------- */

static struct parity_zk_word peek(const struct maker *m)
{
    struct parity_zk_words words = m->words;

    return parity_zk_next(&words);
}

static bool is_at_end(const struct maker *m)
{
    struct parity_zk_word word = peek(m);

    return word.length == 0 || parity_zk_is(word, ";");
}

static int put_parts(struct maker *m)
{
    int err = 0;

    while (err == 0 && !is_at_end(m)) {
        struct parity_zk_word name = parity_zk_next(&m->words);
        const struct parity_zk_verb *verb =
            parity_zk_verb(name.at, name.length);
        if (verb == NULL || verb->args == NULL)
            return -EINVAL;
        put(m, verb->op, 4);
        put(m, 0, 1);
        put(m, -1, 4);
        err = put_args(m, verb->args);
        if (parity_zk_is(peek(m), "|"))
            (void)parity_zk_next(&m->words);
        else if (!is_at_end(m))
            return -EINVAL;
    }
    put(m, -1, 4);
    put(m, 1, 1);
    put(m, -1, 4);
    return err;
}

static int put_zxid(struct maker *m)
{
    struct parity_zk_word word = parity_zk_next(&m->words);
    int64_t value = 0;

    if (parity_zk_is(word, "seen")) {
        put(m, m->zk->seen_zxid, 8);
        return 0;
    }
    int err = parity_zk_number(word, &value);
    if (err == 0)
        put(m,
            value == 0
                ? 0
                : (int64_t)parity_rank_value(&m->zk->zxids, (size_t)value, 0),
            8);
    return err;
}

/* The paths of one list, from among all that follow. */
static int put_list(struct maker *m, char list)
{
    struct parity_zk_words all = m->words;
    size_t at = m->out->length, count = 0;
    int err = 0;

    put(m, 0, 4);
    for (;;) {
        struct parity_zk_word word = parity_zk_next(&all);
        if (word.length == 0 || parity_zk_is(word, ";") || err != 0)
            break;
        if (word.length < 3 || word.at[1] != '=')
            return -EINVAL;
        if (word.at[0] != list)
            continue;
        word.at += 2;
        word.length -= 2;
        err = put_text(m, word);
        count++;
    }
    put_at(m, at, count);
    return err;
}

/* setWatches2 (105) when one of its lists is asked for. */
static int put_set_watches(struct maker *m, size_t op_at)
{
    bool is_second = false;
    int err = put_zxid(m);

    for (struct parity_zk_words all = m->words;;) {
        struct parity_zk_word word = parity_zk_next(&all);
        if (word.length == 0 || parity_zk_is(word, ";"))
            break;
        is_second = is_second || word.at[0] == 'p' || word.at[0] == 'r';
    }
    if (is_second)
        put_at(m, op_at, 105);
    for (const char *list = is_second ? "decpr" : "dec";
         *list != '\0' && err == 0; list++)
        err = put_list(m, *list);
    while (!is_at_end(m))
        (void)parity_zk_next(&m->words);
    return err;
}

static int put_raw(struct maker *m, size_t op_at)
{
    int64_t op;
    int err = parity_zk_number(parity_zk_next(&m->words), &op);

    if (err != 0)
        return err;
    put_at(m, op_at, (size_t)op);
    struct parity_zk_word word = parity_zk_next(&m->words);
    if (parity_zk_is(word, "\"\""))
        return 0;
    return parity_unescape(word.at, word.length, m->run->prefix, m->out);
}

static int await(struct parity_zk *zk, struct parity_zk_conn *c, int32_t xid,
                 const struct parity_zk_verb *verb)
{
    if (c->n_awaited == c->room) {
        size_t room = c->room == 0 ? 16 : c->room * 2;
        void *more = realloc(c->awaited, room * sizeof *c->awaited);
        if (more == NULL) {
            zk->is_short = true;
            return -ENOMEM;
        }
        c->awaited = more;
        c->room = room;
    }
    c->awaited[c->n_awaited++] = (struct parity_zk_awaited){xid, verb, false};
    return 0;
}

static int put_request(struct maker *m)
{
    struct parity_zk_conn *c = &m->zk->conns[m->conn];
    struct parity_zk_word name = parity_zk_next(&m->words);
    const struct parity_zk_verb *verb = parity_zk_verb(name.at, name.length);
    size_t at = m->out->length;
    int err;

    if (verb == NULL)
        return -EINVAL;
    int32_t xid = verb->op == 11 ? -2 : ++c->xid;
    put(m, 0, 4);
    put(m, xid, 4);
    put(m, verb->op, 4);
    if (verb->args != NULL)
        err = put_args(m, verb->args);
    else if (verb->form == PARITY_ZK_MULTI)
        err = put_parts(m);
    else if (verb->form == PARITY_ZK_BYTES)
        err = put_raw(m, at + 8);
    else
        err = put_set_watches(m, at + 8);
    if (err == 0 && !is_at_end(m))
        err = -EINVAL;
    put_at(m, at, m->out->length - at - 4);
    return err == 0 ? await(m->zk, c, xid, verb) : err;
}

int parity_zk_encode(struct parity_run *run, int conn, const char *text,
                     struct parity_bytes *out)
{
    struct parity_zk *zk = run->own;
    struct maker m = {run, zk, conn, {text}, out};
    int err;

    /* How many nodes a session's end removes is certain, their order is
     * that of a hash set. */
    if (strstr(text, "close") == NULL)
        zk->exact_op = run->op;
    do {
        err = put_request(&m);
    } while (err == 0 && parity_zk_next(&m.words).length > 0);
    return err;
}

int parity_zk_ping(struct parity_run *run, int conn, bool is_keepalive,
                   struct parity_bytes *out)
{
    struct parity_zk *zk = run->own;
    struct parity_zk_conn *c = &zk->conns[conn];
    struct maker m = {run, zk, conn, {""}, out};
    int err;

    if (c->talk != PARITY_ZK_GREETED || c->is_closing)
        return 0;
    put(&m, 8, 4);
    put(&m, -2, 4);
    put(&m, 11, 4);
    err = await(zk, c, -2, NULL);
    if (err == 0)
        c->awaited[c->n_awaited - 1].is_keepalive = is_keepalive;
    return err;
}
