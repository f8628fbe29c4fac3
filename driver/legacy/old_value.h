/* SPDX-License-Identifier: Apache-2.0
 * old_value.h - the values of nova's memcache service group driver.
 *
 *   Kilo, Liberty   pickled datetime, the server's TTL is service_down_time
 *   Mitaka and on   dogpile's CachedValue of it, no TTL: the reader compares
 *                   the time of caching with its own clock
 */
#ifndef SG_LEGACY_OLD_VALUE_H
#define SG_LEGACY_OLD_VALUE_H

#include "backend.h"

enum sg_old_era { SG_OLD_LIBERTY, SG_OLD_MITAKA };

/* Client flags of python-memcached; 1 is a pickle. */
#define SG_OLD_PICKLED 1u
#define SG_OLD_VALUE_MAX 200

/* What every reader of that era takes for a beat at this moment: Python 2 and
 * Python 3 alike, for no byte of it is outside ASCII. Returns the length. */
size_t sg_old_value_write(enum sg_old_era era, int64_t wall_us,
                          char to[SG_OLD_VALUE_MAX]);

enum sg_old_found {
    SG_OLD_UP,
    SG_OLD_STALE,   /* cached longer ago than service_down_time          */
    SG_OLD_NOTHING, /* what the old reader takes for "no entry"          */
    SG_OLD_RAISES,  /* the old reader fails with an exception here       */
    SG_OLD_NO_MEMORY,
};
struct sg_old_seen {
    enum sg_old_found found;
    int64_t beat_us; /* Unix; -1: the value does not tell                 */
};
/* Total. `python`: 2 or 3, whose reader is asked. */
struct sg_old_seen sg_old_value_read(struct sg_op *op, enum sg_old_era era,
                                     int python, uint32_t flags,
                                     const uint8_t *bytes, size_t length,
                                     int64_t now_us, int64_t down_us);

#endif
