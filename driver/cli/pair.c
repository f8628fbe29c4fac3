/* SPDX-License-Identifier: Apache-2.0
 * pair.c - the URLs of the store that is left and of the one that is moved to.
 */
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_MAX 200

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* "%26" and the like, in place. */
static void unquote(char *text)
{
    char *to = text;

    for (; *text != '\0'; text++) {
        unsigned byte;
        if (*text == '%' && sscanf(text + 1, "%2x", &byte) == 1 &&
            strlen(text) > 2) {
            *to++ = (char)byte;
            text += 2;
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

/* ---- the options of a URL ---------------------------------------------- */

/* Where the value of an option begins; the last one counts. */
static const char *find(const char *url, const char *name)
{
    const char *at = strchr(url, '?'), *found = NULL;
    size_t n = strlen(name);

    for (; at != NULL; at = strchr(at + 1, '&'))
        if (strncmp(at + 1, name, n) == 0 && at[n + 1] == '=')
            found = at + n + 2;
    return found;
}

/* The value without slashes around it. */
static void option(const char *url, const char *name, const char *otherwise,
                   char to[VALUE_MAX])
{
    const char *at = find(url, name);
    char *begin = to;
    size_t length;

    if (at == NULL)
        at = otherwise;
    snprintf(to, VALUE_MAX, "%.*s", (int)strcspn(at, "&"), at);
    unquote(to);
    begin += strspn(begin, "/");
    length = strlen(begin);
    while (length > 0 && begin[length - 1] == '/')
        length--;
    memmove(to, begin, length);
    to[length] = '\0';
}

bool pair_of_bridge(const char *url, char **ret_new, char **ret_old)
{
    const char *new_url = find(url, "new"), *old_url = find(url, "old");

    if (!starts(url, "bridge://") || new_url == NULL || old_url == NULL)
        return false;
    *ret_new = strndup(new_url, strcspn(new_url, "&"));
    *ret_old = strndup(old_url, strcspn(old_url, "&"));
    if (*ret_new == NULL || *ret_old == NULL) {
        free(*ret_new);
        free(*ret_old);
        return false;
    }
    unquote(*ret_new);
    unquote(*ret_old);
    return true;
}

/* ---- two URLs ---------------------------------------------------------- */

static bool is_kazoo(const char *url)
{
    return starts(url, "kazoo://") || starts(url, "zookeeper://");
}

/* Not an alias' name, which is another one's too. */
static void place(const char *url, char to[VALUE_MAX])
{
    const char *at = strstr(url, "://");

    snprintf(to, VALUE_MAX, "%.*s%.*s",
             is_kazoo(url) ? 0 : (int)strcspn(url, ":"), url,
             at == NULL ? 0 : (int)strcspn(at, "?"), at == NULL ? "" : at);
}

bool pair_is_same(const char *a, const char *b)
{
    static const char *const names[][2] = {
        {"hosts", ""},  {"db", "0"},    {"era", "liberty"},
        {"key", "raw"}, {"python", ""}, {"sg_prefix", "servicegroups"}};
    char of_a[VALUE_MAX], of_b[VALUE_MAX];
    const char *tree = is_kazoo(a) ? "tooz" : "_tooz";

    place(a, of_a);
    place(b, of_b);
    if (strcmp(of_a, of_b) != 0)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        option(a, names[i][0], names[i][1], of_a);
        option(b, names[i][0], names[i][1], of_b);
        if (strcmp(of_a, of_b) != 0)
            return false;
    }
    option(a, "namespace", tree, of_a);
    option(b, "namespace", tree, of_b);
    return strcmp(of_a, of_b) == 0;
}

/* In one tree of ZooKeeper the persistent host nodes of the old layout would
 * be members of the new one that never die, whichever is left. */
static bool is_one_tree(const char *kazoo, const char *nova_zk)
{
    char tree[VALUE_MAX], prefix[VALUE_MAX];

    if (!is_kazoo(kazoo) || !starts(nova_zk, "nova-zk://"))
        return false;
    option(kazoo, "namespace", "tooz", tree);
    option(nova_zk, "sg_prefix", "servicegroups", prefix);
    return strcmp(tree, prefix) == 0;
}

const char *pair_misfit(const char *new_url, const char *old_url)
{
    if (starts(new_url, "bridge://") || starts(old_url, "bridge://"))
        return "--old and --new are one store each; a bridge goes to --config";
    if (pair_is_same(new_url, old_url))
        return "both stores are the same one";
    return is_one_tree(new_url, old_url) || is_one_tree(old_url, new_url)
               ? "the namespace of kazoo:// is the sg_prefix of nova-zk://; "
                 "left-over nodes there would be members that never die; "
                 "choose another namespace"
               : NULL;
}
