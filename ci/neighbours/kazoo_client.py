# SPDX-License-Identifier: Apache-2.0
"""The everyday work of kazoo: nodes, watches, transactions, all recipes."""

import logging

from kazoo.recipe.cache import TreeCache, TreeEvent
from kazoo.recipe.watchers import PatientChildrenWatch
from kazoo.security import (ACL, OPEN_ACL_UNSAFE, READ_ACL_UNSAFE, Id,
                            make_acl, make_digest_acl)

from kazoo_calls import Client, Ear
from kazoo_recipes import recipes
from transcript import Word, main

AT_LEAST = {'kazoo': 350}


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
    recipes(t, z, other)
    server(t, z)
    z.get_children('/')
    z.stop()
    other.stop()


if __name__ == '__main__':
    main(script, AT_LEAST)
