-- Begins a publication, if the version that counts is still the expected one.
--
-- A script, because exactly one publication may become the next version. The stock of its gifts
-- lives in other slots and must stand before the version counts; so the publication is drafted
-- here, then stock is written, then `publish_finish.lua` lets it count. A draft that somebody else
-- began, and may have left behind, is finished first, with its own stock.
--
-- KEYS  1 now  2 draft  3 versions (not used)
-- ARGV  1 expected version  2 next version  3 record  then for each gift: its number, its first stock
-- Returns the version that counts, and the draft (field, value …) if it is the expected one.

local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= ARGV[1] then return {version, {}} end
if redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('HSET', KEYS[2], 'version', ARGV[2], 'record', ARGV[3], unpack(ARGV, 4))
end
return {version, redis.call('HGETALL', KEYS[2])}
