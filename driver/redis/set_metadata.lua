-- SPDX-License-Identifier: Apache-2.0
-- set_metadata.lua - change the metadata of one's own entry.
--
-- KEYS  group, owners
-- ARGV  serial, member, token, metadata
-- Reply {serial, found}: 0 nothing there, 1 mine, 2 another's.
-- "<epoch> <token>": what the driver writes, and nothing else.
local OWNER = '^(%d+) (' .. string.rep('[0-9a-f]', 16) .. ')$'

for i, want in ipairs({'hash', 'hash'}) do
    local got = redis.call('TYPE', KEYS[i]).ok
    if got ~= want and got ~= 'none' then
        return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is a ' .. got ..
                                 ', not a ' .. want)
    end
end

local group, owners = KEYS[1], KEYS[2]
local serial, member, token, metadata = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('HEXISTS', group, member) == 0 then
    return {serial, 0}
end
local owner = redis.call('HGET', owners, member) or ''
local _, owner_token = string.match(owner, OWNER)
if owner_token ~= token then
    return {serial, 2}
end
redis.call('HSET', group, member, metadata)
return {serial, 1}
