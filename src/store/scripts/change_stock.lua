-- Changes a gift's stock, once per session and nonce, within its bounds.
--
-- A script, because the bounds depend on what is held and redeemed, and a repeat must not count.
--
-- KEYS  1 numbers  2 holds  3 contents of earlier changes  4 log of its stock
-- ARGV  1 difference  2 session and nonce  3 now (ms)  4 maximum stock  5 log entry  6 content
-- Returns 'updated', 'out_of_bounds' or 'nonce_reused', then stock, redeemed and held afterwards.

local numbers = redis.call('HMGET', KEYS[1], 'stock', 'redeemed')
local stock, redeemed = tonumber(numbers[1] or 0), tonumber(numbers[2] or 0)
local held = redis.call('ZCOUNT', KEYS[2], ARGV[3], '+inf')
local before = redis.call('HGET', KEYS[3], ARGV[2])
if before then return {before == ARGV[6] and 'updated' or 'nonce_reused', stock, redeemed, held} end
local after = stock + tonumber(ARGV[1])
-- An increase is always allowed: after the clock stepped back, there may be more holds than gifts.
local few = tonumber(ARGV[1]) < 0 and after < redeemed + held
if few or after < 0 or after > tonumber(ARGV[4]) then return {'out_of_bounds', stock, redeemed, held} end
redis.call('HSET', KEYS[1], 'stock', after)
redis.call('HSET', KEYS[3], ARGV[2], ARGV[6])
redis.call('RPUSH', KEYS[4], ARGV[5])
return {'updated', after, redeemed, held}
