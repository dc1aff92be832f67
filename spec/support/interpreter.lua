--- The interpreter that specs start child processes with: the one that runs the specs.
local host = os.getenv "HOST"
return host and host ~= "" and host or "lua5.4"
