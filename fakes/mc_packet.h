/* SPDX-License-Identifier: Apache-2.0
 * mc_packet.h - requests and responses of the binary protocol as bytes.
 *
 * A header of 24 bytes: magic, opcode, key length (2), extras length, data
 * type, status (2; of a request: nothing), body length (4), opaque (4), cas
 * (8); then extras, key and value. All numbers big-endian.
 */
#ifndef FAKE_MC_PACKET_H
#define FAKE_MC_PACKET_H

#include "mc_client.h"

#define FAKE_MC_HEADER_BYTES 24

enum fake_mc_status {
    FAKE_MC_OK = 0x00,
    FAKE_MC_KEY_ENOENT = 0x01,
    FAKE_MC_KEY_EEXISTS = 0x02,
    FAKE_MC_E2BIG = 0x03,
    FAKE_MC_EINVAL = 0x04,
    FAKE_MC_ENOT_STORED = 0x05,
    FAKE_MC_DELTA_BADVAL = 0x06,
    FAKE_MC_UNKNOWN_COMMAND = 0x81,
    FAKE_MC_ENOMEM = 0x82,
};

uint64_t fake_mc_packet_load(const uint8_t *at, size_t length);
void fake_mc_packet_save(uint8_t *at, size_t length, uint64_t value);

/* Of the request whose header the client holds. */
size_t fake_mc_packet_key_bytes(const struct fake_mc_client *c);
size_t fake_mc_packet_extras_bytes(const struct fake_mc_client *c);
uint64_t fake_mc_packet_body_bytes(const struct fake_mc_client *c);
uint64_t fake_mc_packet_value_bytes(const struct fake_mc_client *c);
uint64_t fake_mc_packet_cas(const struct fake_mc_client *c);
struct fake_mc_key fake_mc_packet_key(const struct fake_mc_client *c);
/* A number among the extras. */
uint64_t fake_mc_packet_extra(const struct fake_mc_client *c, size_t at,
                              size_t length);

struct fake_mc_response {
    enum fake_mc_status status;
    uint64_t cas;
    const uint8_t *extras;
    size_t extras_bytes;
    struct fake_mc_key key;
    const void *value;
    size_t value_bytes;
};
void fake_mc_packet_write(struct fake_mc_client *c,
                          const struct fake_mc_response *r);
void fake_mc_packet_say(struct fake_mc_client *c, enum fake_mc_status status,
                        const char *text);
/* With the server's own words for that status. What was gathered goes, unless
 * bytes are to be skipped first (write_bin_error()). */
void fake_mc_packet_fail(struct fake_mc_client *c, enum fake_mc_status status);

#endif
