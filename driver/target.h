/* SPDX-License-Identifier: Apache-2.0
 * target.h - a URL, taken apart and checked against a back end's options.
 */
#ifndef SG_TARGET_H
#define SG_TARGET_H

#include "backend.h"

#define SG_ENDPOINTS_MAX 32

struct sg_setting {
    char *name, *value;
};
struct sg_url {
    struct sg_target target; /* what the back end sees                     */
    struct sg_endpoint endpoints[SG_ENDPOINTS_MAX];
    struct sg_setting *settings;
    size_t n_settings;
};

/* The target with numeric addresses; one for each worker, because a look-up
 * that was given up may still be writing. Points into the URL. */
struct sg_resolved {
    struct sg_target target;
    struct sg_endpoint endpoints[SG_ENDPOINTS_MAX];
    char addresses[SG_ENDPOINTS_MAX][SG_NUMERIC_MAX];
};

/* The scheme's back end, or NULL. */
const struct sg_backend_kind *sg_kind_find(const char *scheme, size_t length);

/* Take `text` apart. `kind` NULL: by the scheme. SG_EURL or SG_ETIMEOUT with
 * a sentence in `why` (never the password), SG_ENOMEM. `timeout_ms` > 0 beats
 * the URL's T. `log` hears of options that cannot matter here. */
int sg_url_parse(const char *text, const struct sg_backend_kind *kind,
                 int64_t timeout_ms, const struct sg_env *log, char *why,
                 size_t why_bytes, const struct sg_backend_kind **ret_kind,
                 struct sg_url **ret_url);
void sg_url_free(struct sg_url *url);

/* Names without an address get "". 0, or -1 when no name has one. */
int sg_url_resolve(const struct sg_url *url, const struct sg_env *env,
                   struct sg_resolved *to);

#endif
