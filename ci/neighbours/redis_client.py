# SPDX-License-Identifier: Apache-2.0
"""The everyday work of redis-py: what an application does with one server."""

import threading

import redis

from transcript import Word, is_between, main

AT_LEAST = {'redis': 330}


class Client:
    """A redis-py client whose every call is a line."""

    def __init__(self, t, name='', **options):
        self._t, self._name = t, name
        self.raw = redis.Redis(host=t.host, port=t.port, socket_timeout=20,
                               **options)

    def __getattr__(self, method):
        call = getattr(self.raw, method)
        return lambda *args, **kwargs: self._t.do(self._name + method, call,
                                                  *args, **kwargs)


# ---- keys and values -------------------------------------------------------

def strings(r):
    r.ping()
    r.echo('hello')
    r.get('k')
    r.set('k', 'v')
    r.get('k')
    r.set('k', b'\0\r\n\xff')
    r.get('k')
    r.set('k', '')
    r.exists('k', 'k', 'none')
    r.strlen('k')
    r.set('k', 1, nx=True)
    r.set('none', 1, xx=True)
    r.set('k', 'new', get=True)
    r.setnx('k', 1)
    r.setnx('k2', 1)
    r.getset('k2', 2)
    r.getdel('k2')
    r.get('k2')
    r.append('k', '-more')
    r.append('fresh', 'x')
    r.getrange('k', 1, 3)
    r.getrange('k', -4, -1)
    r.getrange('k', 9, 2)
    r.setrange('k', 3, 'XY')
    r.setrange('pad', 3, 'z')
    r.get('pad')
    r.mset({'m1': 1, 'm2': 'two'})
    r.mget('m1', 'none', 'm2')
    r.msetnx({'m2': 3, 'm3': 3})
    r.msetnx({'m3': 3, 'm4': 4})
    r.type('m3')
    r.type('none')
    r.delete('m1', 'm2', 'none')
    r.unlink('m3', 'm4')
    r.rename('k', 'k3')
    r.rename('none', 'k4')
    r.renamenx('k3', 'fresh')
    r.renamenx('k3', 'k4')
    r.touch('k4', 'none')
    r.delete('k4', 'fresh', 'pad')
    r.dbsize()


def numbers(r):
    r.incr('n')
    r.incr('n', 41)
    r.decr('n', 2)
    r.incrby('n', -100)
    r.set('n', 2 ** 63 - 1)
    r.incr('n')
    r.decr('n')
    r.set('n', 'word')
    r.incr('n')
    r.delete('n')


def hashes(r):
    r.hset('h', 'a', 1)
    r.hset('h', 'a', 2)
    r.hset('h', mapping={'b': 'two', 'c': b'\0', 'd': 4})
    r.hget('h', 'a')
    r.hget('h', 'none')
    r.hget('none', 'a')
    r.hmget('h', 'a', 'none', 'b')
    r.hgetall('h')
    r.hgetall('none')
    r.hkeys('h')
    r.hvals('h')
    r.hlen('h')
    r.hexists('h', 'a')
    r.hexists('h', 'z')
    r.hsetnx('h', 'a', 9)
    r.hsetnx('h', 'e', 9)
    r.hincrby('h', 'a', 5)
    r.hincrby('h', 'b', 5)
    r.hstrlen('h', 'b')
    r.hdel('h', 'a', 'none', 'b')
    r.hdel('none', 'a')
    r.hdel('h', 'c', 'd', 'e')
    r.exists('h')


def sets(r):
    r.sadd('s', 'a', 'b', 'c', 'a')
    r.sadd('s2', 'b', 'c', 'd')
    r.scard('s')
    r.sismember('s', 'a')
    r.sismember('s', 'z')
    r.smismember('s', ['a', 'z'])
    r.smembers('s')
    r.smembers('none')
    r.sinter('s', 's2')
    r.sunion('s', 's2')
    r.sdiff('s', 's2')
    r.sinterstore('to', 's', 's2')
    r.sunionstore('to', 's', 's2')
    r.sdiffstore('to', 's', 's2')
    r.smembers('to')
    r.smove('s', 's2', 'a')
    r.smove('s', 's2', 'none')
    r.smembers('s2')
    r.srem('s2', 'a', 'none')
    r.delete('s', 's2', 'to')


def wrong_types(r):
    r.set('str', 'x')
    r.hset('hash', 'f', 'v')
    r.sadd('set', 'm')
    r.get('hash')
    r.hget('str', 'f')
    r.sadd('hash', 'm')
    r.smembers('str')
    r.incr('set')
    r.append('hash', 'x')
    r.mget('str', 'hash')
    r.type('hash')
    r.set('hash', 'now a string')
    r.type('hash')
    r.type('set')
    r.execute_command('NOSUCH', 'a', 'b')
    r.execute_command('GET')
    r.execute_command('SET', 'a', 'b', 'WRONG')
    r.delete('str', 'hash', 'set')


# ---- lives -----------------------------------------------------------------

def lives(t, r):
    left = {'show': is_between(1, 100)}
    left_ms = {'show': is_between(1, 100000)}

    r.ttl('none')
    r.pttl('none')
    r.set('k', 'v')
    r.ttl('k')
    r.expire('k', 100)
    r.ttl('k', **left)
    r.pttl('k', **left_ms)
    r.persist('k')
    r.persist('k')
    r.ttl('k')
    r.pexpire('k', 100000)
    r.pttl('k', **left_ms)
    r.expire('k', 50, nx=True)
    r.expire('k', 50, gt=True)
    r.expire('k', 100, lt=True)
    r.expire('none', 10)
    r.set('k', 'new')
    r.ttl('k')
    r.set('k', 'v', ex=100)
    r.set('k', 'v2', keepttl=True)
    r.ttl('k', **left)
    r.append('k', '!')
    r.ttl('k', **left)
    r.rename('k', 'k2')
    r.ttl('k2', **left)
    r.getex('k2', persist=True)
    r.ttl('k2')
    r.getex('k2', ex=100)
    r.ttl('k2', **left)
    r.expireat('k2', 4102444800)
    r.expiretime('k2')
    r.pexpiretime('k2')
    r.expireat('k2', 1)
    r.exists('k2')
    r.setex('k', 0, 'v')
    r.psetex('k', -1, 'v')
    r.set('k', 'v', px=0)
    r.set('k', 'v')
    r.expire('k', -1)
    r.exists('k')

    r.psetex('brief', 400, 'v')
    r.hset('bh', 'f', 'v')
    r.pexpire('bh', 400)
    r.set('long', 'v', px=100000)
    r.set('kept', 'v', px=400)
    r.persist('kept')
    t.clock.pass_ms(200)
    r.mget('brief', 'long', 'kept')
    t.later('brief ends', lambda: r.raw.get('brief') is None, 400)
    t.later('bh ends', lambda: not r.raw.exists('bh'), 400)
    r.hset('bh', 'f', 'again')
    r.ttl('bh')
    r.mget('brief', 'long', 'kept')
    r.ttl('brief')
    r.dbsize()
    r.flushdb()


def times(t, r):
    server = t.do('time', r.raw.time, show=lambda got: Word('a pair'))
    t.clock.pass_ms(50)
    later = r.raw.time()
    t.note('time grew', later > server)


# ---- many at once ----------------------------------------------------------

def pipelines(t, r):
    def run(name, commands, **options):
        pipe = r.raw.pipeline(**options)
        for command in commands:
            getattr(pipe, command[0])(*command[1:])
        return t.do(name, lambda: pipe.execute(raise_on_error=False)[-5:])

    run('pipeline', [('set', 'a', 1), ('incr', 'a'), ('get', 'a')],
        transaction=False)
    run('pipeline of an error', [('set', 'a', 'x'), ('incr', 'a'),
                                 ('hget', 'a', 'f'), ('get', 'a')],
        transaction=False)
    run('transaction', [('set', 'a', 1), ('incr', 'a'), ('smembers', 's')])
    run('transaction of an error', [('set', 'a', 'x'), ('incr', 'a'),
                                    ('get', 'a')])
    run('transaction of a bad command', [('set', 'a', 'y'),
                                         ('execute_command', 'NOSUCH')])
    r.get('a')
    run('five thousand', [('incr', 'n')] * 5000 + [('get', 'n')],
        transaction=False)
    run('empty', [])
    r.delete('a', 'n')


def watches(t, r, other):
    def bump(disturbed):
        with r.raw.pipeline() as pipe:
            pipe.watch('w')
            was = int(pipe.get('w') or 0)
            if disturbed:
                other.raw.set('w', 100)
            pipe.multi()
            pipe.set('w', was + 1)
            return pipe.execute()

    t.do('bump', bump, False)
    t.do('bump', bump, True)
    r.get('w')
    t.do('transaction', r.raw.transaction,
         lambda pipe: (pipe.multi(), pipe.incr('w')), 'w')

    tries = []

    def contended(pipe):
        tries.append(1)
        if len(tries) < 3:
            other.raw.incr('w')
        pipe.multi()
        pipe.set('w', 'mine')

    t.do('contended', r.raw.transaction, contended, 'w')
    t.note('tries', len(tries))

    def unwatched():
        pipe = r.raw.pipeline()
        pipe.watch('w')
        other.raw.set('w', 'theirs')
        pipe.unwatch()
        pipe.multi()
        pipe.get('w')
        return pipe.execute()

    t.do('unwatched', unwatched)

    def deleted():
        pipe = r.raw.pipeline()
        pipe.watch('w', 'none')
        other.raw.delete('w')
        pipe.multi()
        pipe.set('w', 1)
        return pipe.execute()

    t.do('deleted', deleted)

    def expired():
        pipe = r.raw.pipeline()
        other.raw.set('w', 1, px=100)
        pipe.watch('w')
        t.clock.until(lambda: not other.raw.exists('w'), 1000)
        pipe.multi()
        pipe.set('w', 1)
        return pipe.execute()

    t.do('expired', expired)
    r.exists('w')
    r.execute_command('EXEC')
    r.execute_command('DISCARD')


def scans(t, r):
    for n in range(60):
        r.raw.set('scan:%02d' % n, n)
        r.raw.hset('bighash', 'f%d' % n, n)
        r.raw.sadd('bigset', 'm%d' % n)
    r.raw.sadd('typed', 1)
    everything = set

    t.do('scan_iter', r.raw.scan_iter, show=everything)
    t.do('scan_iter', r.raw.scan_iter, match='scan:1*', show=everything)
    t.do('scan_iter', r.raw.scan_iter, match='scan:?[02]', count=1000,
         show=everything)
    t.do('scan_iter', r.raw.scan_iter, _type='set', show=everything)
    t.do('hscan_iter', r.raw.hscan_iter, 'bighash', match='f5?', count=7,
         show=dict)
    t.do('sscan_iter', r.raw.sscan_iter, 'bigset', match='m[1-3]9', count=7,
         show=everything)
    r.scan(match='none:*', count=10000)
    t.do('keys', r.raw.keys, '*0', show=everything)
    t.do('keys', r.raw.keys, 'big[!s]*', show=everything)
    t.do('keys', r.raw.keys, 'big[^s]*', show=everything)
    r.dbsize()
    r.flushdb()


# ---- scripts and locks -----------------------------------------------------

def scripts(t, r):
    r.eval('return {1, "two", false, {3, "four"}}', 0)
    r.eval('return {KEYS[1], ARGV[1], #KEYS, #ARGV}', 1, 'k', 'a')
    r.eval('return redis.call("set", KEYS[1], ARGV[1])', 1, 'k', 'v')
    r.eval('return redis.call("get", KEYS[1])', 1, 'k')
    r.eval('return redis.call("incr", KEYS[1])', 1, 'k')
    r.eval('return redis.pcall("incr", KEYS[1]).err', 1, 'k')
    r.eval('return redis.error_reply("MINE of me")', 0)
    r.eval('return redis.status_reply("FINE")', 0)
    r.eval('return redis.sha1hex("") == "" and 1 or 0', 0)
    r.eval('return 3.99', 0)
    r.eval('return nil', 0)
    r.eval('return true', 0)
    r.eval('error("why")', 0)
    r.eval('not lua', 0)
    r.eval('return undefined_global', 0)
    r.eval('return string.format("%05.1f|%s", 3.14159, "x"):upper()', 0)
    r.eval('local t = {} for i = 1, 5 do t[i] = i * i end '
           'return table.concat(t, ",")', 0)
    r.eval('return redis.call("nosuch")', 0)
    sha = t.do('script_load', r.raw.script_load, 'return ARGV[1] .. "!"')
    r.evalsha(sha, 0, 'again')
    r.script_exists(sha, '0' * 40)
    r.script_flush()
    r.script_exists(sha)
    r.evalsha(sha, 0, 'again')
    twice = r.raw.register_script(
        'return tonumber(redis.call("get", KEYS[1]) or 0) * 2')
    r.set('n', 21)
    t.do('script', twice, keys=['n'])
    t.do('script', twice, keys=['none'])
    pipe = r.raw.pipeline()
    twice(keys=['n'], client=pipe)
    pipe.incr('n')
    t.do('script in a pipeline', pipe.execute)
    r.delete('k', 'n')


def locks(t, r, other):
    mine = r.raw.lock('lock', timeout=0.5)
    yours = other.raw.lock('lock', timeout=0.5)
    t.do('mine.acquire', mine.acquire)
    t.do('mine.owned', mine.owned)
    t.do('yours.acquire', yours.acquire, blocking=False)
    t.do('yours.acquire', yours.acquire, blocking_timeout=0.2)
    t.do('yours.release', yours.release)
    t.do('yours.locked', yours.locked)
    t.do('mine.extend', mine.extend, 100)
    t.do('mine.extend', mine.extend, 50, replace_ttl=True)
    r.pttl('lock', show=is_between(1, 50000))
    t.do('mine.reacquire', mine.reacquire)
    r.pttl('lock', show=is_between(1, 500))
    t.later('mine ends', lambda: not mine.locked(), 1000)
    t.do('mine.release', mine.release)
    t.do('yours.acquire', yours.acquire, blocking=False)
    t.do('yours.release', yours.release)
    with r.raw.lock('lock', timeout=100) as held:
        t.do('held.owned', held.owned)
    r.exists('lock')


# ---- messages --------------------------------------------------------------

def messages(t, r, other):
    listener = r.raw.pubsub()

    def heard():
        return t.do('message', listener.get_message, timeout=20)

    r.publish('news', 'nobody hears')
    t.do('subscribe', listener.subscribe, 'news', 'sport')
    heard()
    heard()
    t.do('psubscribe', listener.psubscribe, 'n*', 'x?')
    heard()
    heard()
    other.publish('news', 'first')
    heard()
    heard()
    other.publish('sport', b'\0\xff')
    heard()
    other.publish('nothing', 'by pattern')
    heard()
    other.publish('xyz', 'no')
    other.publish('xy', 'yes')
    heard()
    t.do('pubsub_channels', other.raw.pubsub_channels, show=set)
    other.pubsub_channels('s*')
    other.pubsub_numsub('news', 'none')
    other.pubsub_numpat()
    t.do('unsubscribe', listener.unsubscribe, 'sport')
    heard()
    other.publish('sport', 'missed')
    t.do('ping', listener.ping)
    heard()
    pipe = other.raw.pipeline()
    pipe.publish('news', 'in a transaction').set('k', 1)
    t.do('publish in a pipeline', pipe.execute)
    heard()
    heard()
    other.eval('return redis.call("publish", "news", "by script")', 0)
    heard()
    heard()
    t.do('unsubscribe', listener.unsubscribe)
    heard()
    t.do('punsubscribe', listener.punsubscribe)
    t.note('two of them', sorted(str(listener.get_message(timeout=20))
                                 for _ in range(2)))
    other.publish('news', 'nobody again')
    listener.close()
    r.delete('k')


def handlers(t, r, other):
    heard = []
    listener = r.raw.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(**{'jobs': lambda got: heard.append(got['data'])})
    # Until the server has it: a subscription is not waited for otherwise.
    t.soon('subscribed', lambda: other.raw.pubsub_numsub('jobs')[0][1] == 1)
    runner = listener.run_in_thread(sleep_time=0.01)
    for n in range(20):
        other.raw.publish('jobs', n)
    t.soon('all heard', lambda: len(heard) == 20)
    t.note('heard', heard)
    runner.stop()
    runner.join(20)
    t.note('thread', runner.is_alive())


def keyspace(t, r, other):
    r.config_get('notify-keyspace-events')
    r.config_set('notify-keyspace-events', 'KEA')
    listener = r.raw.pubsub(ignore_subscribe_messages=True)
    listener.psubscribe('__key*@0__:*')
    t.soon('subscribed', lambda: other.raw.pubsub_numpat() == 1)
    other.raw.set('k', 1)
    other.raw.incr('k')
    other.raw.hset('h', 'f', 1)
    other.raw.sadd('s', 1)
    other.raw.expire('h', 100)
    other.raw.delete('s', 'none')
    other.raw.rename('k', 'k2')
    other.raw.set('brief', 1, px=50)
    t.clock.until(lambda: not other.raw.exists('brief'), 1000)
    other.raw.publish('__keyend@0__:', 'end')
    while True:
        got = listener.get_message(timeout=20)
        if got is None:
            continue
        if got['data'] == b'end':
            break
        t.note('event', (got['channel'], got['data']))
    r.config_set('notify-keyspace-events', '')
    other.raw.set('k', 1)
    t.do('message', listener.get_message, timeout=0.2)
    listener.close()
    r.delete('k', 'k2', 'h')


# ---- the server ------------------------------------------------------------

def server(t, r):
    t.do('info', r.raw.info,
         show=lambda got: (got['redis_version'], got['role'],
                           got['redis_mode'], got['loading']))
    t.do('info', r.raw.info, 'replication',
         show=lambda got: (got['role'], got['connected_slaves']))
    t.do('role', r.raw.role, show=lambda got: got[0])
    second = Client(t, 'db1.', db=1, single_connection_client=True)
    second.set('only there', 1)
    second.dbsize()
    r.get('only there')
    second.select(0)
    second.get('only there')
    second.select(1)
    second.flushdb()
    second.execute_command('SELECT', 99)
    r.client_setname('me')
    r.client_getname()
    r.client_id(show=lambda got: Word('a number' if got > 0 else got))
    second.execute_command('AUTH', 'nobody asked')
    Client(t, 'with a password.', password='wrong').ping()
    text = Client(t, 'text.', decode_responses=True)
    text.set('k', 'nöde')
    text.get('k')
    text.hset('h', 'f', 'v')
    text.hgetall('h')
    r.flushall()
    r.dbsize()


def big_and_many(t, r):
    big = b'x' * (4 << 20)
    t.do('set 4 MiB', lambda: r.raw.set('big', big))
    t.do('get 4 MiB', lambda: r.raw.get('big') == big)
    r.raw.delete('big')
    clients = [redis.Redis(host=t.host, port=t.port, socket_timeout=20)
               for _ in range(8)]

    def work(client):
        for _ in range(200):
            client.incr('shared')

    threads = [threading.Thread(target=work, args=[c]) for c in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    r.get('shared')
    r.delete('shared')


def script(t):
    r, other = Client(t), Client(t, 'other.')
    r.flushall()
    strings(r)
    numbers(r)
    hashes(r)
    sets(r)
    wrong_types(r)
    lives(t, r)
    times(t, r)
    pipelines(t, r)
    watches(t, r, other)
    scans(t, r)
    scripts(t, r)
    locks(t, r, other)
    messages(t, r, other)
    handlers(t, r, other)
    keyspace(t, r, other)
    server(t, r)
    big_and_many(t, r)


if __name__ == '__main__':
    main(script, AT_LEAST)
