-- Adds a card to a resident's phone, up to a limit.
--
-- A script, because concurrent calls must not exceed the limit.
--
-- KEYS  1 cards on the phone  2 residents with cards
-- ARGV  1 card  2 limit  3 resident
-- Returns 1 if the card is on the phone (also if it was before), 0 if the phone is full.

if redis.call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then return 1 end
if redis.call('SCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('SADD', KEYS[2], ARGV[3])
return redis.call('SADD', KEYS[1], ARGV[1])
