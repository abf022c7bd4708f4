-- Changes low-traffic records, if each still is the one that was read.
--
-- A script, because the records are compared and changed in one step. Of a repeat, all records are as they shall be.
--
-- KEYS  the hash of each record
-- ARGV  for each record: its field, its value as read or empty, its new value or empty to delete it
-- Returns 1 if the records are as they shall be, 0 if another caller was faster.

local changed, expected = true, true
for n = 1, #KEYS do
  local stored = redis.call('HGET', KEYS[n], ARGV[3 * n - 2]) or ''
  expected = expected and stored == ARGV[3 * n - 1]
  changed = changed and stored == ARGV[3 * n]
end
if changed then return 1 end
if not expected then return 0 end
for n = 1, #KEYS do
  if ARGV[3 * n] == '' then
    redis.call('HDEL', KEYS[n], ARGV[3 * n - 2])
  else
    redis.call('HSET', KEYS[n], ARGV[3 * n - 2], ARGV[3 * n])
  end
end
return 1
