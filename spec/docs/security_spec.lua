--- docs/security.md names a test for each threat: they are there.

local here = debug.getinfo(1, "S").source:match "^@(.*)spec/docs/security_spec%.lua$"

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

-- Every `spec/x_spec.lua` "name of a test" of a text.
local function named(text)
  local list = {}
  for path, name in text:gmatch '`(spec/[%w_/]+_spec%.lua)`%s+"([^"]+)"' do
    list[#list + 1] = { path = path, name = name:gsub("%s*\n%s*", " ") }
  end
  return list
end

-- A test or a group whose name begins so, or is made with it.
local function has_test(source, name)
  for _, before in ipairs { 'it("', 'it(("', 'describe("', '.. "' } do
    if source:find(before .. name, 1, true) then return true end
  end
  return false
end

describe("docs/security.md", function()
  local text = read(here .. "docs/security.md")

  it("names tests that exist", function()
    local list, missing = named(text), {}
    for _, entry in ipairs(list) do
      if not has_test(read(here .. entry.path), entry.name) then
        missing[#missing + 1] = entry.path .. ": " .. entry.name
      end
    end
    assert.same({}, missing)
    assert.is_true(#list >= 40)
  end)

  it("has a test in every row", function()
    local rows = 0
    for line in text:gmatch "[^\n]+" do
      if line:find "^| " and not line:find "^| %-%-%-" and not line:find "^| threat" then
        rows = rows + 1
        assert(#named(line) > 0, line)
      end
    end
    assert.is_true(rows >= 25)
  end)
end)
