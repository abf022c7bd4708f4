-- Replaces a passport, if it still is the expected one.
--
-- A script, because the passport is compared, and passport, counters and log change together. Every value is written
-- whole, and the log last, as in `stamp.lua`.
--
-- KEYS  1 passport  2 log  3 totals  then the hours of each day
-- ARGV  1 expected passport  2 new passport  3 log entry  then for each counter: the number of its key in KEYS, its
--       name, its change
-- Returns 'changed', or the stored passport, or an empty text if there is none.

local stored = redis.call('GET', KEYS[1]) or ''
if stored ~= ARGV[1] then return stored end
redis.call('SET', KEYS[1], ARGV[2])
for i = 4, #ARGV, 3 do
  local key, name = KEYS[tonumber(ARGV[i])], ARGV[i + 1]
  local count = tonumber(redis.call('HGET', key, name) or 0) + tonumber(ARGV[i + 2])
  redis.call('HSET', key, name, math.max(count, 0))
end
redis.call('RPUSH', KEYS[2], ARGV[3])
return 'changed'
