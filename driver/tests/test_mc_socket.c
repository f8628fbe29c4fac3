/* SPDX-License-Identifier: Apache-2.0
 * test_mc_socket.c - what lies unread on a connection is noticed.
 */
#include "mc_socket.h"
#include "unit.h"

#include <sys/socket.h>
#include <unistd.h>

UNIT(mc_socket, bytes_that_nobody_asked_for_are_noticed)
{
    struct sg_mc_socket s;
    int pair[2];
    char byte;
    size_t n;

    unit_true(sg_mc_socket_init(&s, 1000));
    unit_int(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    s.fd = pair[0];
    unit_true(sg_mc_socket_is_quiet(&s));
    unit_int(send(pair[1], "E", 1, 0), 1);
    unit_true(!sg_mc_socket_is_quiet(&s));
    unit_int(sg_mc_socket_receive(&s, &byte, 1, &n), SG_MC_IO_OK);
    unit_true(sg_mc_socket_is_quiet(&s));
    close(pair[1]); /* the next receive says it */
    unit_true(sg_mc_socket_is_quiet(&s));
    sg_mc_socket_free(&s);
}
