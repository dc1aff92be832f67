-- Each path in the workflow of GitHub must exist: nothing else runs the workflow here.

local lfs = require "lfs"

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

-- Every path of the workflow that is a file of ours, and the checks of spec/install.
local function paths_of(text)
  local paths = {}
  for path in text:gmatch "%f[%w/]spec/[%w_/]+%.lua" do
    paths[path] = true
  end
  for path in text:gmatch "%f[%w]examples/[%w_/]+%.lua" do
    paths[path] = true
  end
  for rock in text:gmatch "%f[%w]novita[%l-]*%-scm%-1%.rockspec" do
    paths["rockspec/" .. rock] = true
  end
  for check in text:match("check: %[(.-)%]"):gmatch "[^,]+" do
    paths["spec/install/" .. check:match "[%w_]+"] = true
  end
  return paths
end

describe("the workflow", function()
  local text = read ".github/workflows/ci.yml"

  it("names specs, rockspecs and checks that exist", function()
    local paths, missing = paths_of(text), {}
    for path in pairs(paths) do
      if not lfs.attributes(path, "mode") then
        missing[#missing + 1] = path
      end
    end
    assert.same({}, missing)
    assert.is_true(paths["spec/install/released"] and paths["spec/json/json_spec.lua"])
    assert.is_true(paths["rockspec/novita-core-scm-1.rockspec"])
  end)

  it("walks every journey", function()
    package.path = "spec/install/?.lua;" .. package.path
    for name in pairs(require "walk.journeys") do
      assert.is_truthy(text:find("journeys " .. name, 1, true), name)
    end
  end)
end)
