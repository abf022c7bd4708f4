-- Reads a gift's numbers at a moment.
--
-- A script, so that a gift which is being redeemed is seen either held or redeemed, never neither.
--
-- KEYS  1 numbers  2 holds  3 gone
-- ARGV  1 now (ms)
-- Returns stock, redeemed, held, and the booths at which it is gone.

local numbers = redis.call('HMGET', KEYS[1], 'stock', 'redeemed')
return {
  tonumber(numbers[1] or 0), tonumber(numbers[2] or 0),
  redis.call('ZCOUNT', KEYS[2], ARGV[1], '+inf'), redis.call('SMEMBERS', KEYS[3]),
}
