-- Stores the resolution of a suspicion, and blocks or releases the passport.
--
-- A script, because both change together.
--
-- KEYS  1 resolutions  2 now
-- ARGV  1 suspicion  2 record  3 field of the blocked passport  4 'hold', 'release' or another decision

redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[4] == 'hold' then
  redis.call('HSET', KEYS[2], ARGV[3], '1')
elseif ARGV[4] == 'release' then
  redis.call('HDEL', KEYS[2], ARGV[3])
end
return 1
