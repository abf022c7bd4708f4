-- Raises the generation of a point's printed code, if it still is the expected one.
--
-- A script, because two organisers who replace the same leaked poster must raise it only once.
--
-- KEYS  1 now
-- ARGV  1 point  2 expected generation  3 the next one
-- Returns the generation that is valid afterwards.

local generation = redis.call('HGET', KEYS[1], ARGV[1]) or '0'
if generation ~= ARGV[2] then return generation end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return ARGV[3]
