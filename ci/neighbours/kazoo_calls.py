# SPDX-License-Identifier: Apache-2.0
"""A kazoo client whose every call is a line of the transcript."""

import socket

from kazoo.client import KazooClient
from kazoo.protocol.states import ZnodeStat

from transcript import Word

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
