-- Puts a card on a phone that has room for so many.
--
-- A script, because a race must not make it one too many.
--
-- KEYS  1 cards on the phone  2 carers
-- ARGV  1 card  2 how many there is room for  3 resident
-- Returns 1 when the card is on the phone (or was), 0 when the phone is full.

if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then return 1 end
if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('SADD', KEYS[2], ARGV[3])
return redis.call('SADD', KEYS[1], ARGV[1])
