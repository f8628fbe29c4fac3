-- SPDX-License-Identifier: Apache-2.0
-- set_marks.lua - an operator's word about one name, joined or not.
--
-- KEYS  marks
-- ARGV  serial, member, marks
-- Reply {serial}. A script, and not HSET, for its serial.

local got = redis.call('TYPE', KEYS[1]).ok
if got ~= 'hash' and got ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. KEYS[1] .. ' is a ' .. got ..
                             ', not a hash')
end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return {ARGV[1]}
