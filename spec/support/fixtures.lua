--- Shared by the specs of clients and tasks: a service, a client, photos in a folder, and programs
-- that run in separate processes.

local emulator = require "novita.emulator"
local interpreter = require "support.interpreter"
local lfs = require "lfs"
local novita = require "novita"
local Canvas = require "novita.image.canvas"

local fixtures = {}

--- The specs poll often, because a task of a fast emulator ends within a moment.
fixtures.poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1e6 }

---@param options? table of the emulator; the default speed is 50, so that nothing takes long
function fixtures.service(options)
  local all = { speed = 50 }
  for name, value in pairs(options or {}) do all[name] = value end
  return assert(emulator.start(all))
end

---@param service novita.emulator.Service
---@param options? table of the client, overriding the defaults
function fixtures.client(service, options)
  local all = { api_key = service.api_key, base_url = service.base_url, poll = fixtures.poll }
  for name, value in pairs(options or {}) do all[name] = value end
  return novita.client(all)
end

local made

--- The bytes of a small photo.
function fixtures.photo()
  if not made then
    local canvas = Canvas.new(96, 64, 3)
    canvas:fill(8, 8, 60, 40, 200, 120, 40)
    made = assert(canvas:encode { format = "jpeg" })
  end
  return made
end

function fixtures.write(path, bytes)
  local file <close> = assert(io.open(path, "wb"))
  file:write(bytes)
end

--- A folder that its <close> removes: folder.path, folder:put(name, bytes).
function fixtures.folder(count)
  local path = os.tmpname()
  os.remove(path)
  assert(lfs.mkdir(path))
  local folder = setmetatable({ path = path, put = function(self, name, bytes)
    fixtures.write(self.path .. "/" .. name, bytes)
    return self.path .. "/" .. name
  end }, { __close = function(self)
    for name in lfs.dir(self.path) do os.remove(self.path .. "/" .. name) end
    lfs.rmdir(self.path)
  end })
  for i = 1, count or 0 do folder:put(("photo%02d.jpg"):format(i), fixtures.photo()) end
  return folder
end

--- As a value in `change`: removes a field from fixtures.form.
fixtures.none = {}

--- A complete training form with the fields of `change`. Its crop needs no face detector, which
--- takes ten times as long under valgrind as everything else.
function fixtures.form(images, change)
  local form = { task_type = "subject", name = "ohwx-anna", images = images,
    base_model = "v1-5-pruned-emaonly", size = 512, instance_prompt = "a photo of ohwx woman",
    class_prompt = "person", max_train_steps = 100 }
  for name, value in pairs(change or {}) do
    if value == fixtures.none then value = nil end
    form[name] = value
  end
  if form.prepare == nil and not form.face_crop then
    form.crop = form.crop or "center"
  end
  return form
end

--- Calls a function that must raise an error, and returns the error. Luassert's error_matches
-- strips the position from the message, which these specs check.
function fixtures.fails(pattern, fn, ...)
  local ok, err = pcall(fn, ...)
  assert(not ok, "it did not raise")
  assert(tostring(err):find(pattern), ("%q does not match %q"):format(tostring(err), pattern))
  return err
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Runs a Lua program in a separate process with the same paths. `before` precedes the command:
-- "env NAME=value", "timeout 5", ...
---@return string output of both streams
---@return integer status exit status, or 128 + signal
function fixtures.program(source, before, seconds)
  local path = os.tmpname()
  fixtures.write(path, ("package.path, package.cpath = %q, %q\n")
    :format(package.path, package.cpath) .. source)
  local command = ("timeout %d %s %s %s 2>&1"):format(seconds or 30, before or "", interpreter,
    quote(path))
  local pipe = assert(io.popen(command))
  local output = pipe:read "a"
  local _, how, status = pipe:close()
  os.remove(path)
  return output, how == "signal" and 128 + status or status
end

--- Compiles and opens a C module of the specs.
---@param name string of spec/support/<name>.c and its luaopen function
function fixtures.c_module(name)
  local here = debug.getinfo(1, "S").source:match "^@(.*)fixtures%.lua$"
  local library = os.tmpname()
  local command = "cc -shared -fPIC -O1 $(pkg-config --cflags lua5.4) -o %s %s%s.c"
  assert(os.execute(command:format(library, here, name)))
  local open = assert(package.loadlib(library, "luaopen_" .. name))
  os.remove(library)
  return open()
end

--- Counts the descriptors and threads of this process.
function fixtures.held()
  local function count(folder)
    local n = 0
    for name in lfs.dir(folder) do n = n + (tonumber(name) and 1 or 0) end
    return n
  end
  return count "/proc/self/fd", count "/proc/self/task"
end

return fixtures
