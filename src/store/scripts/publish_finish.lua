-- Makes a drafted publication current.
--
-- A script, because storing the record, switching the version and deleting the draft happen together and once.
-- `now` is the hash that holds the current version.
--
-- KEYS  1 now  2 draft  3 versions
-- ARGV  1 version of the draft
-- Returns the version that is current afterwards.

if redis.call('HGET', KEYS[2], 'version') == ARGV[1] then
  redis.call('HSET', KEYS[3], ARGV[1], redis.call('HGET', KEYS[2], 'record'))
  redis.call('HSET', KEYS[1], 'version', ARGV[1])
  redis.call('DEL', KEYS[2])
end
return redis.call('HGET', KEYS[1], 'version') or '0'
