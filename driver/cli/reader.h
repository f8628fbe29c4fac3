/* SPDX-License-Identifier: Apache-2.0
 * reader.h - who reads the stores (api, scheduler, ...), and which of the two
 * its configuration lets it read.
 *
 * The stores know nothing of their readers: this is the one thing that an
 * operator has to bring, a copy of the file of each.
 */
#ifndef CLI_READER_H
#define CLI_READER_H

#include <stdbool.h>
#include <stddef.h>

enum reads { READS_NEITHER, READS_OLD, READS_NEW, READS_BOTH };

struct reader {
    const char *path; /* in the word that it was made of               */
    char name[80];
    enum reads reads;
};

#define READERS_MAX 64
struct readers {
    size_t n;
    struct reader at[READERS_MAX];
};

/* "NAME=FILE", or "FILE", which is then the name. False: too many. */
bool readers_add(struct readers *readers, const char *word);
/* Read all the files. False: sg_why() says what is wrong with one. */
bool readers_read(struct readers *readers, const char *new_url,
                  const char *old_url);

#endif
