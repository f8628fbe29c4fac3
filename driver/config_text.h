/* SPDX-License-Identifier: Apache-2.0
 * config_text.h - a file as oslo.config reads it, by inih.
 */
#ifndef SG_CONFIG_TEXT_H
#define SG_CONFIG_TEXT_H

/* How a value hangs on the one said before under the same name. */
enum sg_config_link {
    SG_CONFIG_BEGINS,
    SG_CONFIG_NEXT_LINE, /* a line that begins with a space                 */
    SG_CONFIG_SAME_LINE, /* of a line that is too long for inih             */
};
typedef int sg_config_fn(void *arg, const char *section, const char *name,
                         const char *value, enum sg_config_link link);

/* 0; the number of the first line that is neither a section nor an option; -1:
 * it cannot be read; -2: out of memory. */
int sg_config_parse(const char *path, sg_config_fn *take, void *arg);

#endif
