-- Gives sources their first fence; what lies before it is the baseline. A source that has a fence keeps it, and one
-- whose publisher was forgotten gets none.
--
-- KEYS[1] prefix of the plugin's keys
-- ARGV    sources, one behind the other: publisher, source, number of events before the plugin's time
-- Reply   the fence of each source afterwards, "" where there is none
local prefix = KEYS[1]
for _, book in ipairs({ 'applied', 'baseline' }) do
    local kind = redis.call('TYPE', prefix .. book).ok
    if kind ~= 'hash' and kind ~= 'none' then
        return redis.error_reply('WRONGTYPE ' .. prefix .. book .. ' is a ' .. kind .. ', not a hash; delete or rename it')
    end
end
local fences = {}
for i = 1, #ARGV, 3 do
    local publisher, source, before = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    if not redis.call('ZSCORE', prefix .. 'retired', publisher) then
        if redis.call('HSETNX', prefix .. 'applied', source, before) == 1 and before ~= '0' then
            redis.call('HSET', prefix .. 'baseline', source, before)
        end
    end
    fences[#fences + 1] = redis.call('HGET', prefix .. 'applied', source) or ''
end
return fences
