/* SPDX-License-Identifier: Apache-2.0
 * pair.h - the URLs of the store that is left and of the one that is moved to.
 */
#ifndef CLI_PAIR_H
#define CLI_PAIR_H

#include <stdbool.h>

/* The two URLs of "bridge://?new=...&old=...", each for free(). False: it is
 * no such URL, or there is no memory. */
bool pair_of_bridge(const char *url, char **ret_new, char **ret_old);
/* Both lead to the same entries: the same servers, and the same tree, form or
 * database in them. */
bool pair_is_same(const char *a, const char *b);
/* What is wrong with them together; NULL: nothing. */
const char *pair_misfit(const char *new_url, const char *old_url);

#endif
