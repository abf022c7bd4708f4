-- Gives a gift its first stock, if it has none.
--
-- A script, because the fact may be logged only with it, and once.
--
-- KEYS  1 numbers  2 log of its stock
-- ARGV  1 stock  2 fact

if redis.call('HSETNX', KEYS[1], 'stock', ARGV[1]) == 1 then redis.call('RPUSH', KEYS[2], ARGV[2]) end
return 1
