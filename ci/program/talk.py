# SPDX-License-Identifier: Apache-2.0
"""Clients of build/fakes, made of bytes: talk.py FILE, in which its URLs are.

A line "ok WHAT" or "not ok WHAT: WHY" for each thing it should do. The clock
must stand at 0. Needs Python's standard library only.
"""
import socket
import struct
import sys
import time

LONGEST_S = 60


class Client:
    """A connection, and what was read of it beyond what was asked for."""

    def __init__(self, port):
        self.port = port
        self.left = b''
        self.socket = socket.create_connection(('127.0.0.1', port), LONGEST_S)

    def ask(self, request, length):
        """Sends, and reads so many bytes: fewer when it ends before."""
        self.socket.sendall(request)
        answer = b''
        while len(answer) < length:
            more = self.socket.recv(length - len(answer))
            if not more:
                break
            answer += more
        return answer

    def line(self, request=b''):
        """Sends, and reads a line."""
        self.socket.sendall(request)
        while b'\n' not in self.left:
            more = self.socket.recv(65536)
            if not more:
                break
            self.left += more
        line, _, self.left = self.left.partition(b'\n')
        return line.rstrip(b'\r')


class Control(Client):
    """The control port."""

    def __call__(self, command):
        answer = self.line(command.encode() + b'\n').decode()
        if not answer.startswith('ok'):
            raise AssertionError(command + ': ' + answer)
        return answer[3:]

    def lines(self, command):
        """The lines below the "ok"."""
        self(command)
        found = []
        while (line := self.line()) != b'.':
            found.append(line.decode())
        return found


class Kazoo(Client):
    """A ZooKeeper session."""

    def __init__(self, port, timeout_ms):
        super().__init__(port)
        self.xid = 0
        hello = struct.pack('>iqiqi16s?', 0, 0, timeout_ms, 0, 16, b'', False)
        welcome = self.frame(hello)
        self.timeout_ms = struct.unpack('>i', welcome[4:8])[0]

    def frame(self, body):
        """Sends a frame, and reads one."""
        request = struct.pack('>i', len(body)) + body
        length = struct.unpack('>i', self.ask(request, 4))[0]
        return self.ask(b'', length)

    def request(self, kind, body):
        """The error of a request."""
        self.xid += 1
        answer = self.frame(struct.pack('>ii', self.xid, kind) + body)
        return struct.unpack('>iqi', answer[:16])[2]

    @staticmethod
    def text(text):
        """A string, as it goes on the wire."""
        return struct.pack('>i', len(text)) + text

    def create_ephemeral(self, path):
        """With all rights for everybody."""
        acl = struct.pack('>ii', 1, 31) + self.text(b'world')
        acl += self.text(b'anyone')
        return self.request(1, self.text(path) + self.text(b'') + acl +
                            struct.pack('>i', 1))

    def exists(self, path):
        """Whether a node is there."""
        return self.request(3, self.text(path) + b'\0') == 0


def check(is_so, why='it is not so'):
    """Ends the test when it is not so."""
    if not is_so:
        raise AssertionError(why)


def is_cut(client, request):
    """Sends by a client, or a new one of a port: and gets only the end."""
    try:
        if isinstance(client, int):
            client = Client(client)
        return client.ask(request, 1) == b''
    except ConnectionError:
        return True


def until(is_so):
    """Asks again and again, for a minute."""
    end = time.monotonic() + LONGEST_S
    while not is_so():
        check(time.monotonic() < end, 'not within a minute')


def memcached_expires_at_its_second(ports, control):
    """Five seconds, the clock's phase being 0."""
    client = Client(ports['memcached'])
    start = int(control('now').split()[1])
    control('step %d' % (-start % 1000))
    check(client.line(b'set a 0 5 1\r\nx\r\n') == b'STORED')
    control('step 4999')
    check(client.ask(b'get a\r\n', 21) == b'VALUE a 0 1\r\nx\r\nEND\r\n')
    control('step 1')
    check(client.line(b'get a\r\n') == b'END')


def redis_expires_at_its_millisecond(ports, control):
    """PX 700."""
    client = Client(ports['redis'])
    check(client.line(b'SET k v PX 700\r\n') == b'+OK')
    control('step 699')
    check(client.line(b'EXISTS k\r\n') == b':1')
    control('step 1')
    check(client.line(b'EXISTS k\r\n') == b':0')


def a_session_expires_when_its_client_is_gone(ports, control):
    """At the end of a tick of 2 s, and no other session with it."""
    gone, other = (Kazoo(ports['kazoo'], 4000) for _ in range(2))
    check(gone.timeout_ms == 4000)
    start = int(control('now').split()[1])
    control('step %d' % (-start % 2000))
    check(gone.create_ephemeral(b'/gone') == 0)
    check(other.create_ephemeral(b'/other') == 0)
    gone.socket.close()
    until(lambda: ' clients 1 ' in control.lines('links')[0])
    control('step 5999')
    check(other.exists(b'/gone'))
    control('step 1')
    check(not other.exists(b'/gone'))
    control('step 3600000')
    check(other.exists(b'/other'))
    check('/other ephemeral v0 c1 ""' in control.lines('dump kazoo'))
    other.socket.close()


def the_clock_runs_until_it_is_stopped(ports, control):
    """Real time, a thousand times real time, none."""
    client = Client(ports['redis'])
    check(client.line(b'SET k v PX 50\r\n') == b'+OK')
    control('run')
    until(lambda: client.line(b'EXISTS k\r\n') == b':0')
    check(client.line(b'SET k v EX 50\r\n') == b'+OK')
    control('rate 1000')
    until(lambda: client.line(b'EXISTS k\r\n') == b':0')
    stopped = control('stop')
    check(' rate 0 ' in stopped, stopped)
    check(control('now') == stopped)


def faults_strike_and_heal(ports, control):
    """A cut, a link of its own, a server that is down."""
    ping = b'*1\r\n$4\r\nPING\r\n'
    control('fault redis-1 cut times 1 match PING')
    check(is_cut(ports['redis'], ping))
    check(Client(ports['redis']).line(ping) == b'+PONG')
    name, url = control('listen redis').split()
    other = Client(int(url.rpartition(':')[2]))
    control('dark ' + name)
    other.socket.sendall(ping)
    check(Client(ports['redis']).line(ping) == b'+PONG')
    control('light ' + name)
    check(other.line() == b'+PONG')
    check(control('count %s PING' % name) == '1')
    control('close ' + name)
    check(is_cut(other, b''))
    control('stop-server redis')
    check(is_cut(ports['redis'], ping))
    control('start-server redis empty')
    check(Client(ports['redis']).line(ping) == b'+PONG')


def a_mistake_is_answered_and_harms_nobody(ports, control):
    """Any bytes; and what was half said when its client left."""
    client = Client(control.port)
    for line in (b'', b'foo', b'step', b'step x', b'\0\xff', b'evict \\'):
        check(client.line(line + b'\n').startswith(b'error '), line)
    client.socket.sendall(b'quit')
    client.socket.close()
    check(control.lines('help')[0].startswith('help '))
    check(control('count memcached') == control('count memcached'))


def main():
    """Every test, in this order, with the ports of a file."""
    ports = {}
    with open(sys.argv[1], encoding='ascii') as lines:
        for line in lines:
            name = line.replace(':', ' ').split()[0]
            ports[name] = int(line.rpartition(':')[2])
    control = Control(ports['control'])
    for test in (memcached_expires_at_its_second,
                 redis_expires_at_its_millisecond,
                 a_session_expires_when_its_client_is_gone,
                 the_clock_runs_until_it_is_stopped,
                 faults_strike_and_heal,
                 a_mistake_is_answered_and_harms_nobody):
        try:
            test(ports, control)
            print('ok', test.__name__)
        except (AssertionError, OSError, struct.error) as error:
            where = error.__traceback__
            while where.tb_next is not None and where.tb_next.tb_next:
                where = where.tb_next
            print('not ok %s: line %d: %s' % (test.__name__, where.tb_lineno,
                                              error))


main()
