-- Records stamps in one passport: first write wins, point by point.
--
-- A script, because log and tallies may change only if a stamp is new, because its ordinal is
-- counted, and because all of it is one step.
--
-- KEYS  1 passport  2 log  3 totals  4 hours
-- ARGV  1 head of a new passport  2 what follows a stamp's ordinal
--       3 counter of passports by the hour  4 of passports in all  5 of stamps by this hand, or empty
--       then for each point: its number, its counter by the hour, its counter in all
-- Returns the points that are new, and the whole passport afterwards (field, value, field, value …).

local passport = redis.call('HGETALL', KEYS[1])
local has, head = {}, nil
for i = 1, #passport, 2 do
  has[passport[i]] = true
  if passport[i] == '#' then head = passport[i + 1] end
end
local first = not head
head = head or ARGV[1]
local number = string.match(head, ' (%w+)$')

local nth = first and 0 or #passport / 2 - 1
local before, new, facts, hours, totals = #passport, {}, {}, {}, {}
if first then
  passport[1], passport[2] = '#', head
end
for i = 6, #ARGV, 3 do
  local point = ARGV[i]
  if not has[point] then
    has[point] = true
    nth = nth + 1
    local size = #passport
    passport[size + 1], passport[size + 2] = point, nth .. ' ' .. ARGV[2]
    new[#new + 1] = point
    facts[#facts + 1] = '1s ' .. number .. ' ' .. nth .. ' ' .. point .. ' ' .. ARGV[2]
    hours[#hours + 1], totals[#totals + 1] = ARGV[i + 1], ARGV[i + 2]
  end
end
if #new == 0 then return {new, passport} end

redis.call('HSET', KEYS[1], unpack(passport, before + 1))
redis.call('RPUSH', KEYS[2], unpack(facts))
for i = 1, #new do
  redis.call('HINCRBY', KEYS[3], totals[i], 1)
  redis.call('HINCRBY', KEYS[4], hours[i], 1)
end
if ARGV[5] ~= '' then redis.call('HINCRBY', KEYS[3], ARGV[5], #new) end
if first then
  redis.call('HINCRBY', KEYS[3], ARGV[4], 1)
  redis.call('HINCRBY', KEYS[4], ARGV[3], 1)
end
return {new, passport}
