# SPDX-License-Identifier: Apache-2.0
"""nova's memcache driver and our reader of its store, over the same entries.

    mc_entries.py PLACE DIRECTORY [COUNT [SEED]]

Both clocks stand, so that a border of service_down_time is one. True is UP,
False is DOWN, and an exception is UNKNOWN, GARBAGE.
"""

import collections
import hashlib
import socket
import sys
from unittest import mock

import entries
import witness

NOW = 1700000000.25
DOWN_TIME_S = 2


def put(server, made):
    """By hand, with no client's help."""
    with socket.create_connection(witness.address(server.url)) as link:
        lines = link.makefile('rb')
        for i, (_, flags, value) in enumerate(made):
            key = hashlib.sha1(b'compute:e%d' % i).hexdigest()
            link.sendall(b'set %s %d 0 %d\r\n%s\r\n' % (
                key.encode(), flags, len(value), value))
            if lines.readline() != b'STORED\r\n':
                raise RuntimeError('not stored: %r' % value)


def nova_says(api, host):
    try:
        return 'UP' if api.service_is_up(witness.record(host)) else 'DOWN'
    except Exception as error:
        return 'UNKNOWN (%s)' % type(error).__name__


def we_say(handle, host):
    verdict = handle.verdict('compute:' + host)
    status = witness.STATUS[verdict.status]
    reason = handle.reason(verdict)
    return status if status != 'UNKNOWN' or reason == 'GARBAGE' else reason


def main(place, directory, count='1000', seed='1'):
    t = witness.Tally('mc_entries %s' % place)
    server = witness.start(place, directory)
    api = witness.choose_mc(['%s:%d' % witness.address(server.url)],
                            DOWN_TIME_S)
    ours = witness.Handle(
        'nova-mc://%s:%d?service_down_time=%d&era=mitaka&key=sha1&python=3'
        % (*witness.address(server.url), DOWN_TIME_S),
        wall_us=lambda: int(NOW * 1000000))
    made = list(entries.Maker(int(seed), NOW, DOWN_TIME_S).entries(int(count)))
    put(server, made)
    t.check('the server is old enough', witness.until(
        lambda: ours.status('compute:nobody') == 'DOWN') is not None)
    seen = collections.Counter()
    with mock.patch('dogpile.cache.region.time.time', lambda: NOW):
        for i, (kind, flags, value) in enumerate(made):
            nova, us = nova_says(api, 'e%d' % i), we_say(ours, 'e%d' % i)
            seen[nova.partition(' ')[0]] += 1
            t.check('%s, flags %d, %r' % (kind, flags, value),
                    nova.partition(' ')[0] == us,
                    'nova: %s, we: %s' % (nova, us))
    t.check('each answer is there', min(
        seen[s] for s in ('UP', 'DOWN', 'UNKNOWN')) > int(count) // 10, seen)
    print('mc_entries %s: nova said %s' % (place, dict(seen)))
    t.end()


if __name__ == '__main__':
    main(*sys.argv[1:])
