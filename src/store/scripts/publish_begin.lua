-- Begins a publication, if the current version still is the expected one.
--
-- A script, because exactly one publication may become the next version. The stock of its gifts is in other slots and
-- must be written before the version becomes current. So the publication is first stored as a draft, then its stock
-- is written, then `publish_finish.lua` makes it current. A draft that another caller began, and perhaps abandoned,
-- is finished first, with its own stock.
--
-- KEYS  1 now  2 draft  3 versions (not used)
-- ARGV  1 expected version  2 next version  3 record  then for each gift: its number, its initial stock
-- Returns the current version, and the draft (field, value …) if it is the expected version.

local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= ARGV[1] then return {version, {}} end
if redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('HSET', KEYS[2], 'version', ARGV[2], 'record', ARGV[3], unpack(ARGV, 4))
end
return {version, redis.call('HGETALL', KEYS[2])}
