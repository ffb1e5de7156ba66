-- Adds the books of a publisher that is gone to the totals and retires it, unless a fence has moved meanwhile.
--
-- KEYS[1] prefix of the plugin's keys
-- ARGV    publisher, time in milliseconds, then its sources, one behind the other: source, fence seen, "" if none
-- Reply   1 if it is retired now, 0 if a fence was another
--
-- Retired publishers are kept for 30 days; nothing of theirs is admitted meanwhile.
local prefix = KEYS[1]
local publisher, now = ARGV[1], tonumber(ARGV[2])
local books = { 'applied', 'handled', 'failed', 'missed', 'skipped', 'baseline' }
for _, book in ipairs({ 'applied', 'handled', 'failed', 'missed', 'skipped', 'baseline', 'totals' }) do
    local kind = redis.call('TYPE', prefix .. book).ok
    if kind ~= 'hash' and kind ~= 'none' then
        return redis.error_reply('WRONGTYPE ' .. prefix .. book .. ' is a ' .. kind .. ', not a hash; delete or rename it')
    end
end
-- Whatever can fail is looked at before the first write: Redis does not roll a script back.
for i = 3, #ARGV, 2 do
    if (redis.call('HGET', prefix .. 'applied', ARGV[i]) or '') ~= ARGV[i + 1] then return 0 end
    for _, book in ipairs(books) do
        local number = redis.call('HGET', prefix .. book, ARGV[i])
        if number and not number:match('^%d+$') then
            return redis.error_reply('ERR ' .. prefix .. book .. ' says ' .. number:sub(1, 40) .. ' of ' .. ARGV[i]
                .. ', which is not a number; mend or delete that field')
        end
    end
end
for _, book in ipairs(books) do
    local number = redis.call('HGET', prefix .. 'totals', book)
    if number and not number:match('^%d+$') then
        return redis.error_reply('ERR ' .. prefix .. 'totals says ' .. number:sub(1, 40) .. ' of ' .. book
            .. ', which is not a number; mend or delete that field')
    end
end
redis.call('ZADD', prefix .. 'retired', now, publisher)
redis.call('ZREMRANGEBYSCORE', prefix .. 'retired', '-inf', string.format('(%.0f', now - 30 * 86400000))
for i = 3, #ARGV, 2 do
    for _, book in ipairs(books) do
        local number = redis.call('HGET', prefix .. book, ARGV[i])
        if number then
            redis.call('HINCRBY', prefix .. 'totals', book, number)
            redis.call('HDEL', prefix .. book, ARGV[i])
        end
    end
end
return 1
