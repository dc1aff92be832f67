--- What the specs of clients and tasks share: a service, a client, photos in a folder, and
-- programs that run in a process of their own.

local emulator = require "novita.emulator"
local interpreter = require "support.interpreter"
local lfs = require "lfs"
local novita = require "novita"
local picture = require "novita.image.picture"

local world = {}

--- Clients of the specs ask often: a task of a fast emulator is over in a blink.
world.poll = { first = 0.02, min = 0.02, max = 0.1, budget = 1e6 }

---@param options? table of the emulator, over speed = 50: everything takes a moment only
function world.service(options)
  local all = { speed = 50 }
  for name, value in pairs(options or {}) do all[name] = value end
  return assert(emulator.start(all))
end

---@param service novita.emulator.Service
---@param options? table of the client, over the defaults
function world.client(service, options)
  local all = { api_key = service.key, base_url = service.url, poll = world.poll }
  for name, value in pairs(options or {}) do all[name] = value end
  return novita.client(all)
end

local made

--- The bytes of a small photo.
function world.photo()
  if not made then
    local canvas = picture.new(96, 64, 3)
    canvas:fill(8, 8, 60, 40, 200, 120, 40)
    made = assert(canvas:encode { format = "jpeg" })
  end
  return made
end

function world.write(path, bytes)
  local file <close> = assert(io.open(path, "wb"))
  file:write(bytes)
end

--- A folder that goes away with its <close>: folder.path, folder:put(name, bytes).
function world.folder(count)
  local path = os.tmpname()
  os.remove(path)
  assert(lfs.mkdir(path))
  local folder = setmetatable({ path = path, put = function(self, name, bytes)
    world.write(self.path .. "/" .. name, bytes)
    return self.path .. "/" .. name
  end }, { __close = function(self)
    for name in lfs.dir(self.path) do os.remove(self.path .. "/" .. name) end
    lfs.rmdir(self.path)
  end })
  for i = 1, count or 0 do folder:put(("photo%02d.jpg"):format(i), world.photo()) end
  return folder
end

--- Takes a field away from world.form.
world.none = {}

--- A complete training form with the fields of `change`.
function world.form(images, change)
  local form = { kind = "subject", name = "ohwx-anna", images = images,
    base_model = "v1-5-pruned-emaonly", size = 512, instance_prompt = "a photo of ohwx woman",
    class_prompt = "person", max_train_steps = 100 }
  for name, value in pairs(change or {}) do
    if value == world.none then value = nil end
    form[name] = value
  end
  return form
end

--- Calls a function that must raise, and returns what it raised. Luassert's own
-- error_matches takes the place away from the message, and the place matters here.
function world.fails(pattern, fn, ...)
  local ok, err = pcall(fn, ...)
  assert(not ok, "it did not raise")
  assert(tostring(err):find(pattern), ("%q does not match %q"):format(tostring(err), pattern))
  return err
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Runs a Lua program in a process of its own, with the same paths. `before` stands in front
-- of the command: "env NAME=value", "timeout 5", ...
---@return string output of both streams
---@return integer status exit status, or 128 + signal
function world.program(source, before)
  local path = os.tmpname()
  world.write(path, ("package.path, package.cpath = %q, %q\n"):format(package.path, package.cpath)
    .. source)
  local command = ("timeout 30 %s %s %s 2>&1"):format(before or "", interpreter, quote(path))
  local pipe = assert(io.popen(command))
  local output = pipe:read "a"
  local _, how, status = pipe:close()
  os.remove(path)
  return output, how == "signal" and 128 + status or status
end

--- A C module that lies beside the specs, compiled for them.
---@param name string of spec/support/<name>.c and its luaopen function
function world.c_module(name)
  local here = debug.getinfo(1, "S").source:match "^@(.*)world%.lua$"
  local library = os.tmpname()
  local command = "cc -shared -fPIC -O1 $(pkg-config --cflags lua5.4) -o %s %s%s.c"
  assert(os.execute(command:format(library, here, name)))
  local open = assert(package.loadlib(library, "luaopen_" .. name))
  os.remove(library)
  return open()
end

--- Counts what this process holds: descriptors, threads.
function world.held()
  local function count(folder)
    local n = 0
    for name in lfs.dir(folder) do n = n + (tonumber(name) and 1 or 0) end
    return n
  end
  return count "/proc/self/fd", count "/proc/self/task"
end

return world
