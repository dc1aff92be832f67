-- Each rock names what its modules require, so that a program that embeds the library installs
-- neither the command line's parser nor SQLite.

local lfs = require "lfs"

-- The rock of a module that other projects bring; a driver of a loop has the loop already.
local OTHERS <const> = { cjson = "lua-cjson", lfs = "luafilesystem", argparse = "argparse" }

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local function rockspecs()
  local list = {}
  for name in lfs.dir "rockspec" do
    if name:find "%-scm%-1%.rockspec$" then
      local one = {}
      assert(load(read("rockspec/" .. name), name, "t", one))()
      list[one.package] = one
    end
  end
  return list
end

-- The rocks that come with a rock, and itself.
local function with_dependencies(list, rock, found)
  found = found or {}
  found[rock] = true
  for _, dependency in ipairs(list[rock] and list[rock].dependencies or {}) do
    local name = dependency:match "^%S+"
    if not found[name] then
      with_dependencies(list, name, found)
    end
  end
  return found
end

local function owners_of(list)
  local owners = {}
  for rock, one in pairs(list) do
    for module in pairs(one.build.modules) do
      assert.is_nil(owners[module], module)
      owners[module] = rock
    end
  end
  return setmetatable(owners, { __index = OTHERS })
end

-- The modules without which a file does not work; `pcall(require, name)` does not count.
local function required(path)
  local names = {}
  for name in read(path):gmatch '%f[%w_.]require%s*%(?%s*"([%w_.]*[%w_])"' do
    names[#names + 1] = name
  end
  return names
end

describe("a rock", function()
  local list = rockspecs()
  local owners = owners_of(list)

  for rock, one in pairs(list) do
    it("named " .. rock .. " depends on what its modules require", function()
      local has = with_dependencies(list, rock)
      for module, path in pairs(one.build.modules) do
        local is_lua = type(path) == "string" and path:find "%.lua$"
        for _, name in ipairs(is_lua and required(path) or {}) do
          local owner = owners[(name:gsub("%.init$", ""))]
          assert(has[owner] or not owner and module:find "^novita%.loop%.",
            ("%s requires %s of %s"):format(module, name, owner))
        end
      end
    end)
  end

  it("for programs that embed the library needs no parser of arguments and no SQLite", function()
    assert.same({ ["novita-core"] = true, lua = true, ["lua-cjson"] = true, luafilesystem = true },
      with_dependencies(list, "novita-core"))
    local has = with_dependencies(list, "novita")
    assert.same({ true, true, true }, { has["novita-core"], has["novita-sqlite"], has.argparse })
  end)
end)
