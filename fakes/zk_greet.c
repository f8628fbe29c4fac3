/* SPDX-License-Identifier: Apache-2.0
 * zk_greet.c - the first frame of a ZooKeeper connection: a new session, an
 * old one again, or neither.
 */
#include "zk.h"

struct hello {
    int64_t last_zxid, id;
    int32_t timeout_ms;
    struct fake_zk_text password;
    bool has_read_only, is_read_only; /* old clients do not say             */
};

static bool read_hello(const uint8_t *bytes, size_t length,
                       struct hello *ret_hello)
{
    struct fake_zk_reader r = fake_zk_reader(bytes, length);

    (void)fake_zk_read_int(&r); /* the protocol's version: not looked at */
    ret_hello->last_zxid = fake_zk_read_long(&r);
    ret_hello->timeout_ms = fake_zk_read_int(&r);
    ret_hello->id = fake_zk_read_long(&r);
    ret_hello->password = fake_zk_read_text(&r);
    ret_hello->has_read_only = r.left > 0;
    ret_hello->is_read_only = r.left > 0 && fake_zk_read_bool(&r);
    return !r.is_bad;
}

static int32_t granted(const struct fake_zk *zk, int32_t asked)
{
    int64_t least = 2 * zk->tick_ms, most = 20 * zk->tick_ms;
    int64_t timeout = asked < least ? least : asked > most ? most : asked;

    return timeout > INT32_MAX ? INT32_MAX : (int32_t)timeout;
}

/* `session` NULL: the answer that means "expired". */
static void welcome(struct fake_zk_conn *c, const struct hello *hello,
                    const struct fake_zk_session *session)
{
    static const uint8_t none[FAKE_ZK_PASSWORD];
    struct fake_zk_writer w = {0};
    struct fake_zk_text password = {
        (const char *)(session == NULL ? none : session->password),
        FAKE_ZK_PASSWORD};

    fake_zk_write_int(&w, 0); /* the length, later */
    fake_zk_write_int(&w, 0);
    fake_zk_write_int(&w, session == NULL ? 0 : session->timeout_ms);
    fake_zk_write_long(&w, session == NULL ? 0 : session->id);
    fake_zk_write_text(&w, password);
    if (hello->has_read_only)
        fake_zk_write_bool(&w, hello->is_read_only &&
                                   fake_condition_of(c->zk->fake) ==
                                       FAKE_READ_ONLY);
    fake_zk_send(c, &w);
    if (session == NULL)
        fake_zk_hang_up(c);
}

static struct fake_zk_session *find_old(struct fake_zk_conn *c,
                                        const struct hello *hello)
{
    struct fake_zk_session *session = fake_zk_session_find(c->zk, hello->id);
    struct fake_zk_text password;

    if (session == NULL)
        return NULL;
    /* The server closes the session's old connection before it looks at the
     * password of the new one; measured. */
    if (session->conn != NULL) {
        struct fake_zk_conn *old = session->conn;
        fake_zk_session_left(old);
        fake_zk_hang_up(old);
    }
    password.at = (const char *)session->password;
    password.length = FAKE_ZK_PASSWORD;
    return fake_zk_text_equal(password, hello->password) ? session : NULL;
}

/* A client that has seen more than the server has (its data was lost) is
 * closed without an answer, and the library tries again for ever
 * (ZooKeeperServer.processConnectRequest: "our last zxid is ..., client must
 * try another server"). A real server stays behind such a client for long;
 * here a few changes would catch up with it, and by chance, so a session that
 * was lost is refused for good. */
static bool is_from_the_future(const struct fake_zk *zk,
                               const struct hello *hello)
{
    if (hello->last_zxid > zk->zxid)
        return true;
    return hello->last_zxid > 0 && hello->id != 0 &&
           hello->id <= zk->sessions.lost_id;
}

void fake_zk_greet(struct fake_zk_conn *c, const uint8_t *bytes, size_t length)
{
    struct fake_zk_session *session;
    struct hello hello;

    fake_count_command(c->conn, "connect", true);
    if (!read_hello(bytes, length, &hello)) {
        fake_zk_hang_up(c);
        return;
    }
    if (is_from_the_future(c->zk, &hello)) {
        fake_zk_hang_up(c);
        return;
    }
    session = hello.id == 0 ? fake_zk_session_new(c->zk) : find_old(c, &hello);
    if (session == NULL && hello.id != 0) {
        welcome(c, &hello, NULL);
    } else if (session == NULL) {
        fake_zk_hang_up(c);
    } else if (fake_zk_session_take(c, session,
                                    granted(c->zk, hello.timeout_ms))) {
        welcome(c, &hello, session);
    } else {
        /* No memory for a label. An old session ages on, a new one was never
         * told to anybody. */
        if (hello.id == 0)
            fake_zk_session_free(c->zk, session);
        fake_zk_hang_up(c);
    }
}
