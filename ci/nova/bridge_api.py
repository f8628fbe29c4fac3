# SPDX-License-Identifier: Apache-2.0
"""nova's own API while a fleet moves: servicegroup_bridge_from.

    bridge_api.py PLACE DIRECTORY    memcached, kazoo, fake:memcached, ...

nova reads one nova.conf by oslo.config, the library and its tool read the
same file; old and new store are two kinds of entries on one server.
"""

import json
import os
import subprocess
import sys
from unittest import mock

import witness
from witness import CONF, record, running

TIMEOUT_S = 5
TEXT = '''[DEFAULT]
servicegroup_driver = tooz
servicegroup_tooz_url = "%(new)s"
%(more)s
report_interval = 1
service_down_time = 5
transport_url = %(long)s
%(old)s
'''
OLD = {  # of each place: name, notice, lines of nova.conf, URL
    'memcached': ('mc', 'from-memcache.md',
                  '[cache]\nenabled = yes\nbackend = dogpile.cache.memcached\n'
                  'memcache_servers = %s', 'nova-mc://%s?service_down_time=5'
                  '&era=mitaka&key=sha1'),
    'kazoo': ('zk', 'from-zookeeper.md',
              '[zookeeper]\naddress =\n  %s\nrecv_timeout = 5000',
              'nova-zk://%s?recv_timeout=5000'),
}


class Nova:
    """One nova.conf, and what reads it."""

    def __init__(self, directory, server, store):
        self._path = os.path.join(directory, 'nova.conf')
        self._where = '%s:%d' % witness.address(server.url)
        self._new = '%s?timeout=%d' % (server.url, TIMEOUT_S)
        self.name, self.notice, self._lines, old_url = OLD[store]
        self.old_url = old_url % self._where

    def write(self, more, old=None):
        with open(self._path, 'w') as file:
            file.write(TEXT % {
                'new': self._new, 'more': more, 'long': 300 * 'x',
                'old': self._lines % self._where if old is None else old})
        CONF([], project='nova', default_config_files=[self._path])

    def api(self, more, old=None):
        self.write(more, old)
        return witness.api.API()

    def bridge(self):
        return self.api('servicegroup_bridge_from = ' + self.name)

    def tool(self, *words):
        return subprocess.run(
            ['build/servicegroup', 'migrate', *words, '--config', self._path,
             '--hosts', '-'], input='old\nboth\n', text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def is_up(api, host):
    try:
        return api.service_is_up(record(host))
    except witness.ours.ServiceGroupUnavailable:
        return None


def comes(t, what, api, host, wanted):
    t.check(what, witness.until(lambda: is_up(api, host) == wanted)
            is not None, is_up(api, host))


def notice(t, nova):
    with mock.patch.object(witness.ours.LOG, 'warning') as warning:
        api = nova.bridge()
        nova.bridge()
    said = [str(call.args[0]) for call in warning.call_args_list]
    t.equal('the notice of deprecation is logged once', len(said), 1)
    t.check('it names the guide and the release', said and
            nova.notice in said[0] and 'release 1.0' in said[0], said)
    return api


def both_stores(t, nova, api):
    old = witness.Agent(nova.old_url, 'compute:old', 'compute')
    comes(t, 'only in the old store, by the bridge', api, 'old', True)
    api.join('both', 'compute', running('both'))
    comes(t, 'joined through the bridge', api, 'both', True)
    comes(t, 'in none', api, 'none', False)
    alone = nova.api('')
    comes(t, 'by the new store alone: both', alone, 'both', True)
    comes(t, 'by the new store alone: old', alone, 'old', False)
    reader = witness.Handle(nova.old_url)
    t.check('by the old store alone: both', witness.until(
        lambda: reader.status('compute:both') == 'UP') is not None)
    return old


def tool_reads_the_same(t, nova):
    nova.write('servicegroup_bridge_from = ' + nova.name)
    done = nova.tool('status', '--json')
    t.equal('the tool ends well', done.returncode, 0)
    hosts = {h['host']: (h['old']['status'], h['new']['status'])
             for h in json.loads(done.stdout)['hosts']}
    t.equal('and says the same', hosts,
            {'old': ('UP', 'DOWN'), 'both': ('UP', 'UP')})
    t.check('with the notice, too', nova.notice in done.stderr, done.stderr)
    done = nova.tool('verify', '--step', 'switch-readers', '--for', '0')
    t.equal('who is left holds a step up',
            (done.returncode, 'old is up in the old store only' in done.stdout),
            (1, True))


def novas_driver(t, nova, api):
    """nova's own mc beside, in the same file."""
    nova.write('servicegroup_bridge_from = mc')
    CONF.set_override('servicegroup_driver', 'mc')
    old = witness.api.API()
    CONF.clear_override('servicegroup_driver')
    service = running('mc')
    old.join('mc', 'compute', service)
    (_, call), options = service.tg[0][0][:2], service.tg[0][1]
    call(*options['args'])
    t.equal('nova\'s mc wrote, the bridge reads', is_up(api, 'mc'), True)
    t.equal('the bridge wrote, nova\'s mc reads',
            old.service_is_up(record('both')), True)


def wrong_values(t, nova):
    for more, old, says in (
            ('servicegroup_bridge_from = nope', None, 'is mc or zk'),
            ('servicegroup_bridge_from = ' + nova.name, '', 'missing'),
            ('servicegroup_bridge_from = mc', '[cache]\nenabled = true',
             'dogpile.cache.null')):
        error = t.raises('%s, %r' % (more, old), RuntimeError, nova.api, more,
                         old)
        t.check('and says why', says in str(error), error)
    with mock.patch.object(nova, '_new', 'redis://h:1?namespace=a$$b$$c&db=1'):
        url = nova.api('')._driver._url
    t.equal('dollars and an ampersand', url, b'redis://h:1?namespace=a$b$c&db=1')
    nova.api('servicegroup_bridge_from = mc\nmemcached_servers = h:1,\n  i:2',
             '')  # an option that nova has dropped
    url = witness.api.API()._driver._url
    t.check('nova\'s dropped option', b'nova-mc://h:1,i:2?' in url and
            b'%26era=liberty%26key=raw' in url, url)


def main(place, directory):
    t = witness.Tally('bridge_api %s' % place)
    store = place.rpartition(':')[2]
    witness.ours.register()
    witness.ours.register()  # harmless
    nova = Nova(directory, witness.start(place, directory), store)
    api = notice(t, nova)
    agent = both_stores(t, nova, api)
    tool_reads_the_same(t, nova)
    if store == 'memcached':
        novas_driver(t, nova, api)
    agent.kill()
    comes(t, 'killed, it is down in both', api, 'old', False)
    t.equal('and the other one is not', is_up(api, 'both'), True)
    wrong_values(t, nova)
    t.end()


if __name__ == '__main__':
    main(*sys.argv[1:])
