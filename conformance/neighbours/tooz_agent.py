#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A member of Python tooz that does what it is told, a line at a time.

A request is a line of words on standard input, its answer one line on
standard output: "ok WORD...", or "error CLASS: text". The member beats only
when it is told to. Values are msgpack in hexadecimal digits.

    open URL NAME [text]     start; the id is bytes, or str with `text`
    create GROUP, delete GROUP, leave GROUP
    join GROUP [VALUE]       without a value: tooz's own default
    update GROUP VALUE       the value may be one that nobody can read
    list GROUP, groups       sorted
    meta GROUP NAME          -> its value
    beat
    wake                     beat as soon as the connection is back
    elect GROUP              watch the election, run the watchers
    lock NAME                take a lock
    watch GROUP, changes     -> what run_watchers told: "+name -name"
    hold                     the next command that removes members stops
                             before it does: "held", and goes on after "go"
    close                    stop
"""

import binascii
import functools
import os
import sys

import msgpack
import redis.client
from oslo_serialization import msgpackutils
from tooz import coordination

START_TRIES = 5


def say(*words):
    sys.stdout.write(' '.join(words) + '\n')
    sys.stdout.flush()


def to_text(name):
    if isinstance(name, bytes):
        name = name.decode('utf-8', 'backslashreplace')
    return name


def to_value(digits):
    """Read what tooz would refuse to read, too: keys that are integers."""
    hook = functools.partial(msgpackutils._unserializer,
                             msgpackutils.default_registry)
    return msgpack.unpackb(binascii.unhexlify(digits), ext_hook=hook,
                           raw=False, strict_map_key=False)


class Agent:
    def __init__(self):
        self.coordinator = None
        self.is_holding = False
        self.told = []

    # ---- the client below tooz --------------------------------------------

    def barrier(self, before_reading=False):
        """Wait until the server has seen all that was sent.

        memcached's client asks for no answer to a beat; a ZooKeeper server
        may be behind the one that another member wrote to.
        """
        driver = type(self.coordinator).__name__
        if driver == 'MemcachedDriver':
            self.coordinator.client.get(b'_SG_NO_SUCH_KEY')
        elif driver == 'KazooDriver' and before_reading:
            client = self.coordinator._coord
            client.retry(client.sync, '/')

    def stop_before(self, thing, name):
        """Let the method `name` of `thing` wait, once, to be told to go."""
        method = getattr(thing, name)

        def held(*args, **kwargs):
            if self.is_holding:
                self.is_holding = False
                say('held')
                sys.stdin.readline()
            return method(*args, **kwargs)

        setattr(thing, name, held)

    def start(self, url, name):
        """A busy machine may need longer than kazoo has patience."""
        for left in reversed(range(START_TRIES)):
            self.coordinator = coordination.get_coordinator(url, name)
            try:
                return self.coordinator.start(start_heart=False)
            except coordination.ToozConnectionError:
                if left == 0:
                    raise

    # ---- requests ---------------------------------------------------------

    def do_open(self, url, name, kind='bytes'):
        self.start(url, name if kind == 'text' else name.encode())
        if hasattr(self.coordinator, 'client'):
            self.stop_before(self.coordinator.client, 'cas')
        else:
            self.stop_before(redis.client.Pipeline, 'execute')

    def do_create(self, group):
        self.coordinator.create_group(group.encode()).get()

    def do_delete(self, group):
        self.coordinator.delete_group(group.encode()).get()

    def do_join(self, group, *value):
        self.coordinator.join_group(group.encode(),
                                    *map(to_value, value)).get()

    def do_leave(self, group):
        self.coordinator.leave_group(group.encode()).get()

    def do_update(self, group, value):
        self.coordinator.update_capabilities(group.encode(),
                                             to_value(value)).get()

    def do_list(self, group):
        self.barrier(before_reading=True)
        members = self.coordinator.get_members(group.encode()).get()
        return sorted(map(to_text, members))

    def do_groups(self):
        self.barrier(before_reading=True)
        return sorted(map(to_text, self.coordinator.get_groups().get()))

    def do_meta(self, group, name):
        self.barrier(before_reading=True)
        value = self.coordinator.get_member_capabilities(
            group.encode(), name.encode()).get()
        return [binascii.hexlify(msgpackutils.dumps(value)).decode()]

    def do_beat(self):
        self.coordinator.heartbeat()

    def do_wake(self):
        if type(self.coordinator).__name__ == 'KazooDriver':
            client = self.coordinator._coord
            client.retry(client.exists, '/')
        self.do_beat()

    def do_elect(self, group):
        elected = []
        self.coordinator.watch_elected_as_leader(group.encode(),
                                                 elected.append)
        self.coordinator.run_watchers()
        return ['leader' if elected else 'follower']

    def do_lock(self, name):
        lock = self.coordinator.get_lock(name.encode())
        return ['taken' if lock.acquire(blocking=False) else 'refused']

    def do_watch(self, group):
        watches = {'+': self.coordinator.watch_join_group,
                   '-': self.coordinator.watch_leave_group}
        for sign, watch in watches.items():
            watch(group.encode(), functools.partial(self.take_event, sign))
        self.do_changes()

    def take_event(self, sign, event):
        self.told.append(sign + to_text(event.member_id))

    def do_changes(self):
        self.barrier(before_reading=True)
        self.coordinator.run_watchers()
        told, self.told = sorted(self.told), []
        return told

    def do_hold(self):
        self.is_holding = True

    def do_close(self):
        self.coordinator.stop()

    def answer(self, verb, *words):
        result = getattr(self, 'do_' + verb)(*words) or []
        if verb != 'close':
            self.barrier()
        return result


def main():
    agent = Agent()
    for line in iter(sys.stdin.readline, ''):
        try:
            say('ok', *agent.answer(*line.split()))
        except Exception as error:
            text = ' '.join(str(error).split())
            say('error', '%s: %s' % (type(error).__name__, text))
        if line.split() == ['close']:
            break
    # Threads of the client libraries are not waited for.
    os._exit(0)


if __name__ == '__main__':
    main()
