-- Takes a card off a phone, or all of them.
--
-- A script, because whoever has no card left is no longer among the carers.
--
-- KEYS  1 cards on the phone  2 carers
-- ARGV  1 resident  2 card, or empty for all

if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SREM', KEYS[1], ARGV[2])
end
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SREM', KEYS[2], ARGV[1]) end
return 1
