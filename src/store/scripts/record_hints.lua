-- Records hints, which may be lost: adds counts, keeps the later of two times, keeps the first record of a suspicion.
--
-- A script, because times are compared with the stored ones, and to need one round trip.
--
-- KEYS  1 counts of refusals  2 when sessions were last seen  3 when points last gave a stamp  4 suspicions
-- ARGV  1 number of refusals  2 of sessions  3 of points  then all of them as name and value, then the suspicions

local at = 4
for _ = 1, tonumber(ARGV[1]) do
  redis.call('HINCRBY', KEYS[1], ARGV[at], ARGV[at + 1])
  at = at + 2
end
for kind = 2, 3 do
  for _ = 1, tonumber(ARGV[kind]) do
    local before = redis.call('HGET', KEYS[kind], ARGV[at])
    if not before or tonumber(before) < tonumber(ARGV[at + 1]) then
      redis.call('HSET', KEYS[kind], ARGV[at], ARGV[at + 1])
    end
    at = at + 2
  end
end
while at < #ARGV do
  redis.call('HSETNX', KEYS[4], ARGV[at], ARGV[at + 1])
  at = at + 2
end
return 1
