--- Runs bin/novita like a user: as a separate process, with its streams in files.

local cjson = require("cjson").new()
local interpreter = require "support.interpreter"

local cli = {}

local function quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

local function contents(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local clean = { "NOVITA_API_KEY", "NOVITA_BASE_URL", "XDG_CONFIG_HOME", "NO_COLOR" }

--- The shell's text for a call: `env` replaces what the variables above are, HOME is empty.
---@param words string[]
---@param env? table<string, string>
function cli.command(words, env)
  local parts = { "env" }
  for _, name in ipairs(clean) do
    parts[#parts + 1] = "-u " .. name
  end
  parts[#parts + 1] = "HOME=/nonexistent"
  for name, value in pairs(env or {}) do
    parts[#parts + 1] = name .. "=" .. quote(value)
  end
  parts[#parts + 1] = interpreter .. " bin/novita"
  for _, word in ipairs(words) do
    parts[#parts + 1] = quote(word)
  end
  return table.concat(parts, " ")
end

--- Runs it to its end; returns status, out, err, and json (what out is, where it is JSON).
---@param words string[]
---@param env? table<string, string>
function cli.run(words, env)
  local out, err = os.tmpname(), os.tmpname()
  local command = ("timeout 60 %s >%s 2>%s </dev/null"):format(cli.command(words, env), out, err)
  local _, _, status = os.execute(command)
  local result = { status = status, out = contents(out), err = contents(err) }
  os.remove(out)
  os.remove(err)
  local ok, value = pcall(cjson.decode, result.out)
  result.json = ok and value or nil
  return result
end

--- The environment that makes it use an emulator.
function cli.env(service, more)
  local env = { NOVITA_BASE_URL = service.base_url, NOVITA_API_KEY = service.api_key, LC_ALL = "C" }
  for name, value in pairs(more or {}) do
    env[name] = value
  end
  return env
end

--- A new folder; remove it with cli.remove.
function cli.folder()
  local pipe <close> = assert(io.popen "mktemp -d")
  return pipe:read "l"
end

function cli.remove(folder)
  assert(folder:find "^/tmp/")
  os.execute("rm -rf " .. quote(folder))
end

--- Makes a folder with `count` photos.
function cli.photos(folder, count)
  local photo = require("support.emulator").photo
  os.execute("mkdir -p " .. quote(folder))
  for i = 1, count do
    local file <close> = assert(io.open(("%s/photo%d.png"):format(folder, i), "wb"))
    file:write(photo(i))
  end
  return folder
end

function cli.write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

return cli
