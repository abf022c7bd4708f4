-- Keeps what was done about a suspicion, and whether the passport's gifts wait.
--
-- A script, because both change together.
--
-- KEYS  1 settled  2 now
-- ARGV  1 suspicion  2 record  3 field of the passport that waits  4 'hold', 'release' or else

redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[4] == 'hold' then
  redis.call('HSET', KEYS[2], ARGV[3], '1')
elseif ARGV[4] == 'release' then
  redis.call('HDEL', KEYS[2], ARGV[3])
end
return 1
