-- Removes a card from a resident's phone, or all cards.
--
-- A script, because a resident without cards is removed from the set of residents with cards.
--
-- KEYS  1 cards on the phone  2 residents with cards
-- ARGV  1 resident  2 card, or empty for all

if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SREM', KEYS[1], ARGV[2])
end
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SREM', KEYS[2], ARGV[1]) end
return 1
