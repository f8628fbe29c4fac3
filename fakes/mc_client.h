/* SPDX-License-Identifier: Apache-2.0
 * mc_client.h - one client of a memcached server: where in the stream it is.
 *
 * A command line is taken as soon as it is whole, its value as it comes: so
 * does the real server, and a value refused as too large is thrown away
 * without ever being kept.
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
};

void fake_mc_client_close(struct fake_mc_client *client);

#endif
