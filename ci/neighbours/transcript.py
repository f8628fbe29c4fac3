# SPDX-License-Identifier: Apache-2.0
"""A line per operation, the same on a fake and on a real server.

A line is a name, an arrow and the result, or the class and the words of the
exception. What no two runs share is written as what it is, not left out: ids
by the order in which they were first seen, the server's address as SERVER,
hexadecimal tokens as TOKEN. Time is never printed, only what was true before
and after some of it.

The first line says how many lines there will be at least, so that a script
that ended early is told from one that agrees.
"""

import argparse
import os
import re
import socket
import time
import urllib.parse

TEXT_MAX = 160   # characters of one value
PATIENCE_S = 20  # of real time, for what should come at once


class Clock:
    """The server's time: waited for on a real one, stepped on a fake."""

    def __init__(self, control):
        self._lines = None
        if control:
            kind = socket.AF_UNIX if '/' in control else socket.AF_INET
            link = socket.socket(kind, socket.SOCK_STREAM)
            host, _, port = control.rpartition(':')
            link.connect(control if '/' in control else (host, int(port)))
            link.settimeout(PATIENCE_S)
            self._lines = link.makefile('rw', newline='\n')
            self._say('stop')

    def _say(self, line):
        self._lines.write(line + '\n')
        self._lines.flush()
        answer = self._lines.readline().strip()
        if not answer.startswith('ok'):
            raise RuntimeError('control: %s: %s' % (line, answer))

    def pass_ms(self, ms):
        if self._lines:
            self._say('step %d' % ms)
        else:
            time.sleep(ms / 1000)

    def until(self, condition, limit_ms, grain_ms=100):
        """Let time pass until it is true; False if it was not by then."""
        passed = 0
        began = time.monotonic()
        while not condition():
            if self._lines is None:
                passed = (time.monotonic() - began) * 1000
            if passed >= limit_ms:
                return False
            self.pass_ms(grain_ms)
            passed += grain_ms
        return True


class Transcript:
    def __init__(self, at_least):
        parser = argparse.ArgumentParser()
        parser.add_argument('url', help='kazoo://127.0.0.1:2181, ...')
        parser.add_argument('--step', metavar='CONTROL',
                            help='the socket on which a fake is stepped')
        self.options = parser.parse_args()
        self.url = self.options.url
        parts = urllib.parse.urlsplit(self.url)
        self.scheme, self.netloc = parts.scheme, parts.netloc
        self.host, self.port = parts.hostname, parts.port
        self.clock = Clock(self.options.step)
        self._ranks = {}
        print('at least %d' % at_least[self.scheme], flush=True)

    def note(self, name, value):
        print('%s -> %s' % (name, self.text(value)), flush=True)
        return value

    def do(self, name, call, *args, show=None, **kwargs):
        """Call, tell, and give the result on; None after an exception."""
        told = ', '.join([self.text(a) for a in args] +
                         ['%s=%s' % (key, self.text(kwargs[key]))
                          for key in sorted(kwargs)])
        name = '%s(%s)' % (name, told)
        try:
            result = call(*args, **kwargs)
        except Exception as error:  # every class is a result here
            self.note(name, error)
            return None
        self.note(name, show(result) if show else result)
        return result

    def soon(self, name, condition):
        """What comes by itself, in real time; `came` or `did not come`."""
        limit = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > limit:
                self.note(name, Word('did not come'))
                return
            time.sleep(0.005)
        self.note(name, Word('came'))

    def later(self, name, condition, limit_ms):
        """What comes as the server's time passes."""
        came = self.clock.until(condition, limit_ms)
        self.note(name, Word('came' if came else 'did not come'))

    def rank(self, kind, value):
        """Ids that differ in every run, by when they were first seen."""
        seen = self._ranks.setdefault(kind, {})
        return Word('%s#%d' % (kind, seen.setdefault(value, len(seen) + 1)))

    def text(self, value):
        if isinstance(value, (Word, int, float, type(None))):
            return repr(value)
        if isinstance(value, BaseException):
            return ('! %s %s' % (type(value).__name__,
                                 self._clean(str(value)))).rstrip()
        if isinstance(value, (set, frozenset)):
            return '{%s}' % ', '.join(sorted(map(self.text, value)))
        if isinstance(value, dict):
            return '{%s}' % ', '.join(
                sorted('%s: %s' % (self.text(k), self.text(v))
                       for k, v in value.items()))
        if isinstance(value, tuple):
            return '(%s)' % ', '.join(map(self.text, value))
        if isinstance(value, list):
            return '[%s]' % ', '.join(map(self.text, value))
        if callable(value):
            return '<call>'
        return self._clean(repr(value))

    def _clean(self, text):
        text = text.replace('%s:%d' % (self.host, self.port), 'SERVER')
        text = re.sub(r'[0-9a-f]{32,40}', 'TOKEN', text)
        text = re.sub(r' at 0x[0-9a-f]+', '', text).replace('\n', ' ')
        if len(text) > TEXT_MAX:
            text = '%s... (%d characters)' % (text[:TEXT_MAX], len(text))
        return text


class Word(str):
    """Printed as it is, without quotes."""

    def __repr__(self):
        return str(self)


def is_between(low, high):
    """For lives that count down: printed is whether it lies there."""
    return lambda value: Word('in %r..%r' % (low, high)
                              if low <= value <= high else repr(value))


def main(script, at_least):
    """Run script(transcript); threads of the clients are not waited for."""
    script(Transcript(at_least))
    print('end', flush=True)
    os._exit(0)
