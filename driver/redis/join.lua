-- SPDX-License-Identifier: Apache-2.0
-- join.lua - put one member into one group; the newest incarnation wins.
--
-- KEYS  groups, group, owners, beats of the member, epoch, born, seen
-- ARGV  serial, group, member, token, T in ms, metadata
-- Reply {serial, 1, epoch, entries}, or {serial, 0}: the name is in use.

-- Redis 3.2 to 4 replicate effects only when asked to.
if redis.replicate_commands then redis.replicate_commands() end

local groups, group, owners, beats = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local epochs, born, seen = KEYS[5], KEYS[6], KEYS[7]
local serial, name, member = ARGV[1], ARGV[2], ARGV[3]
local token, timeout, metadata = ARGV[4], ARGV[5], ARGV[6]
-- Owner record and liveness value: what the driver writes, and nothing else.
local TOKEN = '(' .. string.rep('[0-9a-f]', 16) .. ')'
local OWNER = '^(%d+) ' .. TOKEN .. '$'
local STAMP = '^sg1 e=(%d+) k=' .. TOKEN .. ' t=%d+ b=%d+$'

-- A script is not undone when it fails half way: look before writing. The
-- liveness key is left out, a new one replaces whatever it is.
local types = {'set', 'hash', 'hash', 'any', 'string', 'string', 'hash'}
for i, want in ipairs(types) do
    local got = redis.call('TYPE', KEYS[i]).ok
    if want ~= 'any' and got ~= want and got ~= 'none' then
        return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is a ' .. got ..
                                 ', not a ' .. want)
    end
end

-- MGET answers nothing for a missing key and for one that is no string.
local live = redis.call('MGET', beats)[1] or ''
local _, live_token = string.match(live, STAMP)
local owner = redis.call('HGET', owners, member) or ''
local owner_epoch, owner_token = string.match(owner, OWNER)
local stands = redis.call('HEXISTS', group, member) == 1

if stands and owner_token == token and live_token == token then
    -- This very incarnation, again: a reply was lost, or new metadata came.
    redis.call('HSET', group, member, metadata)
    return {serial, 1, owner_epoch, redis.call('HLEN', group) - 1}
end
if not stands and live ~= '' and live_token ~= token then
    -- Liveness is per id: joining would make it live in another's groups.
    return {serial, 0}
end

-- The epoch is a counter that starts at the server's microseconds, so that
-- it grows even when it was lost with all the data. Read as text: a Lua
-- number would be printed with 14 digits.
local time = redis.call('TIME')
if redis.call('EXISTS', epochs) == 0 then
    redis.call('SET', epochs, time[1] .. string.format('%06d', time[2]))
end
redis.call('INCR', epochs)
local epoch = redis.call('GET', epochs)

-- Liveness first: no reader may meet the entry without it, not even one that
-- reads what a replica or the append-only file holds of this script.
local now = time[1] .. string.format('%03d', math.floor(time[2] / 1000))
redis.call('PSETEX', beats, timeout, 'sg1 e=' .. epoch .. ' k=' .. token ..
           ' t=' .. timeout .. ' b=' .. now)
if redis.call('EXISTS', group) == 0 then
    redis.call('HSET', group, '__created__', '1')
    redis.call('SET', born, epoch)
end
redis.call('SADD', groups, name)
redis.call('HSET', owners, member, epoch .. ' ' .. token)
redis.call('HSET', group, member, metadata)
redis.call('HDEL', seen, member)
return {serial, 1, epoch, redis.call('HLEN', group) - 1}
