-- Records stamps in one passport: first write wins, point by point.
--
-- A script, because log and tallies may change only if a stamp is new, because its ordinal is
-- counted, and because all of it is one step.
--
-- KEYS  1 passport  2 log  3 totals  4 hours  5 holders
-- ARGV  1 head of a new passport  2 what follows a stamp's ordinal  3 holder
--       4 counter of passports in all  5 of stamps by this hand, or empty
--       6 when the day began (ms)  7 counter of people on that day
--       8 when the hour began (ms)  9 counter of people in that hour
--       then for each point: its number, its counter by the hour, its counter in all, and of its route:
--       the points as ',7,8,', the counter of its people in all, of its people on that day; or three empty
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

-- The moments of the last stamp of all, and of the last among these points; -1 if there is none.
local function last(points)
  local any, among = -1, -1
  for i = 1, #passport, 2 do
    if passport[i] ~= '#' then
      local ms = tonumber(string.match(passport[i + 1], ' (%d+) '))
      if ms > any then any = ms end
      if ms > among and string.find(points, ',' .. passport[i] .. ',', 1, true) then among = ms end
    end
  end
  return any, among
end

local nth = first and 0 or #passport / 2 - 1
local before, new, facts, hours, totals = #passport, {}, {}, {}, {}
local day, hour = tonumber(ARGV[6]), tonumber(ARGV[8])
if first then
  passport[1], passport[2] = '#', head
end
for i = 10, #ARGV, 6 do
  local point, route = ARGV[i], ARGV[i + 3]
  if not has[point] then
    has[point] = true
    local any, among = last(route)
    if any < day then hours[#hours + 1] = ARGV[7] end
    if any < hour then hours[#hours + 1] = ARGV[9] end
    if route ~= '' then
      if among < 0 then totals[#totals + 1] = ARGV[i + 4] end
      if among < day then hours[#hours + 1] = ARGV[i + 5] end
    end
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
if first then
  redis.call('SADD', KEYS[5], ARGV[3])
  totals[#totals + 1] = ARGV[4]
end
for i = 1, #totals do redis.call('HINCRBY', KEYS[3], totals[i], 1) end
for i = 1, #hours do redis.call('HINCRBY', KEYS[4], hours[i], 1) end
if ARGV[5] ~= '' then redis.call('HINCRBY', KEYS[3], ARGV[5], #new) end
return {new, passport}
