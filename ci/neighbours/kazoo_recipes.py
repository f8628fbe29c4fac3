# SPDX-License-Identifier: Apache-2.0
"""kazoo's recipes: locks, counters, parties, elections, barriers, queues."""

import datetime
import threading

from kazoo_calls import Client
from transcript import Word


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


def recipes(t, z, other):
    locks(t, z, other)
    a_holder_that_goes(t, z)
    counters(t, z, other)
    parties(t, z, other)
    elections(t, z, other)
    barriers(t, z, other)
    queues(t, z, other)
    partitions(t, z, other)
    leases(t, z, other)
