--- Runs a Lua program in its own network namespace, with its own name server, where the
--- machine allows that.
--
--   if network.possible then
--     local output, status = network.run(source, { names = { ["a.example.com"] = "10.1.2.3" } })

local fixtures = require "support.fixtures"
local programs = require "support.programs"

local network = {}

local SECONDS <const> = 60
local HERE <const> = debug.getinfo(1, "S").source:match "^@(.*)network%.lua$"

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- The shell in the namespace, which runs $1... with the name server. The resolver's own timeout
-- stays at its default: 5 seconds, twice.
local SETUP <const> = [[set -e
ip link set lo up
for address in $ADDRESSES; do
  case $address in
    *:*) ip address add $address/128 dev lo nodad;;
    *) ip address add $address/32 dev lo;;
  esac
done
mount --bind $RESOLV /etc/resolv.conf
exec perl ]] .. HERE .. [[names.pl "$@"]]

local function enter(resolv, addresses, words)
  local parts = { "env INSIDE_NETWORK=1 RESOLV=" .. resolv,
    "ADDRESSES=" .. quote(table.concat(addresses, " ")),
    "unshare -rmn sh -c", quote(SETUP), "sh" }
  for _, word in ipairs(words) do parts[#parts + 1] = quote(word) end
  return table.concat(parts, " ")
end

local function with_resolv(fn)
  local path = os.tmpname()
  fixtures.write(path, "nameserver 127.0.0.1\n")
  local results = table.pack(pcall(fn, path))
  os.remove(path)
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

local function is_possible()
  return with_resolv(function(resolv)
    return select(2, programs.run(enter(resolv, {}, { "--", "true" })))
  end)
end

--- Whether this machine lets us make one. If not, specs are pending with `network.why`.
network.possible = is_possible()

--- Whether this process runs in one.
network.inside = os.getenv "INSIDE_NETWORK" ~= nil

network.why = "no network namespace: needs `unshare -rmn`, `ip` and the right to use them"

--- `it` where a namespace is possible, else `pending` with the reason in the title.
---@param it function busted's
---@param pending function busted's
function network.choose(it, pending)
  if network.possible then return it end
  return function(title) pending(("%s (%s)"):format(title, network.why)) end
end

--- Runs a Lua program there.
---@param source string
---@param options { names: table<string, string>, addresses?: string[], seconds?: integer }
---  names: to addresses, with commas; "" is never answered. addresses: further ones of the
---  namespace. seconds: after which the program is killed
---@return string output
---@return integer status
function network.run(source, options)
  return with_resolv(function(resolv)
    local words = {}
    for name, addresses in pairs(options.names) do words[#words + 1] = name .. "=" .. addresses end
    words[#words + 1] = "--"
    local command = enter(resolv, options.addresses or {}, words)
    return fixtures.program(source, command, options.seconds or SECONDS)
  end)
end

return network
