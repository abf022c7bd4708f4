-- Records hints, which may be lost: adds counts, keeps the later of two times.
--
-- A script, because times are compared with the stored ones, and to need one round trip.
--
-- KEYS  1 counts of refusals  2 when sessions were last seen  3 when points last gave a stamp
-- ARGV  1 number of refusals  2 number of sessions  then all of them as name and value, then the points

local at = 3
for _ = 1, tonumber(ARGV[1]) do
  redis.call('HINCRBY', KEYS[1], ARGV[at], ARGV[at + 1])
  at = at + 2
end
local points = at + 2 * tonumber(ARGV[2])
while at < #ARGV do
  local kind = at < points and 2 or 3
  local before = redis.call('HGET', KEYS[kind], ARGV[at])
  if not before or tonumber(before) < tonumber(ARGV[at + 1]) then
    redis.call('HSET', KEYS[kind], ARGV[at], ARGV[at + 1])
  end
  at = at + 2
end
return 1
