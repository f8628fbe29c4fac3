-- SPDX-License-Identifier: Apache-2.0
-- groups.lua - the names of all groups. Writes nothing.
--
-- KEYS  groups
-- ARGV  serial
-- Reply {serial, names...}. A script, and not SMEMBERS, for its serial.

local got = redis.call('TYPE', KEYS[1]).ok
if got ~= 'set' and got ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. KEYS[1] .. ' is a ' .. got ..
                             ', not a set')
end
local reply = {ARGV[1]}
for i, name in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    reply[i + 1] = name
end
return reply
