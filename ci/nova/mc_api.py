# SPDX-License-Identifier: Apache-2.0
"""nova's own API with servicegroup_driver = mc, beside our nova-mc://.

    mc_api.py PLACE DIRECTORY       memcached or fake:memcached

Its real _report_state writes, and we read; we write, and its service_is_up
reads; on one server and on three.
"""

import datetime
import os
import sys
import time
from unittest import mock

import witness
from witness import record, running

DOWN_TIME_S = 3


class Clock:
    """Of every reader here; what it is ahead of the machine's."""

    ahead_s = 0.0

    def time(self):
        return time.time() + self.ahead_s

    def wall_us(self):
        return int(self.time() * 1000000)


def url(servers, key='sha1', down_time_s=DOWN_TIME_S):
    return 'nova-mc://%s?service_down_time=%d&era=mitaka&key=%s&python=3' % (
        ','.join(servers), down_time_s, key)


def report(api, host):
    """One beat, by the code that nova's timer calls."""
    service = running(host)
    api.join(host, 'compute', service)
    (period, call), options = service.tg[0][0][:2], service.tg[0][1]
    call(*options['args'])
    return period, options['initial_delay'], service


def nova_writes(t, api, ours, raw):
    t.equal('nothing yet', (api.service_is_up(record('n')),
                            ours.status('compute:n')), (False, 'DOWN'))
    period, delay, service = report(api, 'n')
    t.equal('its timer', (period, delay), (1, 5))
    t.check('it was stored', not getattr(service, 'model_disconnected', 0))
    t.equal('nova wrote, nova reads', api.service_is_up(record('n')), True)
    t.equal('nova wrote, we read', ours.status('compute:n'), 'UP')
    t.equal('the key is hashed: raw is not found', raw.status('compute:n'),
            'DOWN')
    seen = ours.verdict('compute:n').last_seen_ms
    t.check('we tell when', abs(seen / 1000 - time.time()) < 2, seen)
    t.equal('another host', ours.status('compute:m'), 'DOWN')
    t.equal('a part has no key of its own', ours.status('compute:n:1'), 'UP')


def we_write(t, api, servers, ours):
    writer = witness.Agent(url(servers), 'compute:w', 'compute')
    t.equal('we wrote, nova reads', api.service_is_up(record('w')), True)
    t.equal('we wrote, we read', ours.status('compute:w'), 'UP')
    got = api.get_updated_time(record('w'))
    now = datetime.datetime.now(datetime.timezone.utc)
    t.check('its updated_time', abs((now - got).total_seconds()) < 3, got)
    later = now + datetime.timedelta(hours=1)
    t.equal('or the record\'s', api.get_updated_time(
        record('w', updated_at=later)), later)
    t.equal('forced_down', api.service_is_up(
        record('w', forced_down=True)), False)
    return writer


def readers_clock_decides(t, api, ours, clock):
    """The entry `n` stands; only the readers' clock goes on."""
    for ahead_s, is_up in ((DOWN_TIME_S - 1.5, True), (DOWN_TIME_S + 1, False),
                           (-3600.0, True), (0.0, True)):
        clock.ahead_s = 0.0
        report(api, 'n')
        clock.ahead_s = ahead_s
        t.equal('%+.1f s, nova' % ahead_s, api.service_is_up(record('n')),
                is_up)
        t.equal('%+.1f s, we' % ahead_s, ours.status('compute:n'),
                'UP' if is_up else 'DOWN')
    clock.ahead_s = 0.0


def both_stop(t, api, servers, ours, writer):
    """In real time: by D, and to other readers later or sooner."""
    patient = witness.Handle(url(servers, down_time_s=60))
    report(api, 'n')
    writer.say('beat')
    began = time.monotonic()
    writer.kill()
    for name, host, ask in (
            ('nova wrote, nova', 'n', lambda: api.service_is_up(record('n'))),
            ('nova wrote, we', 'n', lambda: ours.status('compute:n') == 'UP'),
            ('we wrote, nova', 'w', lambda: api.service_is_up(record('w'))),
            ('we wrote, we', 'w', lambda: ours.status('compute:w') == 'UP')):
        t.check(name + ': down', witness.until(lambda: not ask()) is not None)
        took = time.monotonic() - began
        t.check(name + ': by D', DOWN_TIME_S - 1 <= took < DOWN_TIME_S + 2,
                took)
    t.equal('the entry stands: a reader with another D',
            (patient.status('compute:n'), patient.status('compute:w')),
            ('UP', 'UP'))


def several(t, servers, clock):
    """The same server for the same key, by both; each holds some."""
    api = witness.choose_mc(servers, DOWN_TIME_S)
    together = witness.Handle(url(servers), wall_us=clock.wall_us)
    alone = [witness.Handle(url([s]), wall_us=clock.wall_us) for s in servers]
    placed = [0] * len(servers)
    hosts = ['h%d' % i for i in range(40)]
    for host in hosts:
        report(api, host)
    for host in hosts:
        t.equal('nova placed %s' % host, together.status('compute:' + host),
                'UP')
        for i, one in enumerate(alone):
            placed[i] += one.status('compute:' + host) == 'UP'
    t.equal('each is on one server', sum(placed), len(hosts))
    t.check('and not all on the same', min(placed) > 0, placed)
    hosts = ['w%d' % i for i in range(40)]
    writers = [witness.Handle(url(servers), member='compute:' + host)
               for host in hosts]
    for writer in writers:
        t.equal('we join', writer.join('compute'), 0)
    for host in hosts:
        t.equal('we placed %s' % host, api.service_is_up(record(host)), True)
    other = witness.choose_mc(servers[1:] + servers[:1], DOWN_TIME_S)
    moved = [host for host in hosts if not other.service_is_up(record(host))]
    t.check('the order of servers matters', len(moved) > 10, moved)


def silence(t, api, ours, server):
    """nova calls that down; we say that nobody knows."""
    server.end()
    t.equal('no server, nova', api.service_is_up(record('n')), False)
    t.equal('no server, we', ours.status('compute:n'), 'UNKNOWN')


def main(place, directory):
    t = witness.Tally('mc_api %s' % place)
    clock = Clock()
    servers = [witness.start(place, os.path.join(directory, str(i)))
               for i in range(3)]
    where = ['%s:%d' % witness.address(s.url) for s in servers]
    ours = witness.Handle(url(where[:1]), wall_us=clock.wall_us)
    raw = witness.Handle(url(where[:1], key='raw'), wall_us=clock.wall_us)
    api = witness.choose_mc(where[:1], DOWN_TIME_S)
    with mock.patch('dogpile.cache.region.time', clock):
        # A server so young may have lost what it held.
        for handle in ours, raw, witness.Handle(url(where)):
            witness.until(lambda: handle.status('compute:-') == 'DOWN')
        nova_writes(t, api, ours, raw)
        writer = we_write(t, api, where[:1], ours)
        readers_clock_decides(t, api, ours, clock)
        both_stop(t, api, where[:1], ours, writer)
        several(t, where, clock)
        silence(t, api, ours, servers[0])
    t.end()


if __name__ == '__main__':
    main(*sys.argv[1:])
