/* SPDX-License-Identifier: Apache-2.0
 * mc_client.h - one client of a memcached server: where in the stream it is.
 *
 * A command line is taken as soon as it is whole, its value as it comes: so
 * does the real server, and a value refused as too large is thrown away
 * without ever being kept.
 *
 * Answers are gathered, and go to the client when all that came has been
 * taken, or when a command says so (drive_machine() of 1.6.18, conn_mwrite):
 * the answers to a pipeline that ends in nonsense are lost with it.
 */
#ifndef FAKE_MC_CLIENT_H
#define FAKE_MC_CLIENT_H

#include "mc_server.h"

enum fake_mc_protocol {
    FAKE_MC_UNDECIDED = 0, /* the first byte decides                         */
    FAKE_MC_TEXT,
    FAKE_MC_BINARY,
};

struct fake_mc_client {
    struct fake_mc *mc;
    struct fake_conn *conn;
    enum fake_mc_protocol protocol;
    bool is_closing;
    bool is_noreply;        /* text: of the command at work                   */
    bool is_in_chain;       /* binary: between a quiet get and what ends it   */
    uint8_t header[24];     /* binary: of the command at work                 */
    const uint8_t *request; /* binary: its extras and key, while it runs     */
    uint64_t swallow_bytes; /* still to come, and of no use                  */
    struct fake_mc_upload upload;
    uint8_t *answers; /* gathered                                            */
    size_t answer_bytes, answer_room;
};

void fake_mc_client_write(struct fake_mc_client *client, const void *bytes,
                          size_t length);
/* What was gathered goes to the client now. */
void fake_mc_client_flush(struct fake_mc_client *client);
/* Or never will. */
void fake_mc_client_forget(struct fake_mc_client *client);
/* The connection ends, after what was gathered, or without it. */
void fake_mc_client_close(struct fake_mc_client *client);
void fake_mc_client_break(struct fake_mc_client *client);

#endif
