--- examples/train_many.lua held its client and not its emulator, which the collector then ended:
--- every upload was refused. examples/loop_cqueues.lua had a traceback for a key that is missing.

local helper = require "support.emulator"
local interpreter = require "support.interpreter"

local function run(arguments)
  local command = ("NOVITA_API_KEY= LUA_PATH='%s' LUA_CPATH='%s' timeout 60 %s examples/%s 2>&1")
    :format(package.path, package.cpath, interpreter, arguments)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  return pipe:close(), text
end

--- A folder that holds a folder with one photo for each name.
local function people_of(names)
  local people = os.tmpname()
  os.remove(people)
  for number, name in ipairs(names) do
    os.execute(("mkdir -p %s/%s"):format(people, name))
    local file <close> = assert(io.open(("%s/%s/a.png"):format(people, name), "wb"))
    file:write(helper.photo(number))
  end
  return people
end

describe("an example", function()
  it("trains a model for each folder", function()
    local people = people_of { "anna", "ben" }
    local good, text = run("train_many.lua " .. people)
    os.execute("rm -r " .. people)
    assert.is_true(good, text)
    assert.matches("serving: anna model_", text, 1, true)
    assert.matches("serving: ben model_", text, 1, true)
  end)

  it("says in one line that there is no key", function()
    if not pcall(require, "cqueues") then return pending "cqueues is not installed" end
    local good, text = run "loop_cqueues.lua --live"
    assert.is_nil(good)
    assert.matches("no API key", text, 1, true)
    assert.not_matches("traceback", text, 1, true)
  end)
end)
