-- Sets a gift's initial stock, unless it has a stock.
--
-- A script, because the log entry is written only together with the stock, and once.
--
-- KEYS  1 numbers  2 log of its stock
-- ARGV  1 stock  2 log entry

if redis.call('HSETNX', KEYS[1], 'stock', ARGV[1]) == 1 then redis.call('RPUSH', KEYS[2], ARGV[2]) end
return 1
