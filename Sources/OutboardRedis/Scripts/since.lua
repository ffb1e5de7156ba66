-- Sets, once, the time from which a plugin hears a type; sources that had published nothing by then begin at 1.
--
-- KEYS[1] prefix of the plugin's keys
-- ARGV    type, time in milliseconds, then the sources whose record says 0
-- Reply   the time in force
local prefix = KEYS[1]
if redis.call('HSETNX', prefix .. 'since', ARGV[1], ARGV[2]) == 1 then
    for i = 3, #ARGV do
        redis.call('HSETNX', prefix .. 'applied', ARGV[i], '0')
    end
end
return redis.call('HGET', prefix .. 'since', ARGV[1])
