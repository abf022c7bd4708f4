-- Reads a gift's numbers at a moment.
--
-- A script, so that a gift which is being redeemed is counted either as held or as redeemed.
--
-- KEYS  1 numbers  2 holds  3 booths where it is unavailable
-- ARGV  1 now (ms)
-- Returns stock, redeemed, held, and the booths where it is unavailable.

local numbers = redis.call('HMGET', KEYS[1], 'stock', 'redeemed')
return {
  tonumber(numbers[1] or 0), tonumber(numbers[2] or 0),
  redis.call('ZCOUNT', KEYS[2], ARGV[1], '+inf'), redis.call('SMEMBERS', KEYS[3]),
}
