-- Reads the claim that has a voucher.
--
-- A script, because the second key's field is what the first one holds: one round trip in a queue.
--
-- KEYS  1 vouchers  2 claims
-- ARGV  1 voucher
-- Returns the record, or nil.

local claimer = redis.call('HGET', KEYS[1], ARGV[1])
return claimer and redis.call('HGET', KEYS[2], claimer)
