/* SPDX-License-Identifier: Apache-2.0
 * served.h - one fake, served on a thread of its own: a client that blocks can
 * stand on this one. Its clock is virtual and stands still.
 */
#ifndef SERVED_H
#define SERVED_H

struct served;

/* `scheme` is kazoo, memcached or redis. NULL: no such thing, or no memory. */
struct served *served_new(const char *scheme);
void served_free(struct served *s); /* NULL is allowed */
int served_port(const struct served *s);
/* The fake's dump, taken between two requests; the caller frees. */
char *served_dump(struct served *s);
/* It loses all data and stays up. */
void served_flush(struct served *s);

#endif
