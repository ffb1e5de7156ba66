-- Gives sources their first fence; what lies before it is the baseline. A source that has a fence keeps it.
--
-- KEYS[1] prefix of the plugin's keys
-- ARGV    sources, one behind the other: source, number of events before the plugin's time
-- Reply   the fence of each source afterwards
local prefix = KEYS[1]
for _, book in ipairs({ 'applied', 'baseline' }) do
    local kind = redis.call('TYPE', prefix .. book).ok
    if kind ~= 'hash' and kind ~= 'none' then
        return redis.error_reply('WRONGTYPE ' .. prefix .. book .. ' is a ' .. kind .. ', not a hash; delete or rename it')
    end
end
local fences = {}
for i = 1, #ARGV, 2 do
    local source, before = ARGV[i], ARGV[i + 1]
    if redis.call('HSETNX', prefix .. 'applied', source, before) == 1 and before ~= '0' then
        redis.call('HSET', prefix .. 'baseline', source, before)
    end
    fences[#fences + 1] = redis.call('HGET', prefix .. 'applied', source)
end
return fences
