/* SPDX-License-Identifier: Apache-2.0
 * zk_path.h - where things stand in ZooKeeper's tree. No I/O.
 *
 *   /<ns>                          persistent, empty      (tooz's)
 *   /<ns>/<group>                  persistent, empty      (tooz's)
 *   /<ns>/<group>/<member>         ephemeral, metadata    (tooz's)
 *   /<ns>_sg/<group>/<member>      persistent, marks      (ours)
 *
 * Our tree stands beside tooz's and never under it, because tooz takes every
 * child of /<ns> for a group and every child of a group for a member.
 */
#ifndef SG_ZK_PATH_H
#define SG_ZK_PATH_H

#include <stdbool.h>
#include <stddef.h>

#define SG_ZK_NAMESPACE "tooz"

/* Is this a namespace, or a chroot: one or more levels, slashes around and
 * between them? A sentence in `why` when it is none. */
bool sg_zk_path_is_tree(const char *text, char *why, size_t why_bytes);

/* "<chroot>/<ns><suffix>" with exactly one slash before each level; both
 * parts must have passed sg_zk_path_is_tree(), `chroot` may be "". NULL: out
 * of memory. */
char *sg_zk_path_tree(const char *chroot, const char *ns, const char *suffix);

/* "<base>/<group>/<member>"; a NULL ends the path. NULL: out of memory. */
char *sg_zk_path_join(const char *base, const char *group, const char *member);

/* The length of the next longer prefix of `path` that is a node, after one of
 * `length` bytes (begin with 0); 0 at the end. */
size_t sg_zk_path_level(const char *path, size_t length);
size_t sg_zk_path_levels(const char *path);

#endif
