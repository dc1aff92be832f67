--- Two processes that saved one model appended to the same partial file: the first one to finish
--- gave the mixture its name.

local fixtures = require "support.fixtures"
local interpreter = require "support.interpreter"
local lfs = require "lfs"
local support = require "support.client"

-- A process that has opened the partial file, and continues when it gets a line. It uses what
-- model:save uses.
local OTHER <const> = [[
  package.path, package.cpath = %q, %q
  local client <close> = require("novita").client { api_key = %q, base_url = %q }
  local model = assert(client.models:find(%q))
  print(require "novita.http.ranged_download" { client = client, what = "download", path = %q,
    range = 1000, sha256 = model.hash_sha256, deadline = require("novita.core").now() + 120,
    link = function()
      local file <close> = io.open(%q, "w")
      file:write(io.open("/proc/self/stat"):read "n")
      file:close()
      assert(io.read "l" == "go")
      return model:download_url()
    end })
]]

local Other = {}
Other.__index = Other

function Other.start(service, model, path, opened)
  local self = setmetatable({ script = os.tmpname(), output = os.tmpname(),
    opened = opened }, Other)
  fixtures.write(self.script, OTHER:format(package.path, package.cpath, service.api_key,
    service.base_url, model.model_name, path, opened))
  self.pipe = assert(io.popen(("exec timeout 100 %s %s >%s 2>&1"):format(interpreter, self.script,
    self.output), "w"))
  for _ = 1, 600 do
    if (lfs.attributes(opened, "size") or 0) > 0 then return self end
    os.execute "sleep 0.05"
  end
  error "the other process does not start"
end

--- Lets it continue, and returns what it prints at its end.
function Other:continue()
  self.pipe:write "go\n"
  self.pipe:close()
  return support.read(self.output)
end

--- Kills it where it is.
function Other:kill()
  os.execute("kill -9 " .. support.read(self.opened))
  self.pipe:close()
end

function Other:__close()
  os.remove(self.script)
  os.remove(self.output)
end

describe("a model that another process is saving", function()
  local service, client, model, folder, path

  before_each(function()
    service = support.service { model_bytes = 5000 }
    client = support.client(service)
    client.models.range = 1000
    local task = client:attach { task_id = support.training(client), task_type = "subject" }
    model = assert(task:wait())
    folder = support.folder()
    path = folder.path .. "/m.safetensors"
  end)

  after_each(function()
    client:close()
    service:stop()
    getmetatable(folder).__close()
  end)

  -- Three of the five pieces are there, from an earlier run.
  local function start_other()
    service:fault { kind = "status", status = 400, route = "model-file", skip = 3 }
    assert.is_nil((model:save(path)))
    service:clear_faults()
    return Other.start(service, model, path, folder.path .. "/opened")
  end

  it("is not touched, and the error names its file", function()
    local other <close> = start_other()
    local saved, err = model:save(path)
    assert.is_nil(saved)
    assert.matches("another call or process is saving " .. path .. ": let it end", tostring(err), 1,
      true)
    assert.is_nil(tostring(err):find "%c")
    assert.equal("file", err.kind)
    assert.equal(3000, lfs.attributes(path .. ".part", "size"))
    assert.matches(path, other:continue(), 1, true)
    assert.equal(5000, lfs.attributes(path, "size"))
    assert.same({ "m.safetensors", "opened" }, folder.list())
  end)

  it("can be saved when that process has died, from where it was", function()
    local other <close> = start_other()
    other:kill()
    local before = #support.requests(service, "model-file")
    assert.equal(path, model:save(path))
    assert.equal(before + 2, #support.requests(service, "model-file"))
    assert.equal(5000, lfs.attributes(path, "size"))
    assert.same({ "m.safetensors", "opened" }, folder.list())
  end)
end)
