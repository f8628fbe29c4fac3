-- SPDX-License-Identifier: Apache-2.0
-- beat.lua - renew one member's liveness, and look that its entries stand.
--
-- KEYS  beats of the member, groups; then for each joined group:
--       group, owners, clean, seen
-- ARGV  serial, token, T in ms, prefix of all beats keys; then each group's
--       name
-- Reply {serial, liveness, found in each group}: 0 nothing, 1 mine,
--       2 another's.

if redis.replicate_commands then redis.replicate_commands() end

local beats, groups = KEYS[1], KEYS[2]
local serial, token, timeout, prefix = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
-- Owner record and liveness value: what the driver writes, and nothing else.
local TOKEN = '(' .. string.rep('[0-9a-f]', 16) .. ')'
local OWNER = '^(%d+) ' .. TOKEN .. '$'
local STAMP = '^sg1 e=(%d+) k=' .. TOKEN .. ' t=%d+ b=%d+$'

local types = {'hash', 'hash', 'any', 'hash'}
for i = 2, #KEYS do
    local want = i == 2 and 'set' or types[(i - 3) % 4 + 1]
    local got = redis.call('TYPE', KEYS[i]).ok
    if want ~= 'any' and got ~= want and got ~= 'none' then
        return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is a ' .. got ..
                                 ', not a ' .. want)
    end
end

local time = redis.call('TIME')
local now = time[1] .. string.format('%03d', math.floor(time[2] / 1000))

-- Of an owner record; nothing when there is none.
local function token_of(record)
    local _, token = string.match(record or '', OWNER)
    return token
end

-- In a table: which strings are fields of the hash?
local function fields_of(key)
    local set = {}
    for _, field in ipairs(redis.call('HKEYS', key)) do set[field] = true end
    return set
end

-- Remove the dead from one group. Look and removal are one script, so a live
-- member is never hit. Only entries with an owner record are ours to remove:
-- Python's have none. Where the liveness is a stranger's text, a Python
-- member has taken the name, whose entry that may be: left alone as well.
local function clean(group, owners, seen)
    local entries = fields_of(group)
    local records = redis.call('HGETALL', owners)
    local function forget(member)
        redis.call('HDEL', group, member)
        redis.call('HDEL', owners, member)
        redis.call('HDEL', seen, member)
    end
    local function judge(member, mine, live)
        local _, live_token = string.match(live, STAMP)
        if not entries[member] then
            forget(member) -- a Python reader has removed the entry already
        elseif live == '' then
            forget(member)
        elseif live_token == nil or live_token == mine then
            redis.call('HDEL', seen, member)
        else
            -- Another incarnation lives under the name, elsewhere: it has T,
            -- from the first time that it was seen so, to join here too.
            local note = redis.call('HGET', seen, member) or ''
            local since, whose = string.match(note, OWNER)
            if whose ~= mine then
                redis.pcall('HSET', seen, member, now .. ' ' .. mine)
            elseif tonumber(now) - tonumber(since) >= tonumber(timeout) then
                forget(member)
            end
        end
    end
    -- In slices, for Lua can pass some 8000 arguments to one call.
    for from = 1, #records, 2000 do
        local to = math.min(from + 1999, #records)
        local keys = {}
        for i = from, to, 2 do keys[#keys + 1] = prefix .. records[i] end
        local lives = redis.call('MGET', unpack(keys))
        for i = from, to, 2 do
            local mine = token_of(records[i + 1])
            if mine then
                judge(records[i], mine, lives[(i - from) / 2 + 1] or '')
            end
        end
    end
end

-- 1. Liveness. The epoch in it is that of the newest join: it stays.
local live = redis.call('MGET', beats)[1] or ''
local epoch, live_token = string.match(live, STAMP)
local liveness = 2
if live == '' then
    liveness = 0
elseif live_token == token then
    liveness = 1
    local stamp = 'sg1 e=' .. epoch .. ' k=' .. token .. ' t=' .. timeout ..
                  ' b=' .. now
    local done = redis.pcall('SET', beats, stamp, 'PX', timeout)
    if done.err then
        -- A server out of memory refuses SET, but not this: nobody is dead
        -- because others filled the server. Any other refusal stands.
        redis.call('PEXPIRE', beats, timeout)
    end
end

-- 2. Each group: the entry, its owner, the list of groups; and the broom, if
-- nobody of the group has had it for T.
local reply = {serial, liveness}
local me = string.sub(beats, #prefix + 1)
for i = 3, #KEYS, 4 do
    local group, owners, lease, seen = KEYS[i], KEYS[i + 1], KEYS[i + 2],
                                       KEYS[i + 3]
    local owner_token = token_of(redis.call('HGET', owners, me))
    local found = 2
    if owner_token == nil or (owner_token == token and
                              redis.call('HEXISTS', group, me) == 0) then
        found = 0
    elseif owner_token == token then
        found = 1
        local name = ARGV[5 + (i - 3) / 4]
        if redis.call('SISMEMBER', groups, name) == 0 then
            redis.pcall('SADD', groups, name)
        end
    end
    if found == 1 and liveness == 1 then
        local won = redis.pcall('SET', lease, token, 'NX', 'PX', timeout)
        if won and not won.err then clean(group, owners, seen) end
    end
    reply[#reply + 1] = found
end
return reply
