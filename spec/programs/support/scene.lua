--- A folder for a program of spec/programs, and checks of what it printed and paid for.

local assert = require "luassert"
local cli = require "support.cli"
local fixtures = require "support.fixtures"
local helper = require "support.emulator"
local interpreter = require "support.interpreter"
local lfs = require "lfs"
local people = require "programs.support.people"

local top = lfs.currentdir()

local function absolute(paths)
  return (paths:gsub("[^;]+", function(path)
    return path:find "^/" and path or top .. "/" .. path
  end))
end

---@class spec.Scene
---@field ok boolean whether the program ended with status 0
---@field out string
---@field err string
---@field all string both
local Scene = {}
Scene.__index = Scene

--- A folder with photos of everybody, and an emulator without tasks.
---@return spec.Scene
function Scene.new()
  local scene = setmetatable({ folder = cli.folder(),
    service = fixtures.service { queue_seconds = 0.5, deploy_seconds = 0.5 } }, Scene)
  for _, name in ipairs(people.names) do
    cli.photos(("%s/photos/%s"):format(scene.folder, name), 2)
  end
  assert(lfs.link("photos", scene.folder .. "/people", true)) -- the README has both
  return scene
end

function Scene:close()
  self.service:stop()
  cli.remove(self.folder)
end
Scene.__close = Scene.close

--- Puts a file that is no photo among the photos of anna.
function Scene:spoil_anna()
  cli.write(self.folder .. "/photos/anna/bad.jpg", "not a photo")
end

--- The next request of a route is carried out, but its response is lost.
---@param route string
function Scene:lose(route)
  self.service:fault { kind = "reset_after", route = route }
end

--- A training that another program has paid for, with or without a photo that cannot be decoded.
function Scene:training(bad)
  local bytes = bad and "not a photo" or helper.photo(1)
  local ids = { helper.upload(self.service, helper.photo(2)), helper.upload(self.service, bytes) }
  local response = helper.api(self.service, "POST", "/v3/training/subject", helper.subject(ids))
  return response.json.task_id
end

--- The model of such a training, which is serving.
function Scene:model()
  local id = self:training()
  self.service:advance(100)
  helper.status(self.service, id)
  self.service:advance(100)
  return helper.status(self.service, id).json.models[1].model_name
end

local function environment(service)
  local with = "env -u XDG_CONFIG_HOME HOME=. LC_ALL=C LUA_PATH='%s' LUA_CPATH='%s' "
    .. "NOVITA_BASE_URL=%s NOVITA_API_KEY=%s"
  return with:format(absolute(package.path), absolute(package.cpath), service.base_url,
    service.api_key)
end

--- Runs a program in the folder; sets `ok`, `out`, `err` and `all`.
---@param how "plain"|"luv"|"cqueues"
---@param path string
---@param ... string its arguments
function Scene:run(how, path, ...)
  local words = { "timeout 60", interpreter:find "/" and absolute(interpreter) or interpreter,
    top .. "/spec/programs/support/run.lua", how, path, ... }
  self.ok = os.execute(("cd %s && %s %s >out 2>err </dev/null"):format(self.folder,
    environment(self.service), table.concat(words, " "))) == true
  self.out, self.err = self:read "out", self:read "err"
  self.all = self.out .. self.err
end

--- The contents of a file that the program wrote.
function Scene:read(name)
  local file <close> = assert(io.open(self.folder .. "/" .. name, "rb"))
  return file:read "a"
end

--- Fails unless the program has printed this.
function Scene:has(text)
  assert.truthy(self.all:find(text, 1, true), ("%q is not in:\n%s"):format(text, self.all))
end

--- Fails unless as many trainings and images were paid for as these numbers say, each with one
--- request.
function Scene:paid(trainings, images)
  local ledger, names = self.service:ledger(), {}
  local creates = ledger.routes.create
  assert.equal(trainings, #ledger.tasks, self.all)
  assert.equal(trainings, creates and creates.requests or 0)
  assert.equal(images or 0, #ledger.image_tasks)
  for _, task in ipairs(ledger.tasks) do
    assert.is_nil(names[task.name], "paid for twice: " .. task.name)
    names[task.name] = true
  end
end

--- Fails if a paid training has no owner: the program must have printed each model, except as many
--- as `but` says.
function Scene:shows_models(but)
  local missing = 0
  for _, task in ipairs(self.service:ledger().tasks) do
    if not task.model_name or not self.all:find(task.model_name, 1, true) then
      missing = missing + 1
    end
  end
  assert.equal(but or 0, missing, self.all)
end

return Scene
