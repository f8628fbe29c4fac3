/* SPDX-License-Identifier: Apache-2.0
 * mc_text.h - memcached's text protocol (doc/protocol.txt of memcached).
 */
#ifndef FAKE_MC_TEXT_H
#define FAKE_MC_TEXT_H

#include "mc_client.h"

/* Take one command line; returns its length, 0 when it is not yet whole. */
size_t fake_mc_text_take(struct fake_mc_client *client, const uint8_t *bytes,
                         size_t length);
/* The value announced by a command has come. */
void fake_mc_text_uploaded(struct fake_mc_client *client);

#endif
