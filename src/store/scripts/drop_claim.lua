-- Deletes a claim, if its record still is the expected one.
--
-- A script, because the record is compared, and record, voucher, hold and log change together. The voucher stays taken,
-- so that it never names another claim.
--
-- KEYS  1 claims  2 vouchers  3 holds  4 log  5 vouchers of erased claims
-- ARGV  1 claimant  2 expected record  3 voucher  4 log entry
-- Returns {'updated'}, or {'conflict', stored record or empty}.

local stored = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if stored ~= ARGV[2] then return {'conflict', stored} end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[3])
redis.call('SADD', KEYS[5], ARGV[3])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('RPUSH', KEYS[4], ARGV[4])
return {'updated'}
