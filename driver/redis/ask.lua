-- SPDX-License-Identifier: Apache-2.0
-- ask.lua - what stands of some names in one group. Writes nothing.
--
-- KEYS  group, owners, marks, born
-- ARGV  serial, prefix of all beats keys; then for each name: name, '1' when
--       its parts (name:*) are asked for as well
-- Reply {serial, does the group exist, born or nothing, rows...}; a row is
--       six values: number of the asked name, '' or the part's name, does
--       the entry stand, owner, liveness, marks (each nothing when missing).
--       One row for each name in the order asked, then the parts.

local group, owners, marks, born = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local serial, prefix = ARGV[1], ARGV[2]

for i, want in ipairs({'hash', 'hash', 'hash', 'string'}) do
    local got = redis.call('TYPE', KEYS[i]).ok
    if got ~= want and got ~= 'none' then
        return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is a ' .. got ..
                                 ', not a ' .. want)
    end
end

-- Rows to be: the name to look for, whose question it answers, part's name.
local names, asked, parts = {}, {}, {}
local wholes -- name -> the questions that want its parts
for i = 3, #ARGV, 2 do
    names[#names + 1], asked[#asked + 1] = ARGV[i], (i - 1) / 2
    parts[#parts + 1] = ''
    if ARGV[i + 1] == '1' then
        wholes = wholes or {}
        wholes[ARGV[i]] = wholes[ARGV[i]] or {}
        table.insert(wholes[ARGV[i]], (i - 1) / 2)
    end
end

-- A part of x is x:something, and of no other name: every colon of a field
-- is tried, which costs the same however many names were asked.
if wholes then
    for _, field in ipairs(redis.call('HKEYS', group)) do
        local colon = string.find(field, ':', 1, true)
        while colon and colon < #field do
            for _, i in ipairs(wholes[string.sub(field, 1, colon - 1)] or {}) do
                names[#names + 1], asked[#asked + 1] = field, i
                parts[#parts + 1] = field
            end
            colon = string.find(field, ':', colon + 1, true)
        end
    end
end

local reply = {serial, redis.call('EXISTS', group), redis.call('GET', born)}
-- In slices, for Lua can pass some 8000 arguments to one call.
for from = 1, #names, 1000 do
    local slice, keys = {}, {}
    for i = from, math.min(from + 999, #names) do
        slice[#slice + 1], keys[#keys + 1] = names[i], prefix .. names[i]
    end
    local owner = redis.call('HMGET', owners, unpack(slice))
    local live = redis.call('MGET', unpack(keys))
    local mark = redis.call('HMGET', marks, unpack(slice))
    for i, name in ipairs(slice) do
        local n = #reply
        reply[n + 1], reply[n + 2] = asked[from + i - 1], parts[from + i - 1]
        reply[n + 3] = redis.call('HEXISTS', group, name)
        reply[n + 4], reply[n + 5], reply[n + 6] = owner[i], live[i], mark[i]
    end
end
return reply
