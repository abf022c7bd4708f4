-- Replaces the record of a redeemed claim, if it still is the expected one.
--
-- A script, because the record is compared, and record and vouchers change together. The old voucher stays taken, so
-- that it never names another claim.
--
-- KEYS  1 claims  2 vouchers  3 vouchers of erased claims
-- ARGV  1 claimant  2 expected record  3 its voucher  4 new record  5 its voucher
-- Returns {'updated'}, {'conflict', stored record or empty} or {'voucher_taken'}.

local stored = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if stored ~= ARGV[2] then return {'conflict', stored} end
if redis.call('HEXISTS', KEYS[2], ARGV[5]) == 1 or redis.call('SISMEMBER', KEYS[3], ARGV[5]) == 1 then
  return {'voucher_taken'}
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
redis.call('HDEL', KEYS[2], ARGV[3])
redis.call('SADD', KEYS[3], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[5], ARGV[1])
return {'updated'}
