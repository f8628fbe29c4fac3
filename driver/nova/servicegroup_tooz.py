# SPDX-License-Identifier: Apache-2.0
"""The driver name `tooz` for nova's own service group API, on this library.

    import servicegroup_tooz
    servicegroup_tooz.register()        # before nova reads its configuration

    [DEFAULT]
    servicegroup_driver = tooz          # db and mc are what they were
    servicegroup_tooz_url = redis://localhost:6379?timeout=60

The library is found by its name, or at SERVICEGROUP_LIBRARY. It beats on a
thread of its own, whatever nova's process is doing; a question waits for the
store for a sixth of the timeout, at most two seconds.
"""

import ctypes  # the structures are those of servicegroup.h
from ctypes import c_bool, c_char_p, c_int, c_int64, c_size_t, c_void_p
import datetime
import os

from oslo_config import cfg

import nova.conf
from nova.conf import servicegroup as conf_servicegroup
import nova.exception
from nova.servicegroup import api
from nova.servicegroup.drivers import base

CONF = nova.conf.CONF
URL_OPT = cfg.StrOpt('servicegroup_tooz_url', secret=True,
                     help='Where members are: redis://host:6379?timeout=60')
SG_DOWN, SG_UP, NAME_ROOM = 1, 2, 201
# Of these, several processes share one host name: each is a part of it.
TOPICS_OF_WORKERS = ('conductor', 'scheduler')
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def structure(*fields):
    return type('Structure', (ctypes.Structure,), {'_fields_': fields})


Options = structure(
    ('member', c_char_p), ('timeout_ms', c_int64),
    ('report_interval_ms', c_int64), ('beat_ms', c_int64),
    ('deadline_ms', c_int64), ('tick_ms', c_int64), ('on_event', c_void_p),
    ('event_arg', c_void_p), ('env', c_void_p), ('kind', c_void_p))
Question = structure(
    ('group', c_char_p), ('member', c_char_p), ('forced_down', c_bool),
    ('any_part', c_bool), ('max_age_ms', c_int64), ('deadline_ms', c_int64))
Verdict = structure(
    ('status', c_int), ('reason', c_int), ('age_ms', c_int64),
    ('epoch', c_int64), ('last_seen_ms', c_int64), ('disabled', c_bool))


class ServiceGroupUnavailable(nova.exception.NovaException):
    msg_fmt = "Servicegroup driver %(driver)s is unavailable for now."
    code = 500


def register():
    """Give nova the name; once is enough."""
    option = conf_servicegroup.SERVICEGROUP_OPTS[0]
    choices = dict(option.type.choices, tooz='tooz ServiceGroup driver')
    option.type = cfg.types.String(choices=list(choices.items()))
    CONF.register_opt(URL_OPT)
    api._driver_name_class_mapping['tooz'] = __name__ + '.ToozDriver'
    nova.exception.ServiceGroupUnavailable = ServiceGroupUnavailable


class ToozDriver(base.Driver):

    def __init__(self, *args, **kwargs):
        path = os.environ.get('SERVICEGROUP_LIBRARY', 'libservicegroup.so.0')
        self._sg = ctypes.CDLL(path)
        self._sg.sg_why.restype = c_char_p
        self._observer, self._pid, self._joined = None, None, {}
        self._handle()  # a URL that will not do is said now

    def _open(self, **options):
        if not CONF.servicegroup_tooz_url:
            raise RuntimeError('servicegroup_tooz_url is not set')
        url, handle = CONF.servicegroup_tooz_url.encode(), c_void_p()
        self._check(self._sg.sg_open(url, ctypes.byref(Options(**options)),
                                     ctypes.byref(handle)))
        return handle

    def _handle(self):
        """Of this process: what was opened before a fork is its parent's."""
        if self._pid != os.getpid():
            for handle in [self._observer, *self._joined.values()]:
                self._sg.sg_close(handle)
            self._observer, self._joined = None, {}
            self._observer = self._open()
            self._pid = os.getpid()
        return self._observer

    def _check(self, code):
        if code < 0:
            raise RuntimeError(self._sg.sg_why().decode())

    def _member(self, topic, host, part=None):
        member = ctypes.create_string_buffer(NAME_ROOM)
        self._check(self._sg.sg_service_member(
            topic.encode(), host.encode(), part, member))
        return member.value

    def _ask(self, service_ref, forced_down=False):
        topic, host = service_ref['topic'], service_ref['host']
        question = Question(topic.encode(), self._member(topic, host),
                            forced_down, any_part=True)
        verdict = Verdict()
        self._check(self._sg.sg_ask(
            self._handle(), ctypes.byref(question), ctypes.byref(verdict)))
        if verdict.status not in (SG_UP, SG_DOWN):
            raise nova.exception.ServiceGroupUnavailable(driver='tooz')
        return verdict

    def join(self, member, group, service=None):
        if service is None:
            raise RuntimeError('driver tooz cannot join without a service')
        if not service.report_interval:
            return  # as with mc and db: it never reports
        self._handle()
        part = b'%d' % os.getpid() if group in TOPICS_OF_WORKERS else None
        if (group, member) not in self._joined:
            self._joined[group, member] = self._open(
                member=self._member(group, member, part),
                report_interval_ms=int(service.report_interval * 1000))
        handle = self._joined[group, member]
        self._check(self._sg.sg_join(handle, group.encode(), None, c_size_t(),
                                     0, None))

    def leave(self, member, group):
        self._handle()
        # Closed, it leaves, or it expires.
        self._sg.sg_close(self._joined.pop((group, member), None))

    def is_up(self, service_ref):
        is_forced = bool(service_ref.get('forced_down'))
        return self._ask(service_ref, is_forced).status == SG_UP

    def updated_time(self, service_ref):
        """The later of the last beat, where known, and the record's time."""
        in_record = service_ref['updated_at']
        if in_record and not in_record.tzinfo:
            in_record = in_record.replace(tzinfo=datetime.timezone.utc)
        last_seen_ms = self._ask(service_ref).last_seen_ms
        last_seen = EPOCH + datetime.timedelta(milliseconds=last_seen_ms)
        return (max(last_seen, in_record or EPOCH) if last_seen_ms >= 0
                else in_record)
