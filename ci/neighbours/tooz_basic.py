# SPDX-License-Identifier: Apache-2.0
"""Python tooz's basic use: groups, members, watchers, leaders, locks.

Three coordinators live in this process, `a`, `b` and `c`, with a long life;
`e`, with a short one, forgets to beat; `d` is a process of its own, because
only a process can die as ZooKeeper's sessions see it.
"""

import subprocess
import sys

import tooz
from tooz import coordination

from transcript import Word, main

AT_LEAST = {'kazoo': 230, 'memcached': 220, 'redis': 230}

# Seconds: the least that each store can keep. memcached lets a key of n
# seconds live n-1 to n; a session of ZooKeeper lives 1 s and up to a tick.
SHORT = {'kazoo': 1, 'memcached': 3, 'redis': 1}
LONG = 30


class Member:
    """A coordinator whose every call is a line."""

    def __init__(self, t, name, url=None, life=LONG, **options):
        self.t, self.name = t, name
        self.tooz = coordination.get_coordinator(
            url or t.url, name.encode(), timeout=life, **options)

    def call(self, method, *args, show=None, **kwargs):
        def run(*given, **named):
            result = getattr(self.tooz, method)(*given, **named)
            if isinstance(result, coordination.CoordAsyncResult):
                result = result.get(timeout=20)
            return result
        return self.t.do('%s.%s' % (self.name, method), run, *args,
                         show=show or SHOWN.get(method), **kwargs)

    def members(self, group):
        return self.tooz.get_members(group).get(timeout=20)


# What comes in any order.
SHOWN = {'get_groups': set, 'run_watchers': set}


class Dying:
    """`d`, which joins in a process of its own."""

    def __init__(self, t, group, lock):
        self._process = subprocess.Popen(
            [sys.executable, __file__, '--member', t.url, 'd',
             str(SHORT[t.scheme]), group.decode(), lock.decode()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        t.note('d', Word(self._process.stdout.readline().strip()))

    def kill(self):
        self._process.kill()
        self._process.communicate()

    def say(self, line):
        self._process.stdin.write(line + '\n')
        self._process.stdin.flush()
        return Word(self._process.stdout.readline().strip())


def be_member(url, name, life, group, lock):
    member = coordination.get_coordinator(url, name.encode(),
                                          timeout=int(life))
    member.start()
    member.join_group(group.encode(), {'host': name}).get()
    got = member.get_lock(lock.encode()).acquire(blocking=False)
    print('joined, lock %s' % got, flush=True)
    for line in sys.stdin:
        if line.strip() == 'stop':
            member.stop()
        else:
            member.heartbeat()
        print('ok', flush=True)


# ---- chapters --------------------------------------------------------------

def missing_things(a):
    a.call('get_members', b'none')
    a.call('join_group', b'none')
    a.call('leave_group', b'none')
    a.call('update_capabilities', b'none', {})
    a.call('delete_group', b'none')
    a.call('get_member_capabilities', b'none', b'a')
    a.call('get_member_info', b'none', b'a')
    a.call('get_groups')


def group_life(a, b):
    a.call('create_group', b'g')
    a.call('create_group', b'g')
    b.call('create_group', b'g')
    b.call('create_group', b'other')
    a.call('get_groups')
    a.call('get_members', b'g')
    b.call('delete_group', b'other')
    b.call('delete_group', b'other')
    a.call('get_groups')


def members_of_one_group(a, b, c):
    everyone = a, b, c
    a.call('join_group', b'g', {'weight': 1, 'host': 'nöde', 'up': True})
    a.call('join_group', b'g', {'weight': 2})
    b.call('join_group', b'g')
    a.call('leave_group', b'none')
    c.call('leave_group', b'g')
    c.call('update_capabilities', b'g', 1)
    c.call('join_group', b'g', [1, -1, 300, 70000, 'x', b'y', None, 0.5])
    for one in everyone:
        one.call('get_members', b'g')
        for name in b'a', b'b', b'c', b'nobody':
            one.call('get_member_capabilities', b'g', name)
    for value in ({'a': {'b': [1, {'c': 2}]}}, None, b'', 'text', b'\0\xff',
                  2 ** 63, -2 ** 63, [], {}, 'x' * 300, {'k': 'v' * 70000}):
        b.call('update_capabilities', b'g', value)
        a.call('get_member_capabilities', b'g', b'b',
               show=lambda got, sent=value: Word('as sent') if got == sent
               else got)
    a.call('get_member_info', b'g', b'b', show=lambda info: sorted(info))
    for one in everyone:
        one.call('heartbeat')
        one.call('get_members', b'g')
    a.call('delete_group', b'g')
    c.call('leave_group', b'g')
    c.call('leave_group', b'g')
    a.call('get_members', b'g')
    c.call('join_group', b'g', {'again': 1})


def creating_joins(a, b):
    a.call('join_group_create', b'made', b'caps')
    b.call('join_group_create', b'made')
    b.call('get_members', b'made')
    b.call('get_member_capabilities', b'made', b'a')
    a.call('leave_group', b'made')
    a.call('delete_group', b'made')
    b.call('leave_group', b'made')
    a.call('delete_group', b'made')


def partitions(t, a, b):
    ring = a.call('join_partitioned_group', b'parts', weight=2, partitions=16,
                  show=lambda made: Word(type(made).__name__))
    b.call('join_partitioned_group', b'parts',
           show=lambda made: Word(type(made).__name__))
    a.call('run_watchers', show=lambda events: Word(len(events)))
    for what in 'x', 'y', 'z':
        t.do('members_for_object', ring.members_for_object, what)
    t.do('belongs_to_self', ring.belongs_to_self, 'x')
    a.call('leave_partitioned_group', ring)
    b.call('leave_group', b'parts')


def watchers(a, b, c):
    def joined(event):
        return Word('+ %r' % event.member_id)

    def left(event):
        return Word('- %r' % event.member_id)

    a.call('watch_join_group', b'g', joined)
    a.call('watch_leave_group', b'g', left)
    a.call('run_watchers')
    b.call('leave_group', b'g')
    a.call('run_watchers')
    a.call('run_watchers')
    b.call('join_group', b'g')
    a.call('run_watchers')
    c.call('leave_group', b'g')
    c.call('join_group', b'g')
    a.call('run_watchers')
    c.call('leave_group', b'g')
    b.call('leave_group', b'g')
    a.call('run_watchers')
    b.call('join_group', b'g')
    c.call('join_group', b'g')
    a.call('run_watchers', 5)
    a.call('unwatch_join_group', b'g', left)
    a.call('unwatch_join_group', b'g', joined)
    a.call('unwatch_leave_group', b'g', left)
    a.call('unwatch_leave_group', b'none', left)
    b.call('leave_group', b'g')
    a.call('run_watchers')
    b.call('join_group', b'g')


def leaders(t, a, b, c):
    def elected(event):
        t.note('elected', (event.group_id, event.member_id))

    a.call('create_group', b'led')
    for one in a, b, c:
        one.call('join_group', b'led')
    c.call('get_leader', b'led')
    a.call('watch_elected_as_leader', b'led', elected)
    b.call('watch_elected_as_leader', b'led', elected)
    c.call('watch_elected_as_leader', b'led', elected)
    a.call('run_watchers')
    b.call('run_watchers')
    a.call('run_watchers')
    c.call('run_elect_coordinator')
    for one in a, b, c:
        one.call('heartbeat')
        one.call('get_leader', b'led')
    b.call('stand_down_group_leader', b'led')
    b.call('get_leader', b'led')
    a.call('stand_down_group_leader', b'led')
    b.call('get_leader', b'led')
    c.call('run_watchers')
    b.call('run_watchers')
    b.call('get_leader', b'led')
    a.call('unwatch_elected_as_leader', b'led', elected)
    a.call('unwatch_elected_as_leader', b'led', elected)
    # kazoo's child `leader` is a member to everybody here, and for ever.
    a.call('get_members', b'led')
    for one in a, b, c:
        one.call('leave_group', b'led')
    a.call('delete_group', b'led')


def locks(t, a, b):
    mine, yours = a.tooz.get_lock(b'l'), b.tooz.get_lock(b'l')
    t.do('a.acquire', mine.acquire)
    t.note('a.acquired', mine.acquired)
    t.do('a.is_still_owner', mine.is_still_owner)
    t.do('b.acquire', yours.acquire, blocking=False)
    t.do('b.acquire', yours.acquire, blocking=0.3)
    t.note('b.acquired', yours.acquired)
    t.do('b.is_still_owner', yours.is_still_owner)
    t.do('b.release', yours.release)
    t.do('a.heartbeat', lambda: mine.heartbeat())
    a.call('heartbeat')
    t.do('a.acquire shared', mine.acquire, shared=True)
    t.do('a.release', mine.release)
    t.do('a.release', mine.release)
    t.do('b.acquire', yours.acquire, blocking=False)
    t.do('a.acquire', mine.acquire, blocking=False)
    t.do('b.release', yours.release)
    with mine:
        t.note('with', mine.acquired)
        t.do('b.acquire', yours.acquire, blocking=False)
    t.note('after', mine.acquired)
    with_block(t, a)
    t.do('a.acquire', mine.acquire)
    t.do('b.break', yours.break_)
    t.do('b.acquire', yours.acquire, blocking=False)
    t.do('a.is_still_owner', mine.is_still_owner)
    t.do('a.release', mine.release)
    t.do('b.release', yours.release)
    # kazoo keeps locks in a group called `locks`.
    a.call('get_groups')


def with_block(t, a):
    try:
        with a.tooz.get_lock(b'l2')(blocking=False) as lock:
            t.note('with', lock.acquired)
    except Exception as error:
        t.note('with', error)


# ---- what time does --------------------------------------------------------

def a_member_that_dies(t, a, b, c):
    d = Dying(t, b'g', b'held')
    life_ms = SHORT[t.scheme] * 1000

    def beat():
        for one in a, b, c:
            one.tooz.heartbeat()

    def is_gone():
        beat()
        return b'd' not in a.members(b'g')

    def is_free():
        beat()
        return lock.acquire(blocking=False)

    beat()
    a.call('get_members', b'g')
    a.call('get_member_capabilities', b'g', b'd')
    a.call('watch_leave_group', b'g',
           lambda event: Word('- %r' % event.member_id))
    lock = b.tooz.get_lock(b'held')
    t.do('b.acquire', lock.acquire, blocking=False)
    # While it beats it lives, as long as it may last.
    for _ in range(5):
        t.clock.pass_ms(life_ms // 3)
        d.say('beat')
        beat()
    a.call('get_members', b'g')
    t.do('d.kill', d.kill)
    # memcached may end a life of 3 s after 2: half is never too long.
    t.clock.pass_ms(life_ms // 2)
    beat()
    a.call('get_members', b'g')
    t.later('d is gone', is_gone, life_ms)
    a.call('run_watchers')
    b.call('get_members', b'g')
    b.call('get_member_capabilities', b'g', b'd')
    t.later('the lock of d is free', is_free, life_ms)
    t.do('b.release', lock.release)
    d = Dying(t, b'g', b'held')
    beat()
    a.call('get_members', b'g')
    t.note('d.stop', d.say('stop'))
    d.kill()
    a.call('get_members', b'g')


def a_member_that_forgets_to_beat(t, a, c):
    """Where a beat is the caller's, and so can be forgotten."""
    life = SHORT[t.scheme]
    e = Member(t, 'e', life=life)
    e.call('start')
    e.call('join_group', b'g', 'new')
    c.call('get_members', b'g')
    t.later('e is gone', lambda: b'e' not in a.members(b'g'), life * 1500)
    c.call('get_members', b'g')
    e.call('get_members', b'g')
    # A beat alone does not bring it back: another took its record away.
    e.call('heartbeat')
    e.call('get_members', b'g')
    c.call('get_members', b'g')
    e.call('update_capabilities', b'g', 'late')
    e.call('leave_group', b'g')
    e.call('join_group', b'g', 'back')
    a.call('get_member_capabilities', b'g', b'e')
    # It was late again, but nobody looked.
    t.clock.pass_ms(life * 1000)
    e.call('heartbeat')
    c.call('get_members', b'g')
    e.call('stop')
    c.call('get_members', b'g')


def namespaces(t, a):
    other = Member(t, 'a', namespace='elsewhere')
    other.call('start')
    other.call('get_groups')
    other.call('create_group', b'g')
    other.call('join_group', b'g', 'other')
    other.call('get_members', b'g')
    a.call('get_member_capabilities', b'g', b'a')
    other.call('leave_group', b'g')
    other.call('delete_group', b'g')
    other.call('get_groups')
    other.call('stop')


def passwords(t):
    """A digest in the URL is an ACL on all that is made."""
    def open_by(user, name):
        return Member(t, name, 'kazoo://%s%s' % (user, t.netloc),
                      namespace='guarded')
    owner, thief = open_by('u:secret@', 'o'), open_by('u:wrong@', 't')
    nobody = open_by('', 'n')
    owner.call('start')
    owner.call('create_group', b'g')
    owner.call('join_group', b'g', 'mine')
    for other in thief, nobody:
        other.call('start')
        other.call('get_groups')
        other.call('get_members', b'g')
        other.call('join_group', b'g')
        other.call('create_group', b'h')
        other.call('stop')
    owner.call('leave_group', b'g')
    owner.call('delete_group', b'g')
    owner.call('stop')


def ends(t, a, b, c):
    b.call('stop')
    a.call('get_members', b'g')
    c.call('run_watchers')
    c.call('leave_group', b'g')
    a.call('leave_group', b'g')
    a.call('delete_group', b'g')
    a.call('get_groups')
    a.call('stop')
    c.call('stop')
    fresh = Member(t, 'fresh')
    fresh.call('start')
    fresh.call('get_groups')
    fresh.call('get_leader', b'led')
    fresh.call('stop')


def script(t):
    a, b, c = Member(t, 'a'), Member(t, 'b'), Member(t, 'c')
    for one in a, b, c:
        one.call('start')
    a.call('start')
    missing_things(a)
    group_life(a, b)
    members_of_one_group(a, b, c)
    creating_joins(a, b)
    partitions(t, a, b)
    watchers(a, b, c)
    leaders(t, a, b, c)
    locks(t, a, b)
    a_member_that_dies(t, a, b, c)
    if t.scheme != 'kazoo':
        a_member_that_forgets_to_beat(t, a, c)
    if t.scheme == 'kazoo':
        passwords(t)
    if t.scheme != 'memcached':
        namespaces(t, a)
    ends(t, a, b, c)


if __name__ == '__main__':
    if sys.argv[1] == '--member':
        be_member(*sys.argv[2:])
    else:
        main(script, AT_LEAST)
