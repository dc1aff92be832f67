-- Requiring novita loads no C, opens nothing and starts nothing, yet it has all its fields.

local interpreter = require "support.interpreter"
local lfs = require "lfs"

-- Runs `code` in a separate process and returns its output.
local function run(code)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(code)
  file:close()
  local pipe = assert(io.popen(interpreter .. " " .. path .. " 2>&1"))
  local printed = pipe:read "a"
  pipe:close()
  os.remove(path)
  return printed
end

-- Lists the process's open files, loaded libraries and threads, to be compared before and after.
local look = [[
local lfs = require "lfs"
local function names(folder)
  local list = {}
  for name in lfs.dir(folder) do list[#list + 1] = name end
  table.sort(list)
  return table.concat(list, " ")
end
local function libraries()
  local file <close> = assert(io.open "/proc/self/maps")
  local list, seen = {}, {}
  for line in file:lines() do
    local name = line:match "/([^/]+%.so[%d.]*)$"
    if name and not seen[name] then
      seen[name], list[#list + 1] = true, name
    end
  end
  return table.concat(list, " ")
end
local function look()
  return names "/proc/self/fd" .. "\n" .. names "/proc/self/task" .. "\n" .. libraries()
end
local before = look()
]]

describe("requiring novita", function()
  if not lfs.attributes "/proc/self/maps" then
    pending("is only visible from outside with /proc", function() end)
    return
  end

  it("opens no socket, starts no thread and loads no library", function()
    assert.equal("the same", run(look .. [[
      require "novita"
      local after = look()
      io.write(before == after and "the same" or after)
    ]]))
  end)

  it("is detected by that comparison when it does", function()
    local printed = run(look .. [[
      require("novita").client { api_key = "none" }
      io.write(look())
    ]])
    assert.matches("libcurl", printed)
  end)

  it("loads a module on first use", function()
    assert.equal("nil function function true", run [[
      local novita = require "novita"
      io.write(tostring(package.loaded["novita.core"]), " ", type(novita.client), " ",
        type(novita.as_completed), " ", tostring(package.loaded["novita.core"] ~= nil))
    ]])
  end)
end)

describe("opening a client", function()
  it("loads what waiting needs, and the rest on first use", function()
    assert.equal("nil nil table same table", run [[
      local novita = require "novita"
      local client = novita.client { api_key = "none" }
      client:attach { task_id = "some-id", task_type = "subject" }:cancel()
      local train = package.loaded["novita.client.train"]
      io.write(type(train), " ", type(rawget(client, "models")), " ")
      local models = client.models
      io.write(type(models), " ", models == client.models and "same" or "another", " ")
      io.write(type(client.assets))
    ]])
  end)

  it("has nil for unknown fields, but for a slip", function()
    local client <close> = require("novita").client { api_key = "none" }
    assert.is_false((pcall(function() return client.modles end)))
    assert.is_nil(client.cache)
    assert.is_nil(client[1])
  end)
end)

describe("novita's fields", function()
  it("are complete for pairs()", function()
    local novita, count = require "novita", 0
    for name, value in pairs(novita) do
      assert.is_true(value ~= nil and rawget(novita, name) == value)
      count = count + 1
    end
    assert.is_true(count >= 9)
  end)

  it("are nil for unknown names", function()
    local novita = require "novita"
    assert.is_nil(novita.clinet)
    assert.is_nil(novita[1])
  end)
end)
