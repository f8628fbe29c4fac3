# SPDX-License-Identifier: Apache-2.0
"""Entries of every form for a memcache store of nova's, by a seed.

What Python makes of a pickle depends on the modules that it can import. Our
reader knows a closed list of names (driver/legacy/pickle.h) and takes any
other for a module that is not there, so an entry that looks up another name
which this Python has is not generated. Encodings are modules, too: only
Latin-1 is ours. Nor is what unpacks to more than 64 KiB, which our reader
refuses unseen; nor a frame that ends inside an opcode, of which CPython loses
bytes when it reads a file, and raises when it reads the same from memory.
"""

import codecs
import datetime
import importlib
import io
import pickle
import random
import struct
import zlib

import _compat_pickle

from dogpile.cache.api import CachedValue

KNOWN = {('datetime', 'datetime'), ('dogpile.cache.api', 'CachedValue'),
         ('_codecs', 'encode'), ('copyreg', '_reconstructor'),
         ('builtins', 'tuple'), ('builtins', 'object'), ('builtins', 'bytes')}
UNPACKED_MAX = 65536


class Names(pickle.Unpickler):
    """Looks nothing up but the known; says whether another was there."""

    is_foreign = False

    def find_class(self, module, name):
        named = _compat_pickle.NAME_MAPPING.get((module, name)) or (
            _compat_pickle.IMPORT_MAPPING.get(module, module), name)
        if named == ('_codecs', 'encode'):
            return self.encode
        if named not in KNOWN:
            self.is_foreign = self.is_foreign or exists(*named)
            raise pickle.UnpicklingError('not looked up')
        return super().find_class(module, name)

    def encode(self, text, encoding='utf-8', *more):
        codecs.lookup(encoding)
        self.is_foreign = self.is_foreign or encoding not in (
            'latin1', 'latin-1')
        return codecs.encode(text, encoding, *more)


def exists(module, name):
    try:
        at = importlib.import_module(module)
        for part in name.split('.'):
            at = getattr(at, part)
    except Exception:
        return False
    return True


def is_fair(flags, value):
    if flags & 8:
        try:
            value = zlib.decompress(value)
        except zlib.error:
            return True
        if len(value) > UNPACKED_MAX:
            return False
    names, alike = Names(io.BytesIO(value)), Names(NoFrames(value))
    return loads(names) == loads(alike) and not names.is_foreign


class NoFrames(io.BytesIO):
    """All that is there at once, so that no read is at a frame's end."""

    def peek(self, n):
        return self.getbuffer()[self.tell():].tobytes()


def loads(unpickler):
    try:
        unpickler.load()
    except Exception:
        return False
    return True


class Maker:
    def __init__(self, seed, now, down_time_s):
        self.r = random.Random(seed)
        self.now, self.down_time_s = now, down_time_s

    # ---- values -------------------------------------------------------------

    def moment(self):
        at = self.now + self.r.choice((0, -1, -60, -86400, 10 ** 8))
        return datetime.datetime.utcfromtimestamp(at).replace(
            microsecond=self.r.randrange(10 ** 6))

    def state(self):
        state = bytearray(self.moment().__reduce__()[1][0])
        if self.r.random() < 0.5:  # a month 13, an hour 30, ...
            state[self.r.randrange(10)] = self.r.randrange(256)
        if self.r.random() < 0.2:
            state = state[:self.r.randrange(12)] + state[:3]
        return bytes(state)

    def cached_at(self):
        r, now, down = self.r, self.now, self.down_time_s
        if r.random() < 0.8:
            return now + r.choice((0, 0, 0, -down, -down - 0.001,
                                   -down + 0.001, -1000, 1000, -86400.5))
        return r.choice((int(now), int(now) - 1000, True, False, 0, -1, None,
                         'now', b'1', [], {}, float('nan'), float('inf'),
                         float('-inf'), 1e300, 2 ** 40, 2 ** 70, -2 ** 70,
                         (now,), datetime.datetime(2020, 1, 1)))

    def metadata(self):
        r = self.r
        if r.random() < 0.75:
            return r.choice(({'ct': self.cached_at(), 'v': 2},
                             {'v': 1, 'ct': self.cached_at()},
                             {'ct': self.cached_at()}))
        return r.choice(({}, {'v': 2}, {'CT': self.now}, {b'ct': self.now},
                         {'ct ': self.now}, None, [], [self.now], 'ct', b'ct',
                         ('ct', self.now), self.now, 0,
                         {1: 2, None: 3, (1, 2): {}, 'ct': self.now}))

    def foreign(self, depth=0):
        r = self.r
        leaf = (None, 0, 1, -1, 255, 256, 65536, -2 ** 31, 2 ** 31, 2 ** 63,
                -2 ** 63, 2 ** 200, True, False, 0.0, -1.5, 1e300, '', 'a',
                'd\xe9', '\u20ac', '\U0001f600', 'a\nb\\u', b'', b'\0\xff',
                b'ascii', self.moment())
        if depth > 3 or r.random() < 0.4:
            return r.choice(leaf)
        n = r.randrange(5)
        what = r.randrange(6)
        if what == 0:
            return [self.foreign(depth + 1) for _ in range(n)]
        if what == 1:
            return tuple(self.foreign(depth + 1) for _ in range(n))
        if what == 2:
            return {r.choice(('a', 'ct', 1, 2.5, None, (1, 'x'))):
                    self.foreign(depth + 1) for _ in range(n)}
        if what == 3:  # the same twice: the memo
            twice = self.foreign(depth + 1)
            return [twice, {'a': twice}, twice]
        if what == 4:
            return CachedValue(self.foreign(depth + 1), self.metadata())
        itself = [self.foreign(depth + 1)]
        itself.append(itself)
        return itself

    # ---- pickles ------------------------------------------------------------

    def dump(self, value):
        protocol = self.r.randrange(5)
        make = pickle.dumps if self.r.random() < 0.7 else pickle._dumps
        return make(value, protocol)

    def text_state(self, state):
        """As our writer does, and Python 3 at the protocols below 3."""
        return b'c_codecs\nencode\n(V%s\nVlatin1\ntR' % b''.join(
            b'\\u00%02x' % byte for byte in state)

    def python2(self, state):
        return b'cdatetime\ndatetime\np1\n(S%s\np2\ntp3\nRp4\n' % (
            repr(state)[1:].encode())

    def template(self):
        """The eras' own forms, around any state and any time."""
        r, state, ct = self.r, self.state(), self.cached_at()
        if r.random() < 0.5:
            state = bytes(self.moment().__reduce__()[1][0])
        if not isinstance(ct, float):
            ct = self.now
        ours = b'cdatetime\ndatetime\n(%stR' % self.text_state(state)
        old = self.python2(state)
        meta = b"(dp5\nS'v'\np6\nI1\nsS'ct'\np7\nF%r\ns" % ct
        return r.choice((
            b'cdatetime\ndatetime\np1\n(S%s\ntRp2\n.' % (
                repr(state)[1:].encode()),
            old + b'.',
            ours + b'.',
            b'cdogpile.cache.api\nCachedValue\n(%s(dVct\nF%r\nsVv\nI1\nstR.'
            % (ours, ct),
            b'cdogpile.cache.api\nCachedValue\np0\n(%s%stp8\nRp9\n.'
            % (old, meta),
            b'cdogpile.cache.api\nCachedValue\np0\n(%s%stp8\nRp9\n.'
            % (ours, meta),
            b'ccopy_reg\n_reconstructor\n(cdogpile.cache.api\nCachedValue\n'
            b'c__builtin__\ntuple\n(%s%sttR.' % (ours, meta),
            b'\x80\x02cdogpile.cache.api\nCachedValue\n(%s%st\x81.'
            % (ours, meta),
        ))

    def odd(self):
        """What no pickler writes."""
        r = self.r
        meta = b'(dVct\nF%r\ns' % self.now
        cls = b'cdogpile.cache.api\nCachedValue\n'
        new = b'ccopyreg\n_reconstructor\n(' + cls + b'cbuiltins\ntuple\n'
        when = b'cdatetime\ndatetime\n'
        return r.choice((
            b'.', b'', b'N.', b'NN.', b'(.', b'N0.', b'N00.', b'(N1N.',
            b'I01\n.', b'I00\n.', b'I1_0\n.', b'I \n.', b'I 7 \n.', b'L5L\n.',
            b'L5\n.', b'LL\n.',
            b'I0x1f\n.', b'L010\n.',
            b'I08\n.', b'I0_7\n.', b'L0b1_1L\n.', b'I5\0x\n.', b'F1\0x\n.',
            b'F1e3\n.', b'F1e\n.', b'F.5\n.', b'Fnan\n.',
            b'F-inf\n.', b'F 1.5\n.', b'F1_0.5\n.', b'F1_.5\n.', b'F\n.',
            b"S'a'\n.", b'S"a"\n.', b"S'a\n.", b"S'a' \n.", b"S'\\xe9'\n.",
            b"S'\\x4'\n.", b"S'\\q'\n.", b"S'\\101'\n.", b"S'\n.", b'Sa\n.',
            b'V\\u12\n.', b'V\\u0041\n.', b'V\\U00110000\n.', b'V\\\n.',
            b'V\xe9\n.', b'Va', b'X\2\0\0\0\xe9a.', b'X\2\0\0\0\xc3\xa9.',
            b'X\3\0\0\0\xed\xa0\x80.', b'U\1a.', b'U\1\xe9.', b'U\5a.',
            b'\x80\6N.', b'\x80\5N.', b'\x80.', b'\x95' + b'\xff' * 8 + b'N.',
            b'\x95\2' + b'\0' * 7 + b'N.', b'\x95\1' + b'\0' * 7 + b'N.',
            b'cno.such.module\nname\n.', b'cdatetime\nnothing\n.',
            b'cos\n.', b'c\n\n.', when + b'.', when + b'(tR.', when + b'NR.',
            when + b'(I2020\nI1\nI1\ntR.', when + b'(I2020\nI2\nI30\ntR.',
            when + b'(I2020\nI1\nI1\nI1\nI1\nI1\nI1\nNtR.',
            when + b'(F2020.0\nI1\nI1\ntR.', when + b'(I2020\nI1\ntR.',
            when + b'(I2020\nI1\nI1\nI24\ntR.', when + b'(I01\nI01\nI01\ntR.',
            when + b'(C\n' + self.state() + b't\x81.',
            when + b'(C\n' + self.state() + b'NtR.',
            cls + b'(I1\ntR.', cls + b'(I1\n%sI1\ntR.' % meta, cls + b'NR.',
            cls + b'(N%stR.' % meta, cls + b'(I1\n%stR.' % meta,
            cls + b'(I1\n%sl\x81.' % meta, cls + b'(I1\n%slR.' % meta,
            new + b'(ttR.', new + b'(I1\nttR.', new + b'(I1\n%sttR.' % meta,
            new + b'(I1\n%sI3\nttR.' % meta, new + b'(I1\n%sltR.' % meta,
            new + b'NtR.', new + b'I1\ntR.', new + b'Vab\ntR.',
            new + b'C\2abtR.', new + b'(Va\nI1\nVb\nI2\ndtR.',
            new + b'%s(I1\nttR.' % meta, new + b'tR.', cls + b'.',
            b'c_codecs\nencode\n(Va\ntR.',
            b'c_codecs\nencode\n(V\\u20ac\nVlatin1\ntR.',
            b'c_codecs\nencode\n(Va\nVlatin-1\ntR.',
            b'c_codecs\nencode\n(Va\nVnone\ntR.',
            b'c_codecs\nencode\n(Va\nVlatin1\nt\x81.', b'g0\n.', b'p0\n.',
            b'Np0\ng0\n\x86.', b'Np-1\n.', b'Np 1\ng1\n.', b'Nq\1h\1.',
            b'Nq\1h\2.', b'N\x94h\0.', b'Nr\1\0\0\0j\1\0\0\0.', b'Npx\n.',
            b'N(p0\n.', b'\x8f.', b'\x8f(I1\n\x90.', b'(I1\n\x91.',
            b'(I1\nI2\nI3\nd.', b'((lI1\nd.', b'(dNI1\ns.', b'(dI1\ns.',
            b'((lI1\ns.', b'}(Va\nI1\nu.', b'}(Va\nu.', b']I1\na.', b')I1\na.',
            b'](I1\nI2\ne.', b'}I1\na.', b'I1\n(e.', b'I1\n(u.', b'N\x85.',
            b'\x86.', b'(N\x86.', b'}((I1\n(ltI2\ns.', b'Pabc\n.', b'NQ.',
            b'\x82\1.', b'(idatetime\ndatetime\n.', b'(' + when + b'o.',
            when + b'(C\n' + self.state() + b'tRNb.',
            when + b'(C\n' + self.state() + b'tR}b.',
            cls + b'(I1\n%stRNb.' % meta, cls + b'(I1\n%stR}b.' % meta,
            cls + b'(I1\n%st}\x92.' % meta, b'I010\n.', b'I-07\n.',
            b'(I1\n%si' % meta + cls[1:] + b'.',
            b'(' + cls + b'I1\n%so.' % meta,
            b'G' + struct.pack('>d', self.now) + b'.', b'J\xff\xff\xff\xff.',
            b'\x8a\0.', b'\x8a\2\0\xff.', b'\x8b\1\0\0\0\x05.',
            b'\x8b\xff\xff\xff\xff\x05.', b'\x8c\1a.', b'\x8c\2\xc3\xa9.',
            b'\x8d\1' + b'\0' * 7 + b'a.', b'\x8e\1' + b'\0' * 7 + b'a.',
            b'\x8c\x08datetime\x8c\x08datetime\x93.', b'B\1\0\0\0a.',
            b'T\1\0\0\0a.', b'T\xff\xff\xff\xffa.', b'\x00', b'\xff.',
        ))

    def good(self):
        what = self.r.randrange(4)
        if what == 0:
            return self.template()
        if what == 1:
            return self.dump(CachedValue(self.moment(), self.metadata()))
        if what == 2:
            return self.dump(CachedValue(self.moment(),
                                         {'ct': self.now, 'v': 2}))
        return self.dump(self.r.choice((self.moment(), CachedValue(
            None, {'ct': self.now}))))

    # ---- entries: flags and a value -----------------------------------------

    def well_formed(self):
        return 1, self.good()

    def truncated(self):
        value = self.good()
        return 1, value[:self.r.randrange(len(value))]

    def flagged(self):
        r = self.r
        value = r.choice((self.good, self.odd, lambda: r.choice((
            b'', b'x', b'17', b' 17 ', b'-5\n', b'1_0', b'0x1', b'1.5', b'\n',
            b'\xff', b'\xed\xa0\x80', b'caf\xc3\xa9', b'\0', b'+3', b'1__0',
            b'\x0b7', b'_1', b'9' * 60))))()
        flags = r.randrange(32) if r.random() < 0.9 else r.choice(
            (32, 33, 64, 256, 65535, 2 ** 31, 2 ** 32 - 1))
        if flags & 8 and r.random() < 0.7:
            value = zlib.compress(value)
        return flags, value

    def foreign_pickle(self):
        return 1, self.dump(self.foreign())

    def odd_pickle(self):
        return 1, self.odd()

    def mutated(self):
        r, value = self.r, bytearray(self.r.choice((self.good, self.odd))())
        for _ in range(r.randrange(1, 4)):
            at = r.randrange(len(value) + 1)
            other = r.choice((r.randrange(256), r.choice(b'.0(tRN\n\\\'sd')))
            how = r.randrange(4)
            if how == 0:
                value[at:at + 1] = bytes([other])
            elif how == 1:
                del value[at:at + r.randrange(1, 4)]
            elif how == 2:
                value[at:at] = bytes([other])
            else:
                value[at:at] = value[at:at + r.randrange(1, 20)]
        return 1, bytes(value)

    def compressed(self):
        r, value = self.r, zlib.compress(self.good(), self.r.randrange(10))
        what = r.randrange(5)
        if what == 0:
            value = value[:r.randrange(len(value))]
        elif what == 1:
            value += b'more'
        elif what == 2:
            value = zlib.compress(value)
        return 9, value

    KINDS = {'well_formed': 20, 'truncated': 15, 'flagged': 18,
             'foreign_pickle': 12, 'odd_pickle': 10, 'mutated': 17,
             'compressed': 8}

    def entries(self, n):
        kinds, weights = list(self.KINDS), list(self.KINDS.values())
        while n > 0:
            kind = self.r.choices(kinds, weights)[0]
            flags, value = getattr(self, kind)()
            if is_fair(flags, value):
                yield kind, flags, value
                n -= 1
