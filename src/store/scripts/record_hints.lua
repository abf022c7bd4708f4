-- Notes what may be lost: adds counts, keeps later moments, keeps suspicions once.
--
-- A script, because a moment is compared with the one that stands, and to be one round trip.
--
-- KEYS  1 counts of refusals  2 when sessions were seen  3 when points last stamped  4 suspicions
-- ARGV  1 how many refusals  2 sessions  3 points follow, then all of them as name and value, then suspicions

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
