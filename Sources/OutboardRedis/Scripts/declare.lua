-- Books holes as missed or skipped, each only if its fence is still the one that was seen.
--
-- KEYS[1] prefix of the plugin's keys
-- ARGV    holes, one behind the other: source, fence seen, last number of the hole, book ("missed" or "skipped")
-- Reply   for each source two entries: its fence afterwards, "" where there is none; 1 if this call moved it, else 0
local prefix = KEYS[1]
for _, book in ipairs({ 'applied', 'missed', 'skipped' }) do
    local kind = redis.call('TYPE', prefix .. book).ok
    if kind ~= 'hash' and kind ~= 'none' then
        return redis.error_reply('WRONGTYPE ' .. prefix .. book .. ' is a ' .. kind .. ', not a hash; delete or rename it')
    end
end
local fences = {}
for i = 1, #ARGV, 4 do
    local source, seen, last, book = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
    local fence = redis.call('HGET', prefix .. 'applied', source)
    local booked = redis.call('HGET', prefix .. book, source)
    local moves = 0
    if booked and not booked:match('^%d+$') then
        return redis.error_reply('ERR ' .. prefix .. book .. ' says ' .. booked:sub(1, 40) .. ' of ' .. source
            .. ', which is not a number; mend or delete that field')
    end
    if fence and tonumber(fence) == tonumber(seen) and tonumber(last) > tonumber(seen) then
        redis.call('HSET', prefix .. 'applied', source, last)
        redis.call('HINCRBY', prefix .. book, source, string.format('%.0f', tonumber(last) - tonumber(seen)))
        fence = last
        moves = 1
    end
    fences[#fences + 1] = fence or ''
    fences[#fences + 1] = moves
end
return fences
