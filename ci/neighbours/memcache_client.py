# SPDX-License-Identifier: Apache-2.0
"""The everyday work of pymemcache: plain, pooled, hashed, retrying clients."""

import json
import threading

from pymemcache import serde
from pymemcache.client.base import Client as PlainClient
from pymemcache.client.base import PooledClient
from pymemcache.client.hash import HashClient
from pymemcache.client.retrying import RetryingClient
from pymemcache.exceptions import MemcacheUnexpectedCloseError

from transcript import Word, main

AT_LEAST = {'memcached': 250}


class Client:
    """A pymemcache client whose every call is a line."""

    def __init__(self, t, raw, name=''):
        self._t, self._name, self.raw = t, name, raw

    def __getattr__(self, method):
        call = getattr(self.raw, method)
        return lambda *args, **kwargs: self._t.do(self._name + method, call,
                                                  *args, **kwargs)


def one_server(t, **options):
    return PlainClient((t.host, t.port), timeout=20, connect_timeout=20,
                       **options)


# ---- storing and reading ---------------------------------------------------

def storing(c):
    c.get('k')
    c.get('k', 'a default')
    c.set('k', 'v')
    c.get('k')
    c.set('k', 'v2', noreply=False)
    c.get('k')
    c.set('k', b'\0\r\nEND\r\n\xff', noreply=False)
    c.get('k')
    c.set('k', b'', noreply=False)
    c.get('k')
    c.set('k', 42, noreply=False)
    c.get('k')
    c.add('k', 'no', noreply=False)
    c.add('k2', 'yes', noreply=False)
    c.replace('k2', 'new', noreply=False)
    c.replace('none', 'new', noreply=False)
    c.append('k2', '-er', noreply=False)
    c.prepend('k2', 're', noreply=False)
    c.append('none', 'x', noreply=False)
    c.prepend('none', 'x', noreply=False)
    c.get('k2')
    c.append('k2', '!')
    c.prepend('k2', '?')
    c.add('k2', 'no')
    c.replace('k2', 'silently')
    c.get('k2')
    c.delete('k2', noreply=False)
    c.delete('k2', noreply=False)
    c.delete('k')
    c.get('k')
    c.set('flagged', 'v', flags=7, noreply=False)
    c.get('flagged')
    c.raw['item'] = 'by index'
    c.get('item')
    del c.raw['item']
    c.get('item')
    c.delete('flagged', noreply=False)


def many(c):
    everything = {'m%d' % n: 'v%d' % n for n in range(40)}

    c.set_many(everything, noreply=False)
    c.get_many(sorted(everything))
    c.get_many(['m3', 'none', 'm1'])
    c.get_many(['none'])
    c.get_many([])
    c.delete_many(['m%d' % n for n in range(5)], noreply=False)
    c.get_many(['m4', 'm5'])
    c.delete_many(['m%d' % n for n in range(5, 39)])
    c.get_many(sorted(everything))
    c.set_many({'m1': 'x', 'm2': 'y'})
    c.get_many(['m1', 'm2'])
    c.delete_many(['m1', 'm2', 'm39'], noreply=False)


def compare_and_swap(t, c, other):
    def token(pair):
        return pair[0], t.rank('cas', pair[1])

    def got(name, key):
        result = c.raw.gets(key)
        t.note(name, token(result) if result[1] else result)
        return result[1]

    got('gets', 'k')
    c.cas('k', 'v', b'1', noreply=False)
    c.set('k', 'v', noreply=False)
    first = got('gets', 'k')
    got('gets again', 'k')
    t.do('cas', lambda: c.raw.cas('k', 'v2', first))
    t.do('cas with the old', lambda: c.raw.cas('k', 'v3', first))
    second = got('gets', 'k')
    other.set('k', 'theirs', noreply=False)
    t.do('cas after theirs', lambda: c.raw.cas('k', 'mine', second))
    third = got('gets', 'k')
    other.append('k', '+', noreply=False)
    t.do('cas after append', lambda: c.raw.cas('k', 'mine', third))
    fourth = got('gets', 'k')
    other.touch('k', 100, noreply=False)
    t.do('cas after touch', lambda: c.raw.cas('k', 'mine', fourth))
    fifth = got('gets', 'k')
    other.delete('k', noreply=False)
    t.do('cas after delete', lambda: c.raw.cas('k', 'mine', fifth))
    c.set('a', 1, noreply=False)
    c.set('b', 2, noreply=False)
    t.do('gets_many', c.raw.gets_many, ['a', 'b', 'none'],
         show=lambda all: {key: token(all[key]) for key in sorted(all)})
    grown = int(c.raw.gets('b')[1]) > int(c.raw.gets('a')[1])
    t.note('the later one is greater', grown)
    c.cas('a', 'x', 'not a number', noreply=False)
    t.do('cas silently', lambda: c.raw.cas('a', 'x', c.raw.gets('a')[1],
                                           noreply=True))
    c.get('a')
    c.delete_many(['a', 'b'], noreply=False)


def numbers(c):
    c.incr('n', 1)
    c.decr('n', 1)
    c.set('n', '10', noreply=False)
    c.incr('n', 5)
    c.decr('n', 3)
    c.get('n')
    c.decr('n', 100)
    c.get('n')
    c.set('n', '100', noreply=False)
    c.decr('n', 1)
    # What shrank keeps its length: a space stands where a digit was.
    c.get('n')
    c.incr('n', 2 ** 64 - 1)
    c.set('n', str(2 ** 64 - 1), noreply=False)
    c.incr('n', 1)
    c.incr('n', -1)
    c.incr('n', 2 ** 64)
    c.incr('n', 'x')
    c.set('n', 'word', noreply=False)
    c.incr('n', 1)
    c.decr('n', 1)
    c.set('n', '7', noreply=False)
    c.incr('n', 1, noreply=True)
    c.decr('n', 3, noreply=True)
    c.get('n')
    c.delete('n', noreply=False)


# ---- what is refused -------------------------------------------------------

def refusals(c):
    c.set('a space', 'v')
    c.set('a\nline', 'v')
    c.set('nöde', 'v')
    c.set('x' * 251, 'v')
    c.set('x' * 250, 'v', noreply=False)
    c.get('x' * 250)
    c.delete('x' * 250, noreply=False)
    c.set('k', 'x' * (1 << 20), noreply=False)
    c.get('k', show=lambda got: got and len(got))
    c.set('k', 'x' * 1000000, noreply=False)
    c.get('k', show=lambda got: got and len(got))
    # One that is too large takes the old value away.
    c.set('k', 'x' * (2 << 20), noreply=False)
    c.get('k', show=lambda got: got and len(got))
    c.set('k', 'v', expire='soon', noreply=False)
    c.get('k')
    c.set('k', 'v', flags=2 ** 32, noreply=False)
    c.get('k')
    c.set('k', 'v', noreply=False)
    c.touch('none', 10, noreply=False)
    c.flush_all(noreply=False)
    c.get('k')
    c.raw.close()
    c.get('k')


# ---- lives -----------------------------------------------------------------

def lives(t, c):
    """A whole-second clock: a life of n seconds lasts n-1 to n."""
    c.set('endless', 'v', expire=0, noreply=False)
    c.set('past', 'v', expire=-1, noreply=False)
    c.get('past')
    c.set('1970', 'v', expire=2592001, noreply=False)
    c.get('1970')
    c.set('2100', 'v', expire=4102444800, noreply=False)
    c.get('2100')
    c.set('month', 'v', expire=2592000, noreply=False)
    c.get('month')
    c.set('brief', 'v', expire=3, noreply=False)
    c.add('added', 'v', expire=3, noreply=False)
    c.set('touched', 'v', expire=3, noreply=False)
    c.set('counted', '1', expire=3, noreply=False)
    c.set('grown', 'v', expire=3, noreply=False)
    c.set('replaced', 'v', expire=3, noreply=False)
    c.set('freed', 'v', expire=3, noreply=False)
    c.touch('touched', 100, noreply=False)
    c.touch('freed', 0)
    c.incr('counted', 1)
    c.append('grown', 'x', noreply=False)
    c.replace('replaced', 'x', noreply=False)
    token = c.raw.gets('brief')[1]
    names = ['endless', 'brief', 'added', 'touched', 'counted', 'grown',
             'replaced', 'freed', '2100', 'month']
    t.clock.pass_ms(300)
    c.get_many(names)
    t.later('brief ends', lambda: c.raw.get('brief') is None, 3000)
    t.clock.pass_ms(300)
    c.get_many(names)
    c.append('brief', 'x', noreply=False)
    c.incr('counted', 1)
    c.touch('brief', 10, noreply=False)
    c.delete('brief', noreply=False)
    t.do('cas', lambda: c.raw.cas('added', 'v', token))
    c.replace('added', 'x', noreply=False)
    c.add('added', 'again', noreply=False)
    c.get('added')
    c.touch('added', -1, noreply=False)
    c.get('added')
    c.touch('touched', 1, noreply=False)
    t.later('touched ends', lambda: c.raw.get('touched') is None, 1500)
    c.set('k', 'v', noreply=False)
    c.flush_all(2, noreply=False)
    c.get('k')
    t.later('all ends', lambda: c.raw.get('k') is None, 2500)
    c.set('k', 'v', noreply=False)
    c.get('k')
    c.flush_all(noreply=False)


# ---- clients of other kinds ------------------------------------------------

class Json:
    """The text of a value and how to read it, in the flags."""

    def serialize(self, key, value):
        if isinstance(value, str):
            return value.encode(), 1
        return json.dumps(value).encode(), 2

    def deserialize(self, key, value, flags):
        if flags == 1:
            return value.decode()
        if flags == 2:
            return json.loads(value)
        raise ValueError('flags %d' % flags)


def serializing(t):
    c = Client(t, one_server(t, serde=Json()), 'json.')
    c.set('k', {'a': [1, None, 'ö']}, noreply=False)
    c.get('k')
    c.set('k', 'text', noreply=False)
    c.get('k')
    c.set_many({'a': 1, 'b': [2]}, noreply=False)
    c.get_many(['a', 'b'])
    c.gets('a', show=lambda got: got[0])
    c.set('k', 'v', flags=0, noreply=False)
    c.get('k')
    c.delete('k', noreply=False)
    c.get('k')
    pickled = Client(t, one_server(t, serde=serde.pickle_serde), 'pickle.')
    pickled.set('k', (1, {'x'}, 'ö'), noreply=False)
    pickled.get('k')
    pickled.set('k', 7, noreply=False)
    pickled.get('k')
    prefixed = Client(t, one_server(t, key_prefix=b'mine:'), 'prefixed.')
    prefixed.set('k', 'v', noreply=False)
    prefixed.get('k')
    prefixed.get_many(['k', 'none'])
    prefixed.delete('k', noreply=False)
    wide = Client(t, one_server(t, allow_unicode_keys=True,
                                encoding='utf-8'), 'wide.')
    wide.set('nöde', 'v', noreply=False)
    wide.get('nöde')
    heard = Client(t, one_server(t, default_noreply=False), 'heard.')
    heard.set('k', 'v')
    heard.delete('k')
    heard.delete('k')
    deaf = Client(t, one_server(t, ignore_exc=True), 'deaf.')
    deaf.get('a space', 'default')
    deaf.get('none', 'default')


def pools(t):
    raw = PooledClient((t.host, t.port), max_pool_size=4, timeout=20)
    c = Client(t, raw, 'pooled.')
    c.set('k', 'v', noreply=False)
    c.get('k')
    c.set_many({'a': 1, 'b': 2}, noreply=False)
    c.get_many(['a', 'b', 'none'])
    c.gets('a', show=lambda got: got[0])
    c.add('k', 'x', noreply=False)
    c.incr('a', 4)
    c.touch('a', 100, noreply=False)
    c.delete_many(['a', 'b'], noreply=False)
    c.version()
    c.set('n', 0, noreply=False)

    def work():
        for _ in range(200):
            raw.incr('n', 1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    c.get('n')
    c.delete('n', noreply=False)
    c.close()
    c.get('k')
    c.quit()


def rings(t):
    for name, options in (('hashed.', {}),
                          ('hashed pool.', {'use_pooling': True})):
        c = Client(t, HashClient([(t.host, t.port)], timeout=20, **options),
                   name)
        c.set('k', 'v', noreply=False)
        c.get('k')
        c.set_many({'a': 1, 'b': 2}, noreply=False)
        c.get_many(['a', 'b', 'none'])
        c.gets('a', show=lambda got: got[0])
        c.add('a', 'x', noreply=False)
        c.replace('a', 5, noreply=False)
        c.incr('a', 1)
        c.decr('a', 2)
        c.append('a', '0', noreply=False)
        c.get('a')
        c.touch('a', 100, noreply=False)
        c.delete('a', noreply=False)
        c.delete_many(['a', 'b'], noreply=False)
        c.flush_all(noreply=False)
        c.get('k')
        c.quit()


def retries(t):
    tries = []

    class Breaking(PlainClient):
        def get(self, key, default=None):
            tries.append(key)
            if len(tries) < 3:
                raise MemcacheUnexpectedCloseError()
            return super().get(key, default)

    c = Client(t, RetryingClient(
        Breaking((t.host, t.port), timeout=20), attempts=3,
        retry_for=[MemcacheUnexpectedCloseError]), 'retrying.')
    c.set('k', 'v', noreply=False)
    c.get('k')
    t.note('tries', len(tries))
    c.delete('k', noreply=False)


# ---- the server ------------------------------------------------------------

def server(t, c):
    fixed = [b'threads', b'max_connections', b'limit_maxbytes',
             b'pointer_size', b'version']
    growing = [b'pid', b'uptime', b'time', b'curr_connections',
               b'total_connections', b'cmd_get', b'cmd_set', b'get_hits',
               b'get_misses', b'delete_hits', b'cas_badval', b'total_items',
               b'cmd_touch']

    c.version()
    c.set('k', 'v', noreply=False)
    t.do('stats', c.raw.stats,
         show=lambda got: {key: got.get(key) for key in fixed})
    t.do('stats', c.raw.stats,
         show=lambda got: {key: Word(got.get(key, 0) > 0) for key in growing})
    before = c.raw.stats()
    c.get('k')
    c.get('none')
    c.incr('none', 1)
    after = c.raw.stats()
    t.note('counted', {key: after[key] - before[key]
                       for key in (b'cmd_get', b'get_hits', b'get_misses',
                                   b'incr_misses', b'cmd_set')})
    t.do('stats settings', c.raw.stats, 'settings',
         show=lambda got: {key: got.get(key) for key in
                           (b'cas_enabled', b'maxbytes', b'item_size_max')})
    c.stats('nonsense')
    c.delete('k', noreply=False)
    c.quit()
    c.get('k')
    c.shutdown()
    c.version()


def script(t):
    c = Client(t, one_server(t))
    other = Client(t, one_server(t), 'other.')
    c.flush_all(noreply=False)
    storing(c)
    many(c)
    compare_and_swap(t, c, other)
    numbers(c)
    refusals(c)
    serializing(t)
    pools(t)
    rings(t)
    retries(t)
    server(t, c)
    lives(t, c)


if __name__ == '__main__':
    main(script, AT_LEAST)
