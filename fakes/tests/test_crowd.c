/* SPDX-License-Identifier: Apache-2.0
 * test_crowd.c - bad company: a thousand clients, slow, silent, half gone or
 * mad, and beside them a healthy one that goes on being served.
 */
#include "echo.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/socket.h>

/* ---- three protocols -------------------------------------------------- */

struct speech {
    const char *bytes;
    size_t length;
};

#define SPEECH(text)                                                           \
    {                                                                          \
        text, sizeof text - 1                                                  \
    }

/* What a client says first, and what is answered: length, and how it begins.
 * Then what it says again and again. A ZooKeeper greeting is a length, then
 * version, last zxid, timeout, session, password, read-only; its ping is xid
 * -2 and type 11. */
struct protocol {
    const char *name;
    int (*new_fake)(struct fake_hub *hub, struct fake **ret_fake);
    struct speech hello, welcome;
    size_t welcome_length;
    struct speech ask, answer;
    size_t answer_length;
};

static int new_kazoo(struct fake_hub *hub, struct fake **ret_fake)
{
    return fake_zookeeper_new(hub, 2000, ret_fake);
}

static int new_memcached(struct fake_hub *hub, struct fake **ret_fake)
{
    return fake_memcached_new(hub, 0, ret_fake);
}

#define NO_BYTES_8 "\0\0\0\0\0\0\0\0"

static const struct protocol protocols[] = {
    {"kazoo", new_kazoo,
     SPEECH("\0\0\0\x2d\0\0\0\0" NO_BYTES_8 "\0\0\x27\x10" NO_BYTES_8
            "\0\0\0\x10" NO_BYTES_8 NO_BYTES_8 "\0"),
     SPEECH("\0\0\0\x25\0\0\0\0\0\0\x27\x10"), 41,
     SPEECH("\0\0\0\x08\xff\xff\xff\xfe\0\0\0\x0b"),
     SPEECH("\0\0\0\x10\xff\xff\xff\xfe"), 20},
    {"memcached", new_memcached, SPEECH("set a 0 0 1\r\n1\r\n"),
     SPEECH("STORED\r\n"), 8, SPEECH("get a\r\n"),
     SPEECH("VALUE a 0 1\r\n1\r\nEND\r\n"), 21},
    {"redis", fake_redis_new,
     SPEECH("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"), SPEECH("+OK\r\n"), 5,
     SPEECH("*2\r\n$3\r\nGET\r\n$1\r\na\r\n"), SPEECH("$1\r\n1\r\n"), 7},
};

enum { PROTOCOLS = sizeof protocols / sizeof *protocols, CROWD = 1000 };

/* ---- a server, a crowd, and one of good will --------------------------- */

struct crowd {
    const struct protocol *protocol;
    struct fake_hub *hub;
    struct fake *fake;
    struct fake_link *link;
    int healthy;
    int fds[CROWD];
    size_t count;
    size_t quiet_bytes; /* in use when nobody but the healthy one is there   */
};

/* Two descriptors a client. Memcheck lets no limit be raised. */
static size_t most_clients(void)
{
    struct rlimit limit;
    size_t most;

    unit_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    unit_int(getrlimit(RLIMIT_NOFILE, &limit), 0);
    most = limit.rlim_cur > 300 ? (limit.rlim_cur - 100) / 2 : 100;
    return most < CROWD ? most : CROWD;
}

/* Under a sanitizer it is always 0, and no bound is judged. */
static size_t bytes_in_use(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* Idle twenty times: loopback may take a moment. */
static void settle(struct crowd *c)
{
    for (int idle = 0; idle < 20; idle++)
        while (fake_poll(c->hub, 0))
            idle = 0;
}

static void converse(struct crowd *c, int fd, const struct speech *say,
                     const struct speech *want, size_t want_length)
{
    char got[64];

    echo_say(c->hub, fd, say->bytes, say->length);
    unit_int((int64_t)echo_hear(c->hub, fd, got, want_length),
             (int64_t)want_length);
    unit_bytes(got, want->length, want->bytes, want->length);
}

static void is_served(struct crowd *c)
{
    const struct protocol *p = c->protocol;

    converse(c, c->healthy, &p->ask, &p->answer, p->answer_length);
}

static void open_crowd(struct crowd *c, const struct protocol *p)
{
    struct fake_hub_options options = {.virtual_clock = true};

    memset(c, 0, sizeof *c);
    c->protocol = p;
    unit_int(fake_hub_new(&options, &c->hub), 0);
    unit_int(p->new_fake(c->hub, &c->fake), 0);
    unit_int(fake_listen(c->fake, "crowd", &c->link), 0);
    c->healthy = echo_dial(c->link);
    converse(c, c->healthy, &p->hello, &p->welcome, p->welcome_length);
    is_served(c);
    settle(c);
    c->quiet_bytes = bytes_in_use();
}

static void gather(struct crowd *c, size_t count)
{
    for (; c->count < count; c->count++) {
        c->fds[c->count] = echo_dial(c->link);
        unit_true(fcntl(c->fds[c->count], F_SETFL, O_NONBLOCK) == 0);
        if (c->count % 100 == 99)
            settle(c);
    }
    settle(c);
    unit_int(fake_link_clients(c->link), (int64_t)count + 1);
}

/* No more than so much for each of the crowd. Tables that have grown are
 * allowed for, and small blocks that malloc keeps at hand as if in use. */
static void uses_at_most(struct crowd *c, size_t bytes)
{
    size_t used = bytes_in_use();

    if (used > c->quiet_bytes + (256 << 10) + c->count * bytes)
        unit_fail(__FILE__, __LINE__, "%s: %zu clients use %zu bytes each",
                  c->protocol->name, c->count,
                  (used - c->quiet_bytes) / c->count);
}

/* All go, and nothing is left of them, but what ZooKeeper keeps of a session
 * until it expires. */
static void disperse(struct crowd *c)
{
    for (size_t i = 0; i < c->count; i++)
        close(c->fds[i]);
    settle(c);
    unit_int(fake_link_clients(c->link), 1);
    is_served(c);
    uses_at_most(c, 1024);
    fake_advance(c->hub, fake_now(c->hub) + 60000);
    settle(c);
    is_served(c);
    uses_at_most(c, 0);
    close(c->healthy);
    fake_hub_free(c->hub);
}

/* ---- bad company ------------------------------------------------------ */

UNIT(crowd, a_thousand_that_say_nothing)
{
    struct crowd c;
    for (int i = 0; i < PROTOCOLS; i++) {
        open_crowd(&c, &protocols[i]);
        gather(&c, most_clients());
        is_served(&c);
        uses_at_most(&c, 2048);
        disperse(&c);
    }
}

/* A byte of each in turn; and every one of them is answered. */
static void speak_slowly(struct crowd *c)
{
    const struct protocol *p = c->protocol;
    char got[64];

    for (size_t at = 0; at < p->hello.length; at++) {
        for (size_t i = 0; i < c->count; i++)
            echo_say(c->hub, c->fds[i], p->hello.bytes + at, 1);
        is_served(c);
        if (at + 1 == p->hello.length / 2)
            uses_at_most(c, 4096);
    }
    for (size_t i = 0; i < c->count; i++) {
        unit_int((int64_t)echo_hear(c->hub, c->fds[i], got, p->welcome_length),
                 (int64_t)p->welcome_length);
        unit_bytes(got, p->welcome.length, p->welcome.bytes, p->welcome.length);
    }
}

UNIT(crowd, a_thousand_that_send_a_byte_at_a_time)
{
    struct crowd c;
    for (int i = 0; i < PROTOCOLS; i++) {
        open_crowd(&c, &protocols[i]);
        gather(&c, most_clients());
        speak_slowly(&c);
        uses_at_most(&c, 4096);
        disperse(&c);
    }
}

/* Half a request, and then: silence, no more to send, or a reset. */
static void leave_half(struct crowd *c, size_t i)
{
    struct linger at_once = {.l_onoff = 1};

    echo_say(c->hub, c->fds[i], c->protocol->hello.bytes,
             c->protocol->hello.length - 1 - i % 8);
    if (i % 3 == 1) {
        shutdown(c->fds[i], SHUT_WR);
    } else if (i % 3 == 2) {
        setsockopt(c->fds[i], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(c->fds[i]);
        c->fds[i] = -1;
    }
}

UNIT(crowd, a_thousand_that_end_in_the_middle_of_a_request)
{
    struct crowd c;
    for (int i = 0; i < PROTOCOLS; i++) {
        open_crowd(&c, &protocols[i]);
        gather(&c, most_clients());
        for (size_t k = 0; k < c.count; k++) {
            leave_half(&c, k);
            if (k % 50 == 0)
                is_served(&c);
        }
        settle(&c);
        unit_int(fake_link_clients(c.link), (int64_t)(c.count + 2) / 3 + 1);
        uses_at_most(&c, 4096);
        disperse(&c);
    }
}

/* ---- noise ------------------------------------------------------------ */

static uint64_t dice(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

enum { NOISE = 3000 };

/* Any bytes, some after the words that a protocol knows; whether they are
 * taken is the server's business. */
static void rave(struct crowd *c, int fd, uint64_t *state)
{
    uint8_t bytes[NOISE];
    size_t length = 1 + dice(state) % NOISE;
    unsigned kind = (unsigned)(dice(state) % 4);

    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(dice(state) >> 24);
    if (kind == 1 && length > c->protocol->hello.length)
        memcpy(bytes, c->protocol->hello.bytes, c->protocol->hello.length);
    for (size_t i = 0; kind == 2 && i < length; i++)
        bytes[i] = "\r\n *$0123456789getsGETS"[bytes[i] % 23];
    for (size_t i = 0; kind == 3 && i + 4 <= length; i += 4 + bytes[i + 3])
        memset(bytes + i, 0, 3); /* frames of ZooKeeper, of some length */
    if (send(fd, bytes, length, MSG_NOSIGNAL) < 0)
        unit_true(errno == EPIPE || errno == ECONNRESET || errno == EAGAIN);
}

UNIT(crowd, a_thousand_that_send_any_bytes_at_all)
{
    uint64_t state = 20260102;
    struct crowd c;
    for (int i = 0; i < PROTOCOLS; i++) {
        open_crowd(&c, &protocols[i]);
        gather(&c, most_clients());
        for (int round = 0; round < 3; round++) {
            for (size_t k = 0; k < c.count; k++) {
                rave(&c, c.fds[k], &state);
                if (k % 50 == 0)
                    is_served(&c);
            }
            settle(&c);
        }
        uses_at_most(&c, 4 * NOISE + 4096);
        disperse(&c);
    }
}

/* The other protocol's clients, on each port. */
UNIT(crowd, clients_of_another_server)
{
    struct crowd c;
    for (int i = 0; i < PROTOCOLS; i++) {
        open_crowd(&c, &protocols[i]);
        gather(&c, 30);
        for (size_t k = 0; k < c.count; k++) {
            const struct protocol *other = &protocols[k % PROTOCOLS];
            if (other == c.protocol)
                continue;
            echo_say(c.hub, c.fds[k], other->hello.bytes, other->hello.length);
            is_served(&c);
        }
        disperse(&c);
    }
}

/* A request that says it is long, by a thousand clients: memory is taken for
 * what comes, not for what is announced. */
UNIT(crowd, a_thousand_that_announce_a_megabyte)
{
    static const struct speech big[PROTOCOLS] = {
        SPEECH("\0\x0f\xff\xff\0\0\0\0"), SPEECH("set a 0 0 1000000\r\nx"),
        SPEECH("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1000000\r\nx")};
    struct crowd c;
    for (int i = 0; i < PROTOCOLS; i++) {
        if (strcmp(protocols[i].name, "memcached") == 0)
            continue; /* its items are made when they are announced */
        open_crowd(&c, &protocols[i]);
        gather(&c, most_clients());
        for (size_t k = 0; k < c.count; k++)
            echo_say(c.hub, c.fds[k], big[i].bytes, big[i].length);
        settle(&c);
        is_served(&c);
        uses_at_most(&c, 4096);
        disperse(&c);
    }
}
