-- Signing in behind one address (G2): failures are counted apart for a device on which this login has signed in.

-- The address (of IPv6 the /64 that one subscriber holds), or 'device ' and the random number of the device's cookie:
-- who fails delays himself, neither the owner at another address nor the owner's own device behind the same one.
ALTER TABLE sign_in_failure RENAME COLUMN address TO source;

-- database_mark has one more name, written with 'kind': 'key_check', an HMAC of the keys that the county was made
-- with. Keys that do not fit it are refused.
