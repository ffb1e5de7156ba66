-- Changes what an operator wants of a plugin, and raises the revision.
--
-- KEYS[1] prefix of the plugin's keys
-- ARGV    the revision that the change was made from, "" if it does not matter; then fields and values in turn
-- Reply   the new revision, or -1 if somebody else has changed something meanwhile
local key = KEYS[1] .. 'control'
local kind = redis.call('TYPE', key).ok
if kind ~= 'hash' and kind ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. key .. ' is a ' .. kind .. ', not a hash; delete or rename it')
end
local revision = redis.call('HGET', key, 'revision') or '0'
if not revision:match('^%d+$') then
    return redis.error_reply('ERR ' .. key .. ' says ' .. revision:sub(1, 40)
        .. ' of revision, which is not a number; mend or delete that field')
end
if ARGV[1] ~= '' and tonumber(ARGV[1]) ~= tonumber(revision) then return -1 end
for i = 2, #ARGV, 2 do redis.call('HSET', key, ARGV[i], ARGV[i + 1]) end
return redis.call('HINCRBY', key, 'revision', 1)
