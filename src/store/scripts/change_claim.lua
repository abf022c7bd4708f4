-- Keeps a step in the life of a claim, if the record is still the one that was seen.
--
-- A script, because the record is compared, the voucher must be the claim's alone, and the last
-- gift must not be promised twice: all of it in one step.
--
-- KEYS  1 claims  2 vouchers  3 holds  4 numbers  5 log  6 totals  7 hours
-- ARGV  1 claimer  2 record that was seen, or empty  3 record to keep  4 voucher  5 now (ms)
--       6 end of the hold (ms), or empty when the gift is redeemed  7 '1' if a gift must be left
--       8 how much the count of redeemed changes  9 fact  10 how many counters in all follow
--       then the counters in all, then those by the hour
-- Returns {'done'}, {'moved', record that stands, or empty}, {'gone'} or {'taken'}.

local claimer, now, change = ARGV[1], ARGV[5], tonumber(ARGV[8])
local stored = redis.call('HGET', KEYS[1], claimer) or ''
if stored ~= ARGV[2] then return {'conflict', stored} end
local owner = redis.call('HGET', KEYS[2], ARGV[4])
if owner and owner ~= claimer then return {'voucher_taken'} end

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
if change ~= 0 then redis.call('HINCRBY', KEYS[4], 'redeemed', change) end
redis.call('RPUSH', KEYS[5], ARGV[9])
local totals = tonumber(ARGV[10])
for i = 11, #ARGV do
  redis.call('HINCRBY', i <= 10 + totals and KEYS[6] or KEYS[7], ARGV[i], 1)
end
return {'updated'}
