-- Begins a rewrite of the append-only files: it covers all erasures so far.
--
-- A script, because an erasure between the two fields would be forgotten. A rewrite that was not completed keeps its
-- field.
--
-- KEYS  1 erasures

local since = redis.call('HGET', KEYS[1], 'since')
if since then
  redis.call('HSETNX', KEYS[1], 'rewriting', since)
  redis.call('HDEL', KEYS[1], 'since')
end
return 1
