/* SPDX-License-Identifier: Apache-2.0
 * zk_path.c - where things stand in ZooKeeper's tree. No I/O.
 */
#include "zk_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The server refuses control bytes and levels "." and ".."
 * (PathUtils.validatePath); Python readers stumble over what is not ASCII. */
static const char *level_fault(const char *level, size_t length)
{
    if (length == 1 && level[0] == '.')
        return "has a level \".\"";
    if (length == 2 && level[0] == '.' && level[1] == '.')
        return "has a level \"..\"";
    for (size_t i = 0; i < length; i++)
        if (level[i] < ' ' || level[i] > '~')
            return "has a byte that is not printable ASCII";
    return NULL;
}

bool sg_zk_path_is_tree(const char *text, char *why, size_t why_bytes)
{
    const char *fault = "has no name in it";
    const char *at = text + strspn(text, "/");

    if (*at != '\0')
        fault = NULL;
    while (*at != '\0' && fault == NULL) {
        size_t length = strcspn(at, "/");
        fault = level_fault(at, length);
        at += length;
        at += strspn(at, "/");
    }
    if (fault == NULL)
        return true;
    snprintf(why, why_bytes,
             "\"%.64s\" %s; it is one or more names with slashes between", text,
             fault);
    return false;
}

static char *add_levels(char *to, const char *text)
{
    text += strspn(text, "/");
    while (*text != '\0') {
        size_t length = strcspn(text, "/");
        *to++ = '/';
        memcpy(to, text, length);
        to += length;
        text += length;
        text += strspn(text, "/");
    }
    *to = '\0';
    return to;
}

char *sg_zk_path_tree(const char *chroot, const char *ns, const char *suffix)
{
    char *path =
        malloc(strlen(chroot) + strlen(ns) + strlen(suffix) + sizeof "//");

    if (path != NULL)
        strcpy(add_levels(add_levels(path, chroot), ns), suffix);
    return path;
}

char *sg_zk_path_join(const char *base, const char *group, const char *member)
{
    size_t bytes = strlen(base) + 1;
    char *path;

    bytes += group == NULL ? 0 : strlen(group) + 1;
    bytes += group == NULL || member == NULL ? 0 : strlen(member) + 1;
    path = malloc(bytes);
    if (path == NULL)
        return NULL;
    if (group == NULL)
        snprintf(path, bytes, "%s", base);
    else if (member == NULL)
        snprintf(path, bytes, "%s/%s", base, group);
    else
        snprintf(path, bytes, "%s/%s/%s", base, group, member);
    return path;
}

size_t sg_zk_path_level(const char *path, size_t length)
{
    if (path[length] == '\0')
        return 0;
    return length + 1 + strcspn(path + length + 1, "/");
}

size_t sg_zk_path_levels(const char *path)
{
    size_t n = 0;

    for (size_t at = 0; (at = sg_zk_path_level(path, at)) != 0;)
        n++;
    return n;
}
