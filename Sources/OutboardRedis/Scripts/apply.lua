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
local arguments = ARGV -- a local is quicker than a global
local maxFields = tonumber(arguments[1])

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

-- Where a group's parts lie among the arguments: each part begins with the number of its entries.
local rangeSize, effectSize, rejectionSize = 5, 6, 2
local groups = {}
local at = 2
while at <= #arguments do
    local ranges = at + 1
    local effects = ranges + rangeSize * tonumber(arguments[at]) + 1
    local rejections = effects + effectSize * tonumber(arguments[effects - 1]) + 1
    at = rejections + rejectionSize * tonumber(arguments[rejections - 1])
    groups[#groups + 1] = { ranges = ranges, effects = effects, rejections = rejections, last = at - 1 }
end

local damage

local function say(book, source, text)
    damage = 'ERR ' .. prefix .. book .. ' says ' .. text:sub(1, 40) .. ' of ' .. source
        .. ', which is not a number; mend or delete that field'
end

-- What a book says of the sources whose range says other than "0" at an offset, source by source. A small hash is read
-- as a whole: in one, Redis looks for each field from the front.
local function read(book, offset)
    local sources, count = {}, 0
    for _, group in ipairs(groups) do
        for i = group.ranges, group.effects - 2, rangeSize do
            if arguments[i + offset] ~= '0' then
                count = count + 1
                sources[count] = arguments[i]
            end
        end
    end
    local texts = {}
    if count == 0 then return texts end
    local key = prefix .. book
    if redis.call('HLEN', key) <= 2 * count then
        local all = redis.call('HGETALL', key)
        for i = 1, #all, 2 do texts[all[i]] = all[i + 1] end
    else
        local some = redis.call('HMGET', key, unpack(sources))
        for i = 1, count do texts[sources[i]] = some[i] or nil end
    end
    for i = 1, count do
        local text = texts[sources[i]]
        if text and not text:find('^%d+$') then say(book, sources[i], text) end
    end
    return texts
end
local known = { applied = read('applied', 0), handled = read('handled', 3), failed = read('failed', 4) }
if damage then return redis.error_reply(damage) end

-- Whether every fence stands right before its range.
local function fits(group)
    local fences = known.applied
    for i = group.ranges, group.effects - 2, rangeSize do
        local fence = fences[arguments[i]]
        if not fence or tonumber(fence) ~= arguments[i + 1] - 1 then return false end
    end
    return true
end

local function fences(group)
    local list = {}
    for i = group.ranges, group.effects - 2, rangeSize do list[#list + 1] = known.applied[arguments[i]] or '' end
    return list
end

-- Moves the fences of a group. One command for all: a command a source would be most of this script's time.
local function move(group)
    local fences, fields, count = known.applied, {}, 0
    for i = group.ranges, group.effects - 2, rangeSize do
        local source, last = arguments[i], arguments[i + 2]
        fences[source] = last
        fields[count + 1], fields[count + 2] = source, last
        count = count + 2
    end
    if count > 0 then redis.call('HSET', prefix .. 'applied', unpack(fields)) end
end

-- Adds what the ranges of a group say at an offset to a book. '%d' writes all digits of a number below 2^53.
local function add(book, group, offset)
    local numbers, fields, count = known[book], {}, 0
    for i = group.ranges, group.effects - 2, rangeSize do
        local events = arguments[i + offset]
        if events ~= '0' then
            local source = arguments[i]
            local number = string.format('%d', (numbers[source] or 0) + events)
            numbers[source] = number
            fields[count + 1], fields[count + 2] = source, number
            count = count + 2
        end
    end
    if count > 0 then redis.call('HSET', prefix .. book, unpack(fields)) end
end

local replies = {}
for index, group in ipairs(groups) do
    if fits(group) then
        move(group)
        add('handled', group, 3)
        add('failed', group, 4)
        for i = group.effects, group.rejections - 2, effectSize do
            local kind, key, field, value, events, lifetime = unpack(arguments, i, i + effectSize - 1)
            local result = perform(kind, prefix .. key, field, value, lifetime)
            if type(result) == 'table' and result.err then reject(key, events) end
        end
        for i = group.rejections, group.last, rejectionSize do reject(arguments[i], arguments[i + 1]) end
        replies[index] = 1
    else
        replies[index] = fences(group)
    end
end
return replies
