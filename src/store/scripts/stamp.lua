-- Records stamps in one passport; per point the first write wins.
--
-- A script, because log and counters may change only for new stamps, because the ordinal of a stamp depends on the
-- stamps before it, and because all changes are one step. The passport is one text, because every element of a reply
-- costs time on its way into the script and again on its way out.
--
-- KEYS  1 passport  2 log  3 totals  4 hours  5 holders
-- ARGV  1 head of a new passport  2 a stamp without its ordinal  3 holder
--       4 all-time counter of passports  5 counter of stamps by this hand, or empty
--       6 begin of the day (ms)  7 counter of visitors on that day
--       8 begin of the hour (ms)  9 counter of visitors in that hour
--       then for each point: its number, its hourly counter, its all-time counter, and of its route:
--       the points as ',7,8,', the all-time counter of its visitors, that of its visitors on the day; or three empty
-- Returns how many stamps are new, and the whole passport afterwards; the new stamps are its last ones.

local stored = redis.call('GET', KEYS[1])
local passport = stored or ARGV[1]
local number = string.match(passport, '^1 (%w+)')
-- The last line; that of an undone stamp begins with a hyphen, and only its ordinal counts.
local last, before, at = string.match(passport, '.*\n(%-?%d+) (%d+) (%d+) ')
if last and string.byte(last) == 45 then last = nil end
local is_first = not last and not string.find(passport, '\n%d')
local nth, day, hour = tonumber(before or 0), tonumber(ARGV[6]), tonumber(ARGV[8])
local facts, hours, totals = {}, {}, {}

-- Whether a stamp of these points (nil: of any point) is at least as late as `ms`. Nearly always the last stamp is;
-- otherwise all stamps are checked, because clocks can step back.
local function since(ms, points)
  local each = string.gmatch(passport, '\n(%d+) %d+ (%d+) ')
  local point, then_ms = last, at
  if not last then point, then_ms = each() end
  while point do
    if tonumber(then_ms) >= ms and (not points or string.find(points, ',' .. point .. ',', 1, true)) then
      return true
    end
    point, then_ms = each()
  end
end

for i = 10, #ARGV, 6 do
  local point, route = ARGV[i], ARGV[i + 3]
  if not string.find(passport, '\n' .. point .. ' ', 1, true) then
    if not since(hour) then
      hours[#hours + 1] = ARGV[9]
      if not since(day) then hours[#hours + 1] = ARGV[7] end
    end
    if route ~= '' and not since(day, route) then
      hours[#hours + 1] = ARGV[i + 5]
      if not since(0, route) then totals[#totals + 1] = ARGV[i + 4] end
    end
    nth = nth + 1
    local ordinal = tostring(nth)
    passport = passport .. '\n' .. point .. ' ' .. ordinal .. ' ' .. ARGV[2]
    facts[#facts + 1] = '1s ' .. number .. ' ' .. ordinal .. ' ' .. point .. ' ' .. ARGV[2]
    hours[#hours + 1], totals[#totals + 1] = ARGV[i + 1], ARGV[i + 2]
  end
end
if #facts == 0 then return {0, passport} end

-- Every value is written whole, and the log last, because a log that a crash cut inside this script may run its first
-- half a second time (docs/operating.md, "Redis").
local function add(key, names, more)
  if #names == 0 then return end
  local counts, changed = redis.call('HMGET', key, unpack(names)), {}
  for i = 1, #names do
    changed[2 * i - 1], changed[2 * i] = names[i], (counts[i] or 0) + more
  end
  redis.call('HSET', key, unpack(changed))
end

redis.call('SET', KEYS[1], passport)
if not stored then redis.call('SADD', KEYS[5], ARGV[3]) end
if is_first then totals[#totals + 1] = ARGV[4] end
add(KEYS[3], totals, 1)
add(KEYS[4], hours, 1)
if ARGV[5] ~= '' then add(KEYS[3], {ARGV[5]}, #facts) end
redis.call('RPUSH', KEYS[2], unpack(facts))
return {#facts, passport}
