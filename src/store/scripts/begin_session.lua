-- Begins a staff session if the invitation has uses left; the same nonce returns the same session.
--
-- A script, because concurrent calls must not exceed the uses, and no session may begin after the end of the
-- invitation.
--
-- KEYS  1 invitations  2 sessions  3 sessions of this invitation
-- ARGV  1 invitation  2 nonce  3 session  4 record  5 uses  6 suffix of the field that holds an end
-- Returns {'joined', record, when it was ended or nil}, {'full'} or {'ended'}.

local begun = redis.call('HGET', KEYS[3], ARGV[2])
if begun then
  local stored = redis.call('HMGET', KEYS[2], begun, begun .. ARGV[6])
  return {'joined', stored[1], stored[2]}
end
if redis.call('HEXISTS', KEYS[1], ARGV[1] .. ARGV[6]) == 1 then return {'ended'} end
if redis.call('HLEN', KEYS[3]) >= tonumber(ARGV[5]) then return {'full'} end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
return {'joined', ARGV[4], false}
