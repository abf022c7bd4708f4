-- Adds a member to a set that has room for so many.
--
-- A script, because a race must not make it one too many.
--
-- KEYS  1 set
-- ARGV  1 member  2 how many it has room for
-- Returns 1 when the member is in (or was), 0 when the set is full.

if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then return 1 end
if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
return redis.call('SADD', KEYS[1], ARGV[1])
