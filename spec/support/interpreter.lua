--- The Lua that specs start children with: the one they run in themselves.
local host = os.getenv "HOST"
return host and host ~= "" and host or "lua5.4"
