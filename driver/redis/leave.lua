-- SPDX-License-Identifier: Apache-2.0
-- leave.lua - take one member out of one group, if the entry is its own.
--
-- KEYS  group, owners, seen, beats of the member
-- ARGV  serial, member, token, '1' when it is in no other group
-- Reply {serial, found}: 0 nothing there, 1 mine, 2 another's.

if redis.replicate_commands then redis.replicate_commands() end

local group, owners, seen, beats = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local serial, member, token, is_last = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
-- Owner record and liveness value: what the driver writes, and nothing else.
local TOKEN = '(' .. string.rep('[0-9a-f]', 16) .. ')'
local OWNER = '^(%d+) ' .. TOKEN .. '$'
local STAMP = '^sg1 e=(%d+) k=' .. TOKEN .. ' t=%d+ b=%d+$'

for i, want in ipairs({'hash', 'hash', 'hash'}) do
    local got = redis.call('TYPE', KEYS[i]).ok
    if got ~= want and got ~= 'none' then
        return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is a ' .. got ..
                                 ', not a ' .. want)
    end
end

local owner = redis.call('HGET', owners, member) or ''
local _, owner_token = string.match(owner, OWNER)
local is_mine = owner_token == token
local stands = redis.call('HEXISTS', group, member) == 1
if stands and not is_mine then
    return {serial, 2}
end

-- The entry first, then its liveness: the order of Python's stop(). The
-- empty group stays, as tooz leaves it.
if is_mine then
    redis.call('HDEL', group, member)
    redis.call('HDEL', owners, member)
    redis.call('HDEL', seen, member)
end
local live = redis.call('MGET', beats)[1] or ''
local _, live_token = string.match(live, STAMP)
if is_last == '1' and live_token == token then
    redis.call('DEL', beats)
end
return {serial, stands and 1 or 0}
