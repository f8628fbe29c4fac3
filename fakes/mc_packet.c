/* SPDX-License-Identifier: Apache-2.0
 * mc_packet.c - requests and responses of the binary protocol as bytes.
 */
#include "mc_packet.h"

#include <string.h>

/* ---- numbers of the wire ---------------------------------------------- */

uint64_t fake_mc_packet_load(const uint8_t *at, size_t length)
{
    uint64_t value = 0;

    for (size_t i = 0; i < length; i++)
        value = value << 8 | at[i];
    return value;
}

void fake_mc_packet_save(uint8_t *at, size_t length, uint64_t value)
{
    for (size_t i = length; i > 0; i--) {
        at[i - 1] = (uint8_t)value;
        value >>= 8;
    }
}

/* ---- the request at work ---------------------------------------------- */

size_t fake_mc_packet_key_bytes(const struct fake_mc_client *c)
{
    return (size_t)fake_mc_packet_load(c->header + 2, 2);
}

size_t fake_mc_packet_extras_bytes(const struct fake_mc_client *c)
{
    return c->header[4];
}

uint64_t fake_mc_packet_body_bytes(const struct fake_mc_client *c)
{
    return fake_mc_packet_load(c->header + 8, 4);
}

uint64_t fake_mc_packet_cas(const struct fake_mc_client *c)
{
    return fake_mc_packet_load(c->header + 16, 8);
}

uint64_t fake_mc_packet_value_bytes(const struct fake_mc_client *c)
{
    return fake_mc_packet_body_bytes(c) - fake_mc_packet_extras_bytes(c) -
           fake_mc_packet_key_bytes(c);
}

struct fake_mc_key fake_mc_packet_key(const struct fake_mc_client *c)
{
    return (struct fake_mc_key){c->request + fake_mc_packet_extras_bytes(c),
                                fake_mc_packet_key_bytes(c)};
}

uint64_t fake_mc_packet_extra(const struct fake_mc_client *c, size_t at,
                              size_t length)
{
    return fake_mc_packet_load(c->request + at, length);
}

/* ---- answers ---------------------------------------------------------- */

void fake_mc_packet_write(struct fake_mc_client *c,
                          const struct fake_mc_response *r)
{
    uint8_t header[FAKE_MC_HEADER_BYTES] = {0x81, c->header[1]};

    fake_mc_packet_save(header + 2, 2, r->key.length);
    header[4] = (uint8_t)r->extras_bytes;
    fake_mc_packet_save(header + 6, 2, r->status);
    fake_mc_packet_save(header + 8, 4,
                        r->extras_bytes + r->key.length + r->value_bytes);
    memcpy(header + 12, c->header + 12, 4);
    fake_mc_packet_save(header + 16, 8, r->cas);
    fake_mc_client_write(c, header, sizeof header);
    fake_mc_client_write(c, r->extras, r->extras_bytes);
    fake_mc_client_write(c, r->key.bytes, r->key.length);
    fake_mc_client_write(c, r->value, r->value_bytes);
}

void fake_mc_packet_say(struct fake_mc_client *c, enum fake_mc_status status,
                        const char *text)
{
    struct fake_mc_response r = {
        .status = status, .value = text, .value_bytes = strlen(text)};

    fake_mc_packet_write(c, &r);
}

void fake_mc_packet_fail(struct fake_mc_client *c, enum fake_mc_status status)
{
    static const struct {
        enum fake_mc_status status;
        const char *text;
    } texts[] = {
        {FAKE_MC_KEY_ENOENT, "Not found"},
        {FAKE_MC_KEY_EEXISTS, "Data exists for key."},
        {FAKE_MC_E2BIG, "Too large."},
        {FAKE_MC_EINVAL, "Invalid arguments"},
        {FAKE_MC_ENOT_STORED, "Not stored."},
        {FAKE_MC_DELTA_BADVAL,
         "Non-numeric server-side value for incr or decr"},
        {FAKE_MC_UNKNOWN_COMMAND, "Unknown command"},
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].status == status)
            fake_mc_packet_say(c, status, texts[i].text);
    if (c->swallow_bytes == 0)
        fake_mc_client_flush(c);
}
