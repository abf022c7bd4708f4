-- Updates a claim, if its record still is the expected one.
--
-- A script, because three conditions are checked in the same step: the record is compared, the voucher belongs to
-- this claim only, and the last gift is not promised twice.
--
-- KEYS  1 claims  2 vouchers  3 holds  4 numbers  5 log  6 totals  7 hours  8 vouchers of erased claims
-- ARGV  1 claimant  2 expected record, or empty  3 new record  4 voucher  5 now (ms)
--       6 end of the hold (ms), or empty if the gift is redeemed  7 '1' to refuse unless a gift is left
--       8 change of the redeemed count  9 log entry  10 number of all-time counters
--       then the all-time counters, then the hourly ones
-- Returns {'updated'}, {'conflict', stored record or empty}, {'sold_out'} or {'voucher_taken'}.

local claimer, now, change = ARGV[1], ARGV[5], tonumber(ARGV[8])
local stored = redis.call('HGET', KEYS[1], claimer) or ''
if stored ~= ARGV[2] then return {'conflict', stored} end
local owner = redis.call('HGET', KEYS[2], ARGV[4])
if owner and owner ~= claimer then return {'voucher_taken'} end
if not owner and redis.call('SISMEMBER', KEYS[8], ARGV[4]) == 1 then return {'voucher_taken'} end

local numbers = redis.call('HMGET', KEYS[4], 'stock', 'redeemed')
local stock, redeemed = tonumber(numbers[1] or 0), tonumber(numbers[2] or 0)
if ARGV[7] == '1' then
  local held = redis.call('ZCOUNT', KEYS[3], now, '+inf')
  local own = redis.call('ZSCORE', KEYS[3], claimer)
  if own and tonumber(own) >= tonumber(now) then held = held - 1 end
  if stock - redeemed - held < 1 then return {'sold_out'} end
end
if change > 0 and redeemed + change > stock then return {'sold_out'} end

redis.call('HSET', KEYS[1], claimer, ARGV[3])
redis.call('HSET', KEYS[2], ARGV[4], claimer)
if ARGV[6] == '' then
  redis.call('ZREM', KEYS[3], claimer)
else
  redis.call('ZADD', KEYS[3], ARGV[6], claimer)
end
if change ~= 0 then redis.call('HSET', KEYS[4], 'redeemed', redeemed + change) end
-- Each counter occurs once. Every value is written whole, and the log last, because a log that a crash cut inside this
-- script may run its first half a second time (docs/operating.md, "Redis").
local totals = tonumber(ARGV[10])
for i = 11, #ARGV do
  local key = i <= 10 + totals and KEYS[6] or KEYS[7]
  redis.call('HSET', key, ARGV[i], (redis.call('HGET', key, ARGV[i]) or 0) + 1)
end
redis.call('RPUSH', KEYS[5], ARGV[9])
return {'updated'}
