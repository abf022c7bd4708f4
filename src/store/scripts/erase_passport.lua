-- Deletes a passport.
--
-- A script, because the passport and its entry in the set of holders are deleted together.
--
-- KEYS  1 passport  2 holders
-- ARGV  1 holder

redis.call('DEL', KEYS[1])
return redis.call('SREM', KEYS[2], ARGV[1])
