-- SPDX-License-Identifier: Apache-2.0
-- get_metadata.lua - the metadata of one entry. Writes nothing.
--
-- KEYS  group
-- ARGV  serial, member
-- Reply {serial, metadata or nothing}. A script, and not HGET, for its serial.

local got = redis.call('TYPE', KEYS[1]).ok
if got ~= 'hash' and got ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. KEYS[1] .. ' is a ' .. got ..
                             ', not a hash')
end
return {ARGV[1], redis.call('HGET', KEYS[1], ARGV[2])}
