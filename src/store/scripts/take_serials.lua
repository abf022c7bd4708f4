-- Reserves serials that were never issued.
--
-- A script, because none may be reserved if fewer are left.
--
-- KEYS  1 serials
-- ARGV  1 how many  2 the highest serial
-- Returns the first of them, or nil.

local last = tonumber(redis.call('GET', KEYS[1]) or 0)
if last + tonumber(ARGV[1]) > tonumber(ARGV[2]) then return false end
redis.call('SET', KEYS[1], last + tonumber(ARGV[1]))
return last + 1
