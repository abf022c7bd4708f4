-- Reads the claim with a voucher.
--
-- A script, because the field of the second read is the result of the first: one round trip while people queue.
--
-- KEYS  1 vouchers  2 claims
-- ARGV  1 voucher
-- Returns the record, or nil.

local claimer = redis.call('HGET', KEYS[1], ARGV[1])
return claimer and redis.call('HGET', KEYS[2], claimer)
