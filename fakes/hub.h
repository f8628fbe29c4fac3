/* SPDX-License-Identifier: Apache-2.0
 * hub.h - what the sources of the hub share: loop, server, link, connection.
 * Internal to the hub; the protocols see service.h only. The proxy is the one
 * service that needs the loop itself.
 *
 * A connection has two halves. The client's half is a socket; the server's
 * half is the service's state. Either can outlive the other: the client's
 * while bytes wait to be written, the server's while what a client sent, or
 * the news of its end, is held by a dark link.
 */
#ifndef FAKE_HUB_H
#define FAKE_HUB_H

#include "service.h"

#include <uv.h>

/* ---- counts ----------------------------------------------------------- */

struct fake_counter {
    struct fake_counter *next;
    unsigned seen;
    char name[];
};

struct fake_counts {
    struct fake_counter *first;
    unsigned all; /* without the library's own traffic                      */
};

int fake_count_add(struct fake_counts *counts, const char *name,
                   bool own_traffic);
void fake_count_clear(struct fake_counts *counts);

/* ---- the hub ---------------------------------------------------------- */

struct fake_hub {
    uv_loop_t loop;
    uv_async_t wake;
    uv_timer_t alarm;
    bool is_virtual;
    bool has_served; /* something happened in this fake_poll()         */
    unsigned depth;  /* calls in progress: nothing is ended meanwhile  */
    int64_t now_ms;  /* virtual clock only                             */
    int64_t wall_less_now_ms;
    double rate;          /* virtual clock: 0 stands, else it runs       */
    int64_t from_ms;      /* since when it runs so: in its own time,     */
    int64_t from_real_ns; /* and in real time                            */
    uv_poll_t watch;
    bool is_watching;
    struct fake_timer *timers; /* a pairing heap                            */
    uint64_t next_order;
    struct fake *fakes;
    struct fake_conn *ending; /* server halves that wait for service->close */
    struct fake_conn **ending_end;
    struct fake_conn *dirty; /* client halves with something to write       */
    bool is_accept_due;      /* memory was short: some link must try again  */
    fake_trace_fn *trace;
    void *trace_arg;
    char read_buffer[65536];
};

/* Around every entry from outside. The last leave tells the services which
 * of their connections have ended: never in the middle of their own work. */
void fake_hub_enter(struct fake_hub *hub);
void fake_hub_leave(struct fake_hub *hub);

int64_t fake_vclock_real_ms(void);
/* Fire what is due at or before now; false when nothing was. */
bool fake_vclock_fire_due(struct fake_hub *hub);
/* A clock that runs by itself: move it to where it should be now. */
void fake_vclock_catch_up(struct fake_hub *hub);
/* Real time until the next planned event; INT64_MAX: none will come. */
int64_t fake_vclock_wait_ms(const struct fake_hub *hub);

/* ---- servers ---------------------------------------------------------- */

struct fake {
    struct fake *next;
    struct fake_hub *hub;
    const struct fake_service *service;
    void *state;
    bool is_up;
    int64_t started_ms;
    enum fake_condition condition;
    unsigned refused;
    struct fake_counts counts;
    struct fake_link *links; /* oldest first                                */
};

/* Ends links and state; the connections must be told by fake_hub_leave(). */
void fake_server_close_links(struct fake *f);
void fake_server_free_state(struct fake *f);
void fake_server_free(struct fake *f);

/* ---- faults ----------------------------------------------------------- */

struct fake_fault_row {
    struct fake_fault_row *next;
    struct fake_fault fault; /* its texts are owned by the row              */
};

/* The fault that rules a reply; kind 0: none. */
struct fake_strike {
    enum fake_fault_kind kind;
    bool has_reply;    /* the reply has begun                                */
    bool is_swallowed; /* and nothing of it will ever pass                  */
    int64_t amount;
    uint8_t *bytes; /* FAKE_LIE                                           */
    size_t length;
};

/* The row that strikes this request (NULL bytes: a new connection); counts
 * skip, times and struck. 0: none. Negative errno: out of memory. */
int fake_fault_strike(struct fake_link *link, const uint8_t *bytes,
                      size_t length, struct fake_strike *ret_strike);
void fake_fault_clear(struct fake_link *link);
void fake_strike_end(struct fake_strike *strike);

/* ---- links ------------------------------------------------------------ */

struct fake_link {
    struct fake_link *next;
    struct fake *fake;
    uv_tcp_t listener;
    unsigned refs; /* the listener, and each connection                     */
    bool is_closed;
    bool is_accept_due;
    int port;
    unsigned dark; /* of enum fake_direction                                */
    unsigned struck;
    unsigned awaited; /* clients that will come back                        */
    bool is_retried;  /* a client was turned away and tries again, slowly   */
    struct fake_fault_row *faults;
    struct fake_counts counts;
    struct fake_conn *conns; /* oldest first                                */
    const struct fake_conn *newest;
    uint8_t greeting[64];
    size_t greeting_length;
    char label[];
};

void fake_link_unref(struct fake_link *link);

/* ---- connections ------------------------------------------------------ */

/* Bytes on their way, to the server or to the client. */
struct fake_chunk {
    struct fake_chunk *next;
    struct fake_conn *conn;
    uv_write_t write;
    int64_t due_ms;  /* not before; 0: at once                              */
    int64_t step_ms; /* one byte each; 0: all together                      */
    bool has_waited; /* the kernel did not take it at once                  */
    size_t given;    /* how many of the bytes have passed                   */
    size_t length;
    uint8_t bytes[];
};

struct fake_queue {
    struct fake_chunk *first, *last;
};

struct fake_chunk *fake_chunk_new(const void *bytes, size_t length);
void fake_queue_add(struct fake_queue *queue, struct fake_chunk *chunk);
struct fake_chunk *fake_queue_take(struct fake_queue *queue);
void fake_queue_clear(struct fake_queue *queue);

/* Bytes that grow at the end and are used up from the front. */
struct fake_bytes {
    uint8_t *at;
    size_t length, room;
};

int fake_bytes_add(struct fake_bytes *bytes, const void *more, size_t length);
void fake_bytes_drop(struct fake_bytes *bytes, size_t length);
void fake_bytes_clear(struct fake_bytes *bytes);

enum fake_server_half {
    FAKE_HALF_WAITING = 0, /* parked: the server has not heard of it        */
    FAKE_HALF_OPEN,
    FAKE_HALF_ENDING, /* service->close is due                              */
    FAKE_HALF_ENDED,
};

enum fake_ending {
    FAKE_END_NONE = 0,
    FAKE_END_CLOSE, /* once all is written                                  */
    FAKE_END_RESET, /* once what was let pass is written                    */
};

struct fake_conn {
    struct fake_conn *next, *prev; /* of the link                           */
    struct fake_conn *next_ending, *next_dirty;
    struct fake_link *link;
    uv_tcp_t socket;
    bool is_socket_open;   /* not closed by us, nor by the client           */
    bool is_handle_closed; /* the loop has let go of it                     */
    bool has_client_left;  /* the client closed first                       */
    bool has_said_goodbye; /* closed in answer to a request: not awaited    */
    bool has_answered;     /* the client got a byte: its library thinks it is
                            * connected, and will return at once            */
    bool is_on_hold;       /* the service will never answer it              */
    bool is_dirty;
    bool is_in_data;
    enum fake_server_half server;
    enum fake_ending ending;
    void *client;             /* the service's state                        */
    struct fake_queue held;   /* read, not yet given to the server          */
    struct fake_bytes input;  /* given, not yet taken by the service        */
    struct fake_bytes answer; /* written during service->data               */
    struct fake_strike strike;
    struct fake_queue output; /* behind the fault, not yet let pass         */
    struct fake_queue ready;  /* let pass, not yet written                  */
    unsigned writes;          /* given to the loop, not yet reported        */
    struct fake_timer timer;  /* when the first of `output` is due          */
};

/* conn.c: one connection's life. */
void fake_conn_accept(struct fake_link *link);
void fake_conn_free_if_done(struct fake_conn *conn);
/* Close the client's half now. */
void fake_conn_drop_client(struct fake_conn *conn, bool reset);
/* End the server's half; the service hears of it from fake_hub_leave(). */
void fake_conn_end_server(struct fake_conn *conn);
void fake_conn_reset(struct fake_conn *conn);
/* Tell the service; fake_hub_leave() only. */
void fake_conn_finish_server(struct fake_conn *conn);

/* request.c: the way to the server. */
void fake_request_came(struct fake_conn *conn, const void *bytes,
                       size_t length);
void fake_request_client_left(struct fake_conn *conn);
void fake_request_abandon(struct fake_conn *conn);
/* Open the server's half if it waits, give it what is held, and tell it if
 * the client has left: as far as darkness and the server's state allow. */
void fake_request_go_on(struct fake_conn *conn);

/* reply.c: the way to the client. */
void fake_reply_came(struct fake_conn *conn, const void *bytes, size_t length);
void fake_reply_go_on(struct fake_conn *conn);
void fake_reply_heal(struct fake_conn *conn);
void fake_reply_mark_dirty(struct fake_conn *conn);
/* Close or reset the client's half once all that came has been written. */
void fake_reply_end(struct fake_conn *conn, enum fake_ending ending);
/* Write what has passed. fake_poll() only; false: nothing was to be done. */
bool fake_reply_flush(struct fake_hub *hub);
void fake_reply_timer_fired(void *conn);

#endif
