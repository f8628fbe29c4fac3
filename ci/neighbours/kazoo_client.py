# SPDX-License-Identifier: Apache-2.0
"""The everyday work of kazoo: nodes, watches, transactions, all recipes."""

import datetime
import logging
import socket
import threading

from kazoo.client import KazooClient
from kazoo.protocol.states import ZnodeStat
from kazoo.recipe.cache import TreeCache, TreeEvent
from kazoo.recipe.watchers import PatientChildrenWatch
from kazoo.security import (ACL, OPEN_ACL_UNSAFE, READ_ACL_UNSAFE, Id,
                            make_acl, make_digest_acl)

from transcript import Word, main

AT_LEAST = {'kazoo': 350}

SESSION_S = 3


class Client:
    """A KazooClient whose every call is a line."""

    def __init__(self, t, name='', chroot='', **options):
        self._t, self._name = t, name
        self.raw = KazooClient(hosts=t.netloc + chroot, timeout=SESSION_S,
                               **options)
        self.states = []
        self.raw.add_listener(lambda state: self.states.append(Word(state)))
        self.raw.start(timeout=20)

    def __getattr__(self, method):
        call = getattr(self.raw, method)

        def told(*args, show=None, **kwargs):
            return self._t.do(self._name + method, call, *args,
                              show=show or self.show, **kwargs)
        return told

    def show(self, value):
        """Names of children in order; ids and times by their rank."""
        if isinstance(value, ZnodeStat):
            return self.show_stat(value)
        if isinstance(value, (tuple, list)) and len(value) == 2 and \
                isinstance(value[1], ZnodeStat):
            return self.show(value[0]), self.show_stat(value[1])
        if isinstance(value, list) and all(isinstance(v, str) for v in value):
            return sorted(value)
        if isinstance(value, list):
            return [self.show(one) for one in value]
        return value

    def show_stat(self, stat):
        rank = self._t.rank
        owner = stat.ephemeralOwner
        return (stat.version, stat.cversion, stat.aversion, stat.dataLength,
                stat.numChildren, rank('session', owner) if owner else 0,
                rank('zxid', stat.czxid), rank('zxid', stat.mzxid),
                rank('zxid', stat.pzxid), Word(stat.ctime <= stat.mtime))

    def cut(self):
        """The network breaks this connection; kazoo makes another."""
        self.raw._connection._socket.shutdown(socket.SHUT_RDWR)


class Ear:
    """What watches told, in the order in which they did."""

    def __init__(self, t):
        self._t, self.heard = t, []

    def __call__(self, event):
        self.heard.append(Word('%s %s' % (event.type, event.path)))

    def expect(self, name, count):
        self._t.soon(name, lambda: len(self.heard) >= count)
        self._t.note(name, self.heard[:])
        del self.heard[:]


# ---- nodes -----------------------------------------------------------------

def nodes(z):
    z.exists('/a')
    z.get('/a')
    z.create('/a', b'one')
    z.create('/a', b'two')
    z.create('/a/b/c', b'')
    z.create('/a/b/c', b'deep', makepath=True)
    z.exists('/a/b/c')
    z.get('/a/b/c')
    z.get('/a')
    z.create('/b', b'x', include_data=True)
    z.set('/b', b'y')
    z.set('/b', b'z', version=1)
    z.set('/b', b'no', version=1)
    z.set('/none', b'x')
    z.get('/b')
    z.set('/b', b'')
    z.get('/b')
    z.get_children('/a')
    z.get_children('/a', include_data=True)
    z.get_children('/none')
    z.ensure_path('/p/q/r')
    z.ensure_path('/p/q/r')
    z.ensure_path('/')
    z.get_children('/', show=lambda got: sorted(got))
    z.delete('/p')
    z.delete('/p/q/r', version=7)
    z.delete('/p/q/r', version=0)
    z.delete('/none')
    z.delete('/p', recursive=True)
    z.exists('/p')
    z.delete('/', recursive=False)
    z.create('relative', b'')
    z.delete('relative')
    z.create('/with/../dots', b'')
    z.create('/double//slash', b'')
    z.create('/nöde', 'ü'.encode())
    z.get('/nöde')
    z.delete('/nöde')
    z.sync('/a')
    z.delete('/a', recursive=True)
    z.delete('/b')


def sequences(z):
    z.create('/s', b'')
    z.create('/s/n-', b'', sequence=True)
    z.create('/s/n-', b'', sequence=True)
    z.create('/s/', b'', sequence=True)
    z.delete('/s/n-0000000001')
    z.create('/s/m-', b'', sequence=True, ephemeral=True)
    z.get_children('/s')
    z.get('/s')
    z.create('/s/m-0000000003/x', b'')
    z.get('/s/m-0000000003')
    z.create('/t/u/v-', b'', sequence=True, makepath=True)
    z.delete('/t', recursive=True)
    z.delete('/s', recursive=True)


def big_values(t, z):
    value = b'x' * 1000000
    t.do('set 1 MB', lambda: z.raw.create('/big', value))
    t.do('get 1 MB', lambda: z.raw.get('/big')[0] == value)
    t.do('too large', z.raw.set, '/big', b'x' * 2000000)
    t.soon('back', lambda: z.raw.connected)
    t.do('still there', lambda: z.raw.retry(z.raw.get, '/big')[0] == value)
    z.delete('/big')
    z.raw.ensure_path('/wide')
    made = [z.raw.create_async('/wide/%05d' % n, b'%d' % n)
            for n in range(1000)]
    t.note('a thousand at once', len({one.get(timeout=20) for one in made}))
    z.get_children('/wide', show=len)
    z.exists('/wide', show=lambda stat: (stat.cversion, stat.numChildren))
    t.do('all gone', z.raw.delete, '/wide', recursive=True)


def transactions(t, z):
    def run(name, *steps):
        made = z.raw.transaction()
        for step in steps:
            getattr(made, step[0])(*step[1:])
        t.do(name, made.commit, show=z.show)

    z.create('/t', b'0')
    run('all well', ('create', '/t/a', b'1'), ('set_data', '/t', b'2'),
        ('check', '/t', 1), ('create', '/t/b-', b'', None, False, True),
        ('delete', '/t/a'))
    run('a check fails', ('set_data', '/t', b'3'), ('check', '/t', 7),
        ('create', '/t/c', b''))
    run('a create fails', ('create', '/t/d', b''), ('create', '/t/d', b''))
    run('no parent', ('create', '/none/d', b''), ('delete', '/t'))
    run('not empty', ('delete', '/t'), ('create', '/x', b''))
    run('empty')
    z.get('/t')
    z.get_children('/t')
    try:
        with z.raw.transaction() as made:
            made.create('/t/e', b'')
            made.set_data('/t/e', b'v')
    except Exception as error:
        t.note('with', error)
    z.get('/t/e')
    z.delete('/t', recursive=True)


# ---- rights ----------------------------------------------------------------

def rights(t, z):
    owner = Client(t, 'owner.')
    thief = Client(t, 'thief.', auth_data=[('digest', 'thief:x')])
    digest = make_digest_acl('owner', 'secret', all=True)

    def told(got):
        return [(acl.perms, acl.id.scheme, acl.id.id) for acl in got[0]]

    owner.add_auth('digest', 'owner:secret')
    owner.create('/safe', b'mine', acl=[digest])
    owner.get('/safe')
    owner.get_acls('/safe', show=told)
    for other in z, thief:
        other.get('/safe')
        other.set('/safe', b'')
        other.get_children('/safe')
        other.create('/safe/x', b'')
        other.exists('/safe', show=bool)
        other.get_acls('/safe', show=told)
        other.set_acls('/safe', OPEN_ACL_UNSAFE)
    z.add_auth('digest', 'owner:secret')
    z.get('/safe')
    owner.set_acls('/safe', [make_acl('world', 'anyone', read=True), digest])
    owner.set_acls('/safe', OPEN_ACL_UNSAFE, version=0)
    thief.get('/safe')
    thief.set('/safe', b'')
    owner.create('/safe/child', b'', acl=READ_ACL_UNSAFE)
    thief.delete('/safe/child')
    owner.set_acls('/safe', OPEN_ACL_UNSAFE)
    thief.delete('/safe/child')
    owner.create('/bad', b'', acl=[ACL(31, Id('nosuch', 'x'))])
    owner.create('/bad', b'', acl=[ACL(31, Id('auth', ''))])
    owner.get_acls('/bad', show=told)
    owner.delete('/bad')
    thief.delete('/safe')
    thief.add_auth('nosuch', 'x')
    owner.stop()
    thief.stop()


# ---- watches ---------------------------------------------------------------

def watches(t, z, other):
    ear = Ear(t)
    z.exists('/w', watch=ear)
    other.create('/w', b'1')
    ear.expect('created', 1)
    other.set('/w', b'2')
    z.get('/w', watch=ear)
    z.exists('/w', watch=ear)
    other.set('/w', b'3')
    other.set('/w', b'4')
    ear.expect('changed, once', 1)
    z.get_children('/w', watch=ear)
    other.create('/w/c', b'')
    other.create('/w/d', b'')
    ear.expect('a child came', 1)
    z.get_children('/w', watch=ear)
    z.get('/w', watch=ear)
    other.set('/w/c', b'unseen')
    other.delete('/w/c')
    ear.expect('a child went', 1)
    other.delete('/w', recursive=True)
    ear.expect('deleted', 1)
    z.get('/w', watch=ear)
    z.exists('/w', watch=ear)
    other.create('/w', b'', ephemeral=True)
    ear.expect('created again', 1)
    first, second = Ear(t), Ear(t)
    z.get('/w', watch=first)
    z.exists('/w', watch=second)
    other.delete('/w')
    first.expect('first', 1)
    second.expect('second', 1)


def watchers(t, z, other):
    seen = []

    @z.raw.DataWatch('/dw')
    def on_data(data, stat):
        seen.append((data, stat.version if stat else None))

    other.create('/dw', b'1')
    t.soon('data watch', lambda: len(seen) == 2)
    other.set('/dw', b'2')
    t.soon('data watch', lambda: len(seen) == 3)
    other.delete('/dw')
    t.soon('data watch', lambda: len(seen) == 4)
    other.create('/dw', b'3')
    t.soon('data watch', lambda: len(seen) == 5)
    t.note('data', seen)
    other.delete('/dw')

    names = []
    other.ensure_path('/cw')

    @z.raw.ChildrenWatch('/cw')
    def on_children(children):
        names.append(sorted(children))
        return 'last' not in children

    for name in 'a', 'b', 'last', 'unseen':
        before = len(names)
        other.create('/cw/' + name, b'')
        if name != 'unseen':
            t.soon('children watch', lambda: len(names) > before)
    t.note('children', names)
    patient = PatientChildrenWatch(z.raw, '/cw', time_boundary=0.05).start()
    t.do('patient', lambda: sorted(patient.get(timeout=20)[0]))
    other.delete('/cw', recursive=True)


def tree_cache(t, z, other):
    told = []
    cache = TreeCache(z.raw, '/tree')
    cache.listen(lambda event: told.append(event.event_type))
    t.do('cache.start', cache.start)
    t.soon('initialized', lambda: TreeEvent.INITIALIZED in told)
    other.create('/tree/a/b', b'1', makepath=True)
    t.soon('cached', lambda: cache.get_data('/tree/a/b') is not None)
    t.note('data', cache.get_data('/tree/a/b').data)
    other.set('/tree/a/b', b'2')
    t.soon('changed', lambda: cache.get_data('/tree/a/b').data == b'2')
    t.note('children', cache.get_children('/tree/a'))
    other.delete('/tree/a', recursive=True)
    t.soon('gone', lambda: cache.get_data('/tree/a') is None)
    t.do('cache.close', cache.close)
    other.delete('/tree', recursive=True)


# ---- sessions --------------------------------------------------------------

def ephemerals(t, z):
    ear = Ear(t)
    member = Client(t, 'member.')
    z.raw.ensure_path('/e')
    member.create('/e/m', b'', ephemeral=True)
    member.create('/e/m/child', b'')
    member.create('/e/n', b'', ephemeral=True)
    z.get('/e/m')
    z.delete('/e/n')
    member.exists('/e/n')
    z.get('/e/m', watch=ear)
    z.get_children('/e', watch=ear)
    member.stop()
    ear.expect('it went', 2)
    z.get_children('/e')
    t.note('states', member.states)
    member.raw.start(timeout=20)
    member.create('/e/m', b'', ephemeral=True)
    member.stop()
    z.exists('/e/m')
    member.close()
    z.delete('/e', recursive=True)


def reconnections(t, z, other):
    """The session, its nodes and kazoo's watchers outlive a connection."""
    c = Client(t, 'cut.')
    c.raw.ensure_path('/r')
    c.create('/r/e', b'mine', ephemeral=True)
    session = c.raw.client_id[0]
    seen = []
    c.raw.DataWatch('/r/d', lambda data, stat: seen.append(data))
    names = []
    c.raw.ChildrenWatch('/r', lambda got: names.append(sorted(got)))
    for number in range(3):
        count = len(c.states)
        c.cut()
        t.soon('back', lambda: len(c.states) >= count + 2)
        t.note('the same session', c.raw.client_id[0] == session)
        c.exists('/r/e', show=bool)
        other.create('/r/d', b'%d' % number)
        t.soon('data', lambda: seen and seen[-1] == b'%d' % number)
        t.soon('children', lambda: names[-1] == ['d', 'e'])
        other.delete('/r/d')
        t.soon('no data', lambda: seen[-1] is None)
    t.note('states', c.states)
    t.do('a command while cut', lambda: (c.cut(), c.raw.retry(
        c.raw.get, '/r/e'))[1][0])
    c.stop()
    other.delete('/r', recursive=True)


def expiry(t, z):
    """Another takes the session over and ends it: this one is told."""
    c = Client(t, 'taken.')
    z.raw.ensure_path('/x')
    c.create('/x/e', b'', ephemeral=True)
    session = c.raw.client_id
    count = len(c.states)
    taker = Client(t, 'taker.', client_id=session)
    t.note('taken over', taker.raw.client_id[0] == session[0])
    taker.get('/x/e', show=lambda got: got[0])
    taker.stop()
    t.soon('a new session', lambda: c.states[count:][-1:] == ['CONNECTED'] and
           c.raw.client_id[0] != session[0])
    t.note('it was lost', 'LOST' in c.states)
    z.exists('/x/e')
    c.raw.retry(c.raw.create, '/x/e', b'again', ephemeral=True)
    z.get('/x/e', show=lambda got: got[0])
    c.stop()
    z.exists('/x/e')
    strange = Client(t, 'strange.', client_id=(12345, b'p' * 16))
    t.note('another than asked', strange.raw.client_id[0] != 12345)
    strange.stop()
    z.delete('/x', recursive=True)


def chroots(t, z):
    z.ensure_path('/root/of')
    inside = Client(t, 'inside.', chroot='/root/of')
    inside.create('/n', b'v')
    inside.get('/n', show=lambda got: got[0])
    inside.get_children('/')
    inside.create('/s-', b'', sequence=True)
    z.get_children('/root/of')
    inside.stop()
    z.delete('/root', recursive=True)


# ---- recipes ---------------------------------------------------------------

def locks(t, z, other):
    mine, yours = z.raw.Lock('/lock', 'me'), other.raw.Lock('/lock', 'you')
    t.do('mine.acquire', mine.acquire)
    t.do('yours.acquire', yours.acquire, blocking=False)
    t.do('yours.acquire', yours.acquire, timeout=0.2)
    t.do('contenders', mine.contenders)
    order = []

    def wait():
        with yours:
            order.append(Word('yours'))

    thread = threading.Thread(target=wait)
    thread.start()
    t.soon('it waits', lambda: len(mine.contenders()) == 2)
    order.append(Word('mine'))
    t.do('contenders', mine.contenders)
    t.do('mine.release', mine.release)
    thread.join(20)
    t.note('order', order)
    t.do('mine.release', mine.release)
    z.get_children('/lock')

    read, write = z.raw.ReadLock('/rw', 'r'), other.raw.WriteLock('/rw', 'w')
    second = other.raw.ReadLock('/rw', 'r2')
    t.do('read.acquire', read.acquire)
    t.do('second.acquire', second.acquire, blocking=False)
    t.do('write.acquire', write.acquire, blocking=False)
    t.do('read.release', read.release)
    t.do('second.release', second.release)
    t.do('write.acquire', write.acquire, blocking=False)
    t.do('read.acquire', read.acquire, blocking=False)
    t.do('write.release', write.release)

    one, two = (c.raw.Semaphore('/sem', name, max_leases=2)
                for c, name in ((z, 'one'), (other, 'two')))
    three = other.raw.Semaphore('/sem', 'three', max_leases=2)
    t.do('one.acquire', one.acquire)
    t.do('two.acquire', two.acquire)
    t.do('three.acquire', three.acquire, blocking=False)
    t.do('holders', one.lease_holders, show=sorted)
    t.do('one.release', one.release)
    t.do('three.acquire', three.acquire, blocking=False)
    t.do('holders', one.lease_holders, show=sorted)
    t.do('two.release', two.release)
    t.do('three.release', three.release)
    t.do('another size', z.raw.Semaphore('/sem', 'x', max_leases=3).acquire)
    for path in '/lock', '/rw', '/sem', '/sem-__lock__':
        z.delete(path, recursive=True)


def a_holder_that_goes(t, z):
    holder = Client(t, 'holder.')
    t.do('holder', holder.raw.Lock('/held', 'it').acquire)
    lock = z.raw.Lock('/held', 'me')
    t.do('acquire', lock.acquire, blocking=False)
    got = z.raw.handler.spawn(lock.acquire)
    t.soon('it waits', lambda: len(lock.contenders()) == 2)
    holder.stop()
    t.soon('acquired', lambda: lock.is_acquired)
    got.join(20)
    t.do('release', lock.release)
    z.delete('/held', recursive=True)


def counters(t, z, other):
    for c in z, other:
        counter = c.raw.Counter('/count')
        counter += 2
        counter -= 1
        t.note('counter', counter.value)

    def work(client):
        counter = client.Counter('/count')
        for _ in range(25):
            counter += 1

    threads = [threading.Thread(target=work, args=[c.raw])
               for c in (z, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    t.note('counter', z.raw.Counter('/count').value)
    t.do('a float', lambda: z.raw.Counter('/float', default=1.5).value)
    t.do('not a number', lambda: z.raw.Counter('/float', default='x').value)
    z.delete('/count')
    z.delete('/float', recursive=True)


def parties(t, z, other):
    mine, yours = z.raw.Party('/party', 'me'), other.raw.Party('/party', 'you')
    t.do('join', mine.join)
    t.do('join', yours.join)
    t.do('members', lambda: sorted(mine))
    t.note('count', len(yours))
    t.do('leave', yours.leave)
    t.do('members', lambda: sorted(mine))
    t.do('leave', mine.leave)
    shallow = z.raw.ShallowParty('/shallow', 'me')
    t.do('join', shallow.join)
    t.do('members', lambda: sorted(shallow))
    t.do('leave', shallow.leave)
    z.delete('/party', recursive=True)
    z.delete('/shallow', recursive=True)


def elections(t, z, other):
    led, ends = [], threading.Event()

    def lead(name):
        led.append(Word(name))
        ends.wait(20)

    mine = z.raw.Election('/election', 'me')
    yours = other.raw.Election('/election', 'you')
    first = threading.Thread(target=mine.run, args=[lead, 'me'])
    first.start()
    t.soon('I lead', lambda: led == ['me'])
    second = threading.Thread(target=yours.run, args=[lead, 'you'])
    second.start()
    t.soon('two contend', lambda: len(mine.contenders()) == 2)
    t.do('contenders', mine.contenders)
    ends.set()
    first.join(20)
    second.join(20)
    t.note('led', led)
    third = threading.Thread(target=yours.run, args=[lead, 'again'])
    ends.clear()
    lock = z.raw.Lock('/election', 'bar')
    t.do('bar', lock.acquire)
    third.start()
    t.soon('it waits', lambda: len(yours.contenders()) == 2)
    t.do('cancel', yours.cancel)
    third.join(20)
    t.note('led', led)
    t.do('bar', lock.release)
    z.delete('/election', recursive=True)


def barriers(t, z, other):
    barrier = z.raw.Barrier('/barrier')
    t.do('wait', barrier.wait, 20)
    t.do('create', barrier.create)
    t.do('wait', other.raw.Barrier('/barrier').wait, 0.2)
    passed = []
    thread = threading.Thread(target=lambda: passed.append(
        other.raw.Barrier('/barrier').wait(20)))
    thread.start()
    t.do('remove', barrier.remove)
    thread.join(20)
    t.note('passed', passed)
    t.do('remove', barrier.remove)

    order = []
    begun = threading.Event()

    def through(client, name):
        double = client.DoubleBarrier('/double', 2, name)
        double.enter()
        order.append(Word('in'))
        begun.wait(20)
        double.leave()
        order.append(Word('out'))

    threads = [threading.Thread(target=through, args=[z.raw, 'one'])]
    threads[0].start()
    t.soon('one waits', lambda:
           z.raw.exists('/double') and z.raw.get_children('/double'))
    t.note('order', order)
    threads.append(threading.Thread(target=through, args=[other.raw, 'two']))
    threads[1].start()
    t.soon('both are in', lambda: len(order) == 2)
    begun.set()
    for thread in threads:
        thread.join(20)
    t.note('order', order)
    z.delete('/double', recursive=True)


def queues(t, z, other):
    queue = z.raw.Queue('/queue')
    t.do('get', queue.get)
    t.do('put', queue.put, b'second', priority=200)
    t.do('put', queue.put, b'first', priority=10)
    t.note('length', len(queue))
    t.do('get', other.raw.Queue('/queue').get)
    t.do('get', queue.get)
    t.do('get', queue.get)
    locking, theirs = (c.raw.LockingQueue('/locking') for c in (z, other))
    t.do('put_all', locking.put_all, [b'a', b'b'])
    t.do('get', locking.get, 20)
    t.do('get', theirs.get, 20)
    t.do('holds_lock', locking.holds_lock)
    t.do('consume', locking.consume)
    t.do('release', theirs.release)
    t.do('get', locking.get, 20)
    t.do('consume', locking.consume)
    t.do('get', locking.get, 0.2)
    t.note('length', len(locking))
    z.delete('/queue', recursive=True)
    z.delete('/locking', recursive=True)


def partitions(t, z, other):
    parts = [c.raw.SetPartitioner(
        '/parts', set=(1, 2, 3, 4), identifier=name, time_boundary=0.1)
        for c, name in ((z, 'one'), (other, 'two'))]

    def settled():
        for part in parts:
            if part.release:
                part.release_set()
            elif part.allocating:
                part.wait_for_acquire(0.05)
        return all(part.acquired for part in parts) and \
            sum(len(set(part)) for part in parts) == 4

    t.soon('both have theirs', settled)
    t.note('parts', [sorted(part) for part in parts])
    t.do('finish', parts.pop().finish)
    t.soon('one has all', settled)
    t.note('parts', [sorted(part) for part in parts])
    t.do('finish', parts.pop().finish)
    z.delete('/parts', recursive=True)


def leases(t, z, other):
    for c, name in ((z, 'one'), (other, 'two'), (z, 'one')):
        t.do('lease', lambda: bool(c.raw.NonBlockingLease(
            '/lease', datetime.timedelta(hours=1), identifier=name)))
    z.delete('/lease', recursive=True)


# ---- the server ------------------------------------------------------------

def server(t, z):
    z.command(b'ruok')
    z.command(b'isro')
    t.do('srvr', z.raw.command, b'srvr', show=lambda text: Word(
        [line.split(':')[0] for line in text.splitlines()]))
    t.do('mntr', z.raw.command, b'mntr', show=lambda text: sorted(
        line.split('\t')[0] for line in text.splitlines()
        if line.split('\t')[0] in ('zk_version', 'zk_server_state',
                                   'zk_znode_count', 'zk_watch_count')))
    t.note('a session', z.raw.client_id[0] != 0)
    t.note('connected', z.raw.connected)


def script(t):
    logging.disable(logging.CRITICAL)
    z, other = Client(t), Client(t, 'other.')
    nodes(z)
    sequences(z)
    big_values(t, z)
    transactions(t, z)
    rights(t, z)
    watches(t, z, other)
    watchers(t, z, other)
    tree_cache(t, z, other)
    ephemerals(t, z)
    reconnections(t, z, other)
    expiry(t, z)
    chroots(t, z)
    locks(t, z, other)
    a_holder_that_goes(t, z)
    counters(t, z, other)
    parties(t, z, other)
    elections(t, z, other)
    barriers(t, z, other)
    queues(t, z, other)
    partitions(t, z, other)
    leases(t, z, other)
    server(t, z)
    z.get_children('/')
    z.stop()
    other.stop()


if __name__ == '__main__':
    main(script, AT_LEAST)
