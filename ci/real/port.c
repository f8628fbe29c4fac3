/* SPDX-License-Identifier: Apache-2.0
 * port.c - free ports, what a server answers on one, and whose it is.
 */
#include "real.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MS 1000
#define LOWEST_PORT 10000

static struct sockaddr_in loopback(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/* Ports of outgoing connections begin here. A server that is down must not
 * have its port among them: a client that dials again and again is at last
 * given that very port as its own, and is connected to itself. */
static int first_ephemeral(void)
{
    int first = 32768;
    FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    if (file == NULL)
        return first;
    if (fscanf(file, "%d", &first) != 1)
        first = 32768;
    fclose(file);
    return first > LOWEST_PORT + 1000 ? first : 65536;
}

/* The listening socket, so that no port is found twice; or -1. */
static int hold(int port)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(fd, 1) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

bool real_port_free(unsigned n, int *ret_ports)
{
    const unsigned span = (unsigned)(first_ephemeral() - LOWEST_PORT);
    unsigned found = 0;
    int *held = calloc(n, sizeof *held);
    for (unsigned i = 0; held != NULL && i < 10000 && found < n; i++) {
        unsigned chance;
        if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
            break;
        ret_ports[found] = LOWEST_PORT + (int)(chance % span);
        held[found] = hold(ret_ports[found]);
        found += held[found] >= 0;
    }
    for (unsigned i = 0; i < found; i++)
        close(held[i]);
    free(held);
    return found == n;
}

/* A reply may come in pieces; the end of the stream ends it. */
static bool read_until(int fd, const char *want, int64_t until_ms)
{
    char text[4096];
    size_t length = 0;
    while (length < sizeof text - 1) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int64_t left_ms = until_ms - real_now_ms();
        if (left_ms <= 0 || poll(&ready, 1, (int)left_ms) != 1)
            return false;
        ssize_t n = read(fd, text + length, sizeof text - 1 - length);
        if (n <= 0)
            return false;
        length += (size_t)n;
        text[length] = '\0';
        if (strstr(text, want) != NULL)
            return true;
    }
    return false;
}

bool real_port_answers(int port, const char *ask, const char *want)
{
    struct sockaddr_in address = loopback(port);
    struct timeval limit = {.tv_usec = 500 * 1000};
    bool is_answered = false;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        send(fd, ask, strlen(ask), MSG_NOSIGNAL) == (ssize_t)strlen(ask))
        is_answered = read_until(fd, want, real_now_ms() + ANSWER_MS);
    close(fd);
    return is_answered;
}

/* The inode of the socket that listens on `port`; 0: none does. */
static unsigned long listening_inode(const char *table, int port)
{
    char line[512];
    unsigned long inode, found = 0;
    unsigned local, state;
    FILE *file = fopen(table, "re");
    if (file == NULL)
        return 0;
    while (found == 0 && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line,
                   " %*d: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x %*s %*s %*s"
                   " %*d %*d %lu",
                   &local, &state, &inode) == 3 &&
            (int)local == port && state == 0x0A)
            found = inode;
    }
    fclose(file);
    return found;
}

static bool has_open(pid_t pid, const char *target)
{
    char path[64];
    bool has = false;
    snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
    DIR *files = opendir(path);
    if (files == NULL)
        return false;
    struct dirent *entry;
    while (!has && (entry = readdir(files)) != NULL) {
        char link[64];
        ssize_t n =
            readlinkat(dirfd(files), entry->d_name, link, sizeof link - 1);
        if (n < 0)
            continue;
        link[n] = '\0';
        has = strcmp(link, target) == 0;
    }
    closedir(files);
    return has;
}

bool real_port_is_of(int port, const struct real_process *process)
{
    /* Java listens on an IPv6 socket, for IPv4 addresses too. */
    static const char *const tables[] = {"/proc/net/tcp", "/proc/net/tcp6"};
    for (unsigned i = 0; i < 2; i++) {
        char target[64];
        unsigned long inode = listening_inode(tables[i], port);
        snprintf(target, sizeof target, "socket:[%lu]", inode);
        if (inode != 0 && has_open(process->pid, target))
            return true;
    }
    return false;
}
