-- Applies merged effects once: moves the fences of a group's sources and changes everything behind them, or nothing.
--
-- KEYS[1] prefix of the plugin's keys, "outboard:{<plugin>}:"
-- ARGV    max fields of a family, then groups, one behind the other:
--           number of ranges, then a range each:    source, from, to, handled, failed
--           number of effects, then an effect each: kind, key, field, value, events, lifetime in seconds
--           number of rejections, then each:        key, events
-- Reply   one entry a group: 1 (applied), or the fences of its sources in order, "" where there is none.
--         An error reply (a book that is damaged, out of memory) means that nothing was changed.
--
-- Redis does not roll a script back, so whatever can fail is looked at first, the first write decides (out of memory
-- is refused there), and every effect behind it is caught. Numbers travel as strings: Lua would lose integers above
-- 2^53. Fences are below 2^53.
local prefix = KEYS[1]
local maxFields = tonumber(ARGV[1])
local at = 1

local function take()
    at = at + 1
    return ARGV[at]
end

for _, book in ipairs({ 'applied', 'handled', 'failed', 'rejected' }) do
    local kind = redis.call('TYPE', prefix .. book).ok
    if kind ~= 'hash' and kind ~= 'none' then
        return redis.error_reply('WRONGTYPE ' .. prefix .. book .. ' is a ' .. kind .. ', not a hash; delete or rename it')
    end
end

-- Whether integer a is larger than integer b; both as text, of any length.
local function larger(a, b)
    local negativeA, negativeB = a:sub(1, 1) == '-', b:sub(1, 1) == '-'
    if negativeA ~= negativeB then return negativeB end
    local swap = negativeA
    if #a ~= #b then return (#a > #b) ~= swap end
    return (a > b) ~= swap and a ~= b
end

local function compareAndSet(key, field, value, wantLarger)
    local old = redis.pcall('HGET', key, field)
    if type(old) == 'table' then return old end
    if old and not old:match('^%-?%d+$') then return { err = 'ERR not an integer' } end
    if old and (old == value or larger(old, value) == wantLarger) then return 0 end
    return redis.pcall('HSET', key, field, value)
end

-- A full family takes further fields as "(other)".
local sizes = {}
local function familyField(key, field)
    local size = sizes[key]
    if not size then
        local length = redis.pcall('HLEN', key)
        size = type(length) == 'number' and length or 0
    end
    if size >= maxFields and field ~= '(other)' then
        local exists = redis.pcall('HEXISTS', key, field)
        if exists == 0 then field = '(other)' end
    elseif size + 2000 >= maxFields then
        local exists = redis.pcall('HEXISTS', key, field)
        if exists == 0 then size = size + 1 end
    end
    sizes[key] = size
    return field
end

-- One part of one field's histogram: "count:<field>", "sum:<field>" or "<upper bound>:<field>". The key is the list of
-- fields, a family. The count comes first and decides under which field all parts go, so none is torn in two.
local histograms = {}
local function observe(key, part, value)
    local colon = part:find(':', 1, true)
    local name, field = part:sub(1, colon - 1), part:sub(colon + 1)
    local place = key .. ':' .. field
    if name == 'count' then
        field = familyField(key, field)
        local listed = redis.pcall('HINCRBY', key, field, value)
        local failed = type(listed) == 'table'
        histograms[place] = not failed and key .. ':' .. field
        if failed then return listed end
    end
    if not histograms[place] then return { err = 'ERR the list of fields cannot be written' } end
    return redis.pcall('HINCRBY', histograms[place], name, value)
end

local expiring = {}
local function addUnique(key, element, lifetime)
    local result = redis.pcall('PFADD', key, element)
    if lifetime ~= '0' and type(result) == 'number' and not expiring[key] then
        redis.pcall('EXPIRE', key, lifetime)
        expiring[key] = true
    end
    return result
end

local function perform(kind, key, field, value, lifetime)
    if kind == 'counter' or kind == 'bucket' then return redis.pcall('HINCRBY', key, field, value) end
    if kind == 'family' then return redis.pcall('HINCRBY', key, familyField(key, field), value) end
    if kind == 'series' then
        local result = redis.pcall('HINCRBY', key, field, value)
        if type(result) == 'number' then redis.pcall('EXPIRE', key, lifetime) end
        return result
    end
    if kind == 'rank' then
        local result = redis.pcall('ZINCRBY', key, value, field)
        if type(result) ~= 'table' then
            local size = redis.call('ZCARD', key)
            if size > maxFields + maxFields / 10 then
                redis.call('ZREMRANGEBYRANK', key, 0, size - maxFields - 1)
            end
        end
        return result
    end
    if kind == 'unique' then return addUnique(key, field, lifetime) end
    if kind == 'histograms' then return observe(key, field, value) end
    return compareAndSet(key, field, value, kind == 'maximum')
end

local function reject(key, events)
    redis.pcall('HINCRBY', prefix .. 'rejected', key, events)
end

-- What the books say of the sources of this call, book by book: read once, kept up as groups are applied.
local known = { applied = {}, handled = {}, failed = {} }

-- Reads it before anything is written: a field that is no number would stop the script behind its first writes. Returns
-- what to answer if there is one.
local function damage()
    local sources, seen = {}, {}
    while at < #ARGV do
        for _ = 1, tonumber(take()) do
            local source = take()
            if not seen[source] then sources[#sources + 1] = source end
            seen[source] = true
            at = at + 4
        end
        at = at + 6 * tonumber(ARGV[at + 1]) + 1
        at = at + 2 * tonumber(ARGV[at + 1]) + 1
    end
    at = 1
    for book, numbers in pairs(#sources > 0 and known or {}) do
        for i, number in ipairs(redis.call('HMGET', prefix .. book, unpack(sources))) do
            if number and not number:match('^%d+$') then
                return 'ERR ' .. prefix .. book .. ' says ' .. number:sub(1, 40) .. ' of ' .. sources[i]
                    .. ', which is not a number; mend or delete that field'
            end
            numbers[sources[i]] = number
        end
    end
end

-- Reads a group's ranges; returns them, their fences, and whether every fence stands right before its range.
local function readRanges()
    local ranges, fences, fits = {}, {}, true
    for i = 1, tonumber(take()) do
        local range = { source = take(), from = take(), to = take(), handled = take(), failed = take() }
        local fence = known.applied[range.source]
        if not fence or tonumber(fence) ~= tonumber(range.from) - 1 then fits = false end
        ranges[i], fences[i] = range, fence or ''
    end
    return ranges, fences, fits
end

-- Adds what the ranges say to a book, in one command: a command a source would be most of this script's time.
local function add(book, ranges)
    local numbers, fields = known[book], {}
    for _, range in ipairs(ranges) do
        if range[book] ~= '0' then
            -- Numbers of events are below 2^53, like the fences.
            numbers[range.source] = string.format('%.0f', tonumber(numbers[range.source] or '0') + tonumber(range[book]))
            fields[#fields + 1] = range.source
            fields[#fields + 1] = numbers[range.source]
        end
    end
    if #fields > 0 then redis.call('HSET', prefix .. book, unpack(fields)) end
end

local function book(ranges)
    local fields = {}
    for _, range in ipairs(ranges) do
        known.applied[range.source] = range.to
        fields[#fields + 1] = range.source
        fields[#fields + 1] = range.to
    end
    redis.call('HSET', prefix .. 'applied', unpack(fields))
    add('handled', ranges)
    add('failed', ranges)
end

local damaged = damage()
if damaged then return redis.error_reply(damaged) end

local replies = {}
while at < #ARGV do
    local ranges, fences, fits = readRanges()
    if fits and #ranges > 0 then book(ranges) end
    for _ = 1, tonumber(take()) do
        local kind, key, field, value, events, lifetime = take(), take(), take(), take(), take(), take()
        if fits then
            local result = perform(kind, prefix .. key, field, value, lifetime)
            if type(result) == 'table' and result.err then reject(key, events) end
        end
    end
    for _ = 1, tonumber(take()) do
        local key, events = take(), take()
        if fits then reject(key, events) end
    end
    replies[#replies + 1] = fits and 1 or fences
end
return replies
