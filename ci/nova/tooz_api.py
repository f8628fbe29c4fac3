# SPDX-License-Identifier: Apache-2.0
"""nova's own API with servicegroup_driver = tooz, on one server.

    tooz_api.py PLACE DIRECTORY     kazoo, memcached, redis, or fake:kazoo, ...
"""

import datetime
import os
import signal
import subprocess
import sys

import nova.exception
from nova.servicegroup.drivers import db
from nova.servicegroup.drivers import mc

import witness
from witness import record, running

# The least that a ZooKeeper of the usual tick keeps is 4 s.
TIMEOUT_S = {'kazoo': 5, 'memcached': 3, 'redis': 3}


def use(url):
    witness.ours.register()
    witness.choose('tooz', servicegroup_tooz_url=url)
    return witness.api.API()


def be_a_service(url):
    """Until it is killed: node2, and one of node1's conductors."""
    api = use(url)
    api.join('node2', 'compute', running('node2'))
    api.join('node1', 'conductor', running('node1', 'conductor'))
    print('joined', flush=True)
    signal.pause()


def is_answered(api):
    try:
        api.service_is_up(record('nobody'))
    except nova.exception.ServiceGroupUnavailable:
        return False   # a server so young may have lost what it held
    return True


def join_and_ask(t, api):
    t.raises('join without a service', RuntimeError, api.join, 'n', 'compute')
    t.equal('join', api.join('node1', 'compute', running('node1')), None)
    t.equal('joined twice', api.join('node1', 'compute', running('node1')),
            None)
    api.join('silent', 'compute', running('silent', report_interval=0))
    api.join('node1', 'conductor', running('node1', 'conductor'))
    t.check('the server is old enough',
            witness.until(lambda: is_answered(api)) is not None)
    t.equal('joined is up', api.service_is_up(record('node1')), True)
    t.equal('another host', api.service_is_up(record('node9')), False)
    t.equal('another topic', api.service_is_up(record('node1', 'cert')), False)
    t.equal('it never reports', api.service_is_up(record('silent')), False)
    t.equal('a dict is a record, too', api.service_is_up(
        {'topic': 'compute', 'host': 'node1'}), True)
    t.equal('forced_down', api.service_is_up(
        record('node1', forced_down=True)), False)
    t.equal('the driver, asked past the API', api._driver.is_up(
        record('node1', forced_down=True)), False)


def ask_in_a_child(t, api):
    """nova forks its workers after the API was made."""
    child = os.fork()
    if child == 0:
        os._exit(0 if api.service_is_up(record('node1')) else 1)
    t.equal('asked in a child', os.waitpid(child, 0)[1], 0)
    t.equal('and its parent is up still',
            api.service_is_up(record('node1')), True)


def updated_time(t, api, store):
    utc = datetime.timezone.utc
    now = datetime.datetime.now(utc)
    past, future = [now + datetime.timedelta(days=d) for d in (-1, 1)]
    got = api.get_updated_time(record('node1', updated_at=past))
    if store == 'kazoo':   # which keeps no time of a beat
        t.equal('updated_time is the record\'s', got, past)
        t.equal('or nothing', api.get_updated_time(record('node1')), None)
    else:
        t.check('updated_time is a beat\'s, and aware of UTC',
                abs((got - now).total_seconds()) < 5, got, now)
        got = api.get_updated_time(record('node1'))
        t.check('a record without', abs((got - now).total_seconds()) < 5, got)
    t.equal('the record is newer',
            api.get_updated_time(record('node1', updated_at=future)), future)
    t.equal('and may lack a zone',
            api.get_updated_time({'topic': 'compute', 'host': 'node1',
                                  'updated_at': datetime.datetime.max}),
            datetime.datetime.max.replace(tzinfo=utc))


def crash(t, api, url, timeout_s):
    child = subprocess.Popen(
        [sys.executable, '-W', 'ignore', __file__, '--service', url],
        stdout=subprocess.PIPE, text=True)
    t.equal('another process joins', child.stdout.readline(), 'joined\n')
    t.equal('and is up', api.service_is_up(record('node2')), True)
    child.kill()
    child.wait()
    t.equal('killed, it is up at first', api.service_is_up(record('node2')),
            True)
    took = witness.until(lambda: not api.service_is_up(record('node2')))
    t.check('and down by D', took is not None and
            timeout_s * 0.3 < took < timeout_s + 2.5, took)
    t.equal('node1 was up all the time',
            api.service_is_up(record('node1')), True)
    t.equal('one of two conductors died',
            api.service_is_up(record('node1', 'conductor')), True)


def leave(t, api):
    api._driver.leave('nobody', 'compute')
    api._driver.leave('node1', 'conductor')
    # The killed one may outlive node2, which joined before it.
    t.check('left', witness.until(lambda: not api.service_is_up(
        record('node1', 'conductor')), 1) is not None)
    t.equal('of one group only', api.service_is_up(record('node1')), True)


def server_stops(t, api, server):
    server.end()
    error = t.raises('no server', nova.exception.ServiceGroupUnavailable,
                     api.service_is_up, record('node1'))
    t.equal('its code', getattr(error, 'code', None), 500)
    t.equal('its driver', getattr(error, 'kwargs', {}).get('driver'), 'tooz')
    t.check('its words', 'tooz' in str(error), error)
    t.raises('no server, no time', nova.exception.ServiceGroupUnavailable,
             api.get_updated_time, record('node1'))
    t.equal('forced_down is known without it', api.service_is_up(
        record('node1', forced_down=True)), False)


def others_are_left_alone(t):
    nova_mc = witness.choose_mc(['127.0.0.1:1'], 60)
    t.check('mc', type(nova_mc._driver) is mc.MemcachedDriver)
    t.equal('mc answers as it did', nova_mc.service_is_up(record('n')), False)
    witness.choose('db')
    t.check('db', type(witness.api.API()._driver) is db.DbDriver)
    t.raises('no such driver', ValueError, witness.choose, 'zk')
    for url in '', 'nonsense', 'redis://h?timeout=x':
        t.raises('the URL "%s"' % url, RuntimeError, use, url)
    witness.ours.register()
    witness.choose('tooz')


def main(place, directory):
    t = witness.Tally('tooz_api %s' % place)
    store = place.rpartition(':')[2]
    server = witness.start(place, directory)
    url = '%s?timeout=%d' % (server.url, TIMEOUT_S[store])
    api = use(url)
    join_and_ask(t, api)
    ask_in_a_child(t, api)
    updated_time(t, api, store)
    crash(t, api, url, TIMEOUT_S[store])
    leave(t, api)
    server_stops(t, api, server)
    others_are_left_alone(t)
    t.end()


if __name__ == '__main__':
    if sys.argv[1] == '--service':
        be_a_service(sys.argv[2])
    main(*sys.argv[1:])
