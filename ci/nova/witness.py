# SPDX-License-Identifier: Apache-2.0
"""What the scripts here share: nova's API, our library, and a count."""

import ctypes
import os
import socket
import subprocess
import sys
import time
import types

sys.path.insert(0, 'driver/nova')
sys.dont_write_bytecode = True

import nova.conf                           # noqa: E402
from nova import objects                   # noqa: E402,F401
from nova.objects import service as service_object  # noqa: E402
from nova.servicegroup import api          # noqa: E402

import servicegroup_tooz as ours           # noqa: E402

CONF = nova.conf.CONF
STATUS = {0: 'UNKNOWN', ours.SG_DOWN: 'DOWN', ours.SG_UP: 'UP'}
PATIENCE_S = 15


class Tally:
    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, 0

    def check(self, what, is_so, *seen):
        if is_so:
            self.passed += 1
            return
        self.failed += 1
        if self.failed <= 20:
            print('%s: FAILED: %s' % (self.name, what), *seen, flush=True)

    def equal(self, what, got, wanted):
        self.check(what, got == wanted, 'got %r, wanted %r' % (got, wanted))

    def raises(self, what, kind, call, *args):
        try:
            got = call(*args)
        except Exception as error:
            self.check(what, isinstance(error, kind), repr(error))
            return error
        self.check(what, False, 'returned %r' % (got,))
        return None

    def end(self):
        """Threads of the library are not waited for."""
        print('%d passed, %d failed' % (self.passed, self.failed), flush=True)
        os._exit(1 if self.failed else 0)


def record(host, topic='compute', updated_at=None, forced_down=False):
    """A service's record as nova's callers hand it in."""
    return service_object.Service(host=host, topic=topic,
                                  updated_at=updated_at,
                                  forced_down=forced_down)


class Timers(list):
    def add_timer_args(self, *args, **kwargs):
        self.append((args, kwargs))


def running(host, topic='compute', report_interval=1):
    """A service as nova's API takes it to join."""
    return types.SimpleNamespace(
        report_interval=report_interval, tg=Timers(),
        service_ref={'topic': topic, 'host': host})


def choose(driver, **options):
    CONF.set_override('servicegroup_driver', driver)
    for name, value in options.items():
        CONF.set_override(name, value)


def choose_mc(servers, down_time_s):
    """nova's own memcache driver, a fresh one."""
    choose('mc', service_down_time=down_time_s,
           report_interval=min(10, down_time_s - 1))
    for name, value in (('enabled', True), ('memcache_servers', servers),
                        ('backend', 'dogpile.cache.memcached')):
        CONF.set_override(name, value, group='cache')
    return api.API()


def until(condition, limit_s=PATIENCE_S):
    """How long it took to become true; None: it did not."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > limit_s:
            return None
        time.sleep(0.02)
    return time.monotonic() - began


# ---- our library, with a wall clock that can be set -------------------------

WALL = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)
Env = type('Env', (ctypes.Structure,), {'_fields_': [
    ('arg', ctypes.c_void_p), ('now_ms', ctypes.c_void_p), ('wall_us', WALL),
    *[(name, ctypes.c_void_p) for name in (
        'random', 'resolve', 'log', 'wait', 'wake', 'abandoned', 'ended')],
    ('own_heart', ctypes.c_bool), ('io_limit_ms', ctypes.c_int64)]})


class Handle:
    library = None

    def __init__(self, url, member=None, wall_us=None):
        if Handle.library is None:
            Handle.library = ctypes.CDLL(os.environ['SERVICEGROUP_LIBRARY'])
            for name in 'sg_why', 'sg_reason_name':
                getattr(Handle.library, name).restype = ctypes.c_char_p
        self._env = Env(wall_us=WALL(lambda _: wall_us()) if wall_us
                        else WALL())
        self._options = ours.Options(
            member=member and member.encode(), report_interval_ms=500,
            env=ctypes.addressof(self._env))
        self._sg = ctypes.c_void_p()
        self._do('sg_open', url.encode(), ctypes.byref(self._options),
                 ctypes.byref(self._sg))

    def _do(self, name, *args):
        code = getattr(self.library, name)(*args)
        if code < 0:
            raise RuntimeError('%s: %s' % (name,
                                           self.library.sg_why().decode()))
        return code

    def join(self, group):
        return self._do('sg_join', self._sg, group.encode(), None,
                        ctypes.c_size_t(0), 0, None)

    def verdict(self, member, group='compute'):
        verdict = ours.Verdict()
        self._do('sg_verdict', self._sg, group.encode(), member.encode(),
                 ctypes.byref(verdict))
        return verdict

    def status(self, member, group='compute'):
        return STATUS[self.verdict(member, group).status]

    def reason(self, verdict):
        return self.library.sg_reason_name(verdict.reason).decode()

    def close(self):
        self.library.sg_close(self._sg)


class Agent:
    """A member in a process of its own: build/sg-agent."""

    def __init__(self, url, member, group):
        self._child = subprocess.Popen(
            ['build/sg-agent'], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1)
        self.say('open', url, member)
        self.say('join', group)

    def say(self, *words):
        self._child.stdin.write(' '.join(words) + '\n')
        answer = self._child.stdout.readline()
        if not answer.startswith('ok'):
            raise RuntimeError(answer)
        return answer

    def kill(self):
        self._child.kill()
        self._child.wait()


# ---- servers ----------------------------------------------------------------

class Fake:
    def __init__(self, store, directory):
        ready = os.path.join(directory, 'ready')
        subprocess.Popen(
            ['build/fakes', '--tick', '250', '--exit-with', str(os.getpid()),
             '--ready-file', ready, store],
            stdout=subprocess.DEVNULL)
        until(lambda: os.path.exists(ready) and os.path.getsize(ready))
        lines = open(ready).read().split('\n')
        self.url, control = lines[0], lines[1].split()[1]
        self.store = store
        host, _, port = control.rpartition(':')
        self._control = socket.create_connection((host, int(port)))
        self._lines = self._control.makefile('rw', newline='\n')
        self.say('age %s 86400000' % store)

    def say(self, line):
        self._lines.write(line + '\n')
        self._lines.flush()
        answer = self._lines.readline()
        if not answer.startswith('ok'):
            raise RuntimeError(answer)
        return answer

    def end(self):
        self.say('stop-server %s' % self.store)


class Real:
    def __init__(self, store, directory):
        self._directory = directory
        kind = 'zookeeper' if store == 'kazoo' else store
        said = self._script('start', kind)
        self.url = said.split('url=')[1].split()[0]

    def _script(self, *words):
        return subprocess.run(
            ['sh', 'ci/real.sh', self._directory, *words], check=True,
            stdout=subprocess.PIPE, text=True).stdout

    def end(self):
        self._script('kill')


def start(place, directory):
    """redis, fake:redis, ...: one server of its own."""
    os.makedirs(directory)
    kind, _, store = place.rpartition(':')
    return (Fake if kind else Real)(store, directory)


def address(url):
    host, _, port = url.split('://')[1].rpartition(':')
    return host, int(port)
