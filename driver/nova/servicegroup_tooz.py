# SPDX-License-Identifier: Apache-2.0
"""The driver name `tooz` for nova's own service group API, on this library.

Call register() once, before nova reads its configuration. The library is found
by its name, or at SERVICEGROUP_LIBRARY. It beats on a thread of its own; a
question waits for a sixth of the timeout, at most two seconds.
"""

import ctypes  # the structures are those of servicegroup.h
from ctypes import byref, c_char_p, c_void_p
import datetime
import os

from oslo_config import cfg
from oslo_log import log
import nova.conf
import nova.exception
from nova.servicegroup import api
from nova.servicegroup.drivers import base

CONF, LOG = nova.conf.CONF, log.getLogger(__name__)
OPTIONS = [word.rpartition('.')[::2] for word in (  # what the library reads
    'servicegroup_driver servicegroup_tooz_url servicegroup_bridge_from '
    'servicegroup_mc_era memcached_servers report_interval service_down_time '
    'cache.enabled cache.backend cache.memcache_servers zookeeper.address '
    'zookeeper.recv_timeout zookeeper.sg_prefix zookeeper.sg_layout').split()]
SG_DOWN, SG_UP, NAME_ROOM = 1, 2, 201
TOPICS_OF_WORKERS = ('conductor', 'scheduler')  # processes: parts of a host
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
LOG_FN = ctypes.CFUNCTYPE(None, c_void_p, c_char_p)


def structure(text):
    return type('Structure', (ctypes.Structure,), {'_fields_': [
        (name, getattr(ctypes, 'c_' + (kind or 'int64'))) for name, _, kind in
        (word.partition(':') for word in text.split())]})


Options = structure(
    'member:char_p timeout_ms report_interval_ms beat_ms deadline_ms tick_ms '
    'on_event:void_p event_arg:void_p env:void_p kind:void_p')
Question = structure('group:char_p member:char_p forced_down:bool '
                     'any_part:bool max_age_ms deadline_ms')
Verdict = structure('status:int reason:int age epoch last_seen_ms off:bool')


class ServiceGroupUnavailable(nova.exception.NovaException):
    msg_fmt = "Servicegroup driver %(driver)s is unavailable for now."
    code = 500


def register():
    option = nova.conf.servicegroup.SERVICEGROUP_OPTS[0]
    option.type.choices['tooz'] = 'tooz ServiceGroup driver'
    for group, name in OPTIONS:  # nova has some; the old drivers' are gone
        if name not in (CONF[group] if group in CONF else CONF):
            CONF.register_opt(cfg.StrOpt(name, secret=True), group or None)
    api._driver_name_class_mapping['tooz'] = __name__ + '.ToozDriver'
    nova.exception.ServiceGroupUnavailable = ServiceGroupUnavailable


def configuration():
    """nova's values, as a file for the library's own reader."""
    for group, name in OPTIONS:
        value = (CONF[group] if group else CONF)[name]
        value = ','.join(value) if isinstance(value, list) else value
        if value is not None:
            value = str(value).replace('$', '$$').replace('\n', '\n ')
            yield '[%s]\n%s = %s' % (group or 'DEFAULT', name, value)


class ToozDriver(base.Driver):
    def __init__(self, *args, **kwargs):
        path = os.environ.get('SERVICEGROUP_LIBRARY', 'libservicegroup.so.0')
        self._sg, config = ctypes.CDLL(path), ctypes.POINTER(c_char_p)()
        self._sg.sg_why.restype = c_char_p
        self._observer, self._pid, self._joined = None, None, {}
        with open(os.memfd_create('nova.conf'), 'w') as file:
            print(*configuration(), sep='\n', file=file, flush=True)
            self._do('sg_config_read', b'/proc/self/fd/%d' % file.fileno(),
                       byref(config))
        self._url = config.contents.value  # the first of struct sg_config
        self._sg.sg_config_free(config)
        # The notice that an old driver is deprecated comes once in a process.
        tell = LOG_FN(lambda _, text: LOG.warning(text.decode()))
        env = (c_void_p * 12)(*5 * [None], ctypes.cast(tell, c_void_p))
        self._sg.sg_close(self._open(env=ctypes.addressof(env)))

    def _do(self, name, *args):
        if getattr(self._sg, name)(*args) < 0:
            raise RuntimeError(self._sg.sg_why().decode())

    def _open(self, **options):
        handle, options = c_void_p(), Options(**options)
        self._do('sg_open', self._url, byref(options), byref(handle))
        return handle

    def _handle(self):
        """Of this process: what was opened before a fork is its parent's."""
        if self._pid != os.getpid():
            for handle in [self._observer, *self._joined.values()]:
                self._sg.sg_close(handle)
            self._joined, self._observer = {}, self._open()
            self._pid = os.getpid()
        return self._observer

    def _member(self, topic, host, part=None):
        to = ctypes.create_string_buffer(NAME_ROOM)
        self._do('sg_service_member', topic.encode(), host.encode(), part, to)
        return to.value

    def _ask(self, service_ref, forced_down=False):
        topic, host = service_ref['topic'], service_ref['host']
        question = Question(topic.encode(), self._member(topic, host),
                            forced_down, any_part=True)
        verdict = Verdict()
        self._do('sg_ask', self._handle(), byref(question), byref(verdict))
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
        self._do('sg_join', self._joined[group, member], group.encode(),
                   None, ctypes.c_size_t(), 0, None)

    def leave(self, member, group):
        self._handle()  # Closed, it leaves, or it expires.
        self._sg.sg_close(self._joined.pop((group, member), None))

    def is_up(self, service_ref):
        is_forced = bool(service_ref.get('forced_down'))
        return self._ask(service_ref, is_forced).status == SG_UP

    def updated_time(self, service_ref):
        record = service_ref['updated_at']
        if record and not record.tzinfo:
            record = record.replace(tzinfo=datetime.timezone.utc)
        seen_ms = self._ask(service_ref).last_seen_ms
        seen = EPOCH + datetime.timedelta(milliseconds=seen_ms)
        return max(seen, record or EPOCH) if seen_ms >= 0 else record
