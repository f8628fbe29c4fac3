/* SPDX-License-Identifier: Apache-2.0
 * redis_greet.h - the first words on a new connection.
 */
#ifndef SG_REDIS_GREET_H
#define SG_REDIS_GREET_H

#include "redis_conn.h"

/* Log in, choose the database, ask for the role and the age of the server:
 * together, one wait. SG_EUNKNOWN, SG_ENOMEM. */
int sg_redis_greet(struct sg_redis_conn *conn, struct sg_op *op);

#endif
