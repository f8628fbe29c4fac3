-- SPDX-License-Identifier: Apache-2.0
-- list.lua - what stands of every entry of one group. Writes nothing.
--
-- KEYS  group, owners, marks, born
-- ARGV  serial, prefix of all beats keys
-- Reply {serial, does the group exist, born or nothing, rows...}; a row is
--       four values: name, owner, liveness, marks (each nothing when missing)

local group, owners, marks, born = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local serial, prefix = ARGV[1], ARGV[2]

for i, want in ipairs({'hash', 'hash', 'hash', 'string'}) do
    local got = redis.call('TYPE', KEYS[i]).ok
    if got ~= want and got ~= 'none' then
        return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is a ' .. got ..
                                 ', not a ' .. want)
    end
end

local function map_of(key)
    local flat, map = redis.call('HGETALL', key), {}
    for i = 1, #flat, 2 do map[flat[i]] = flat[i + 1] end
    return map
end

local names = {}
for _, field in ipairs(redis.call('HKEYS', group)) do
    if field ~= '__created__' then names[#names + 1] = field end
end
local owner, mark = map_of(owners), map_of(marks)

local reply = {serial, redis.call('EXISTS', group), redis.call('GET', born)}
-- In slices, for Lua can pass some 8000 arguments to one call.
for from = 1, #names, 1000 do
    local keys = {}
    for i = from, math.min(from + 999, #names) do
        keys[#keys + 1] = prefix .. names[i]
    end
    for i, live in ipairs(redis.call('MGET', unpack(keys))) do
        local n, name = #reply, names[from + i - 1]
        reply[n + 1], reply[n + 2] = name, owner[name] or false
        reply[n + 3], reply[n + 4] = live, mark[name] or false
    end
end
return reply
