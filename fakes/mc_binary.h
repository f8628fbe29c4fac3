/* SPDX-License-Identifier: Apache-2.0
 * mc_binary.h - memcached's binary protocol (protocol_binary.h of memcached).
 */
#ifndef FAKE_MC_BINARY_H
#define FAKE_MC_BINARY_H

#include "mc_client.h"

/* Take one header with extras and key; returns their length, 0 when they are
 * not yet whole. */
size_t fake_mc_binary_take(struct fake_mc_client *client, const uint8_t *bytes,
                           size_t length);
/* The value announced by a command has come. */
void fake_mc_binary_uploaded(struct fake_mc_client *client);

#endif
