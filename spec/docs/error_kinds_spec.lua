--- The kinds of errors: what the docs list, what the annotations list and what the code makes are
-- the same words.

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local function files(folder, pattern)
  local pipe = assert(io.popen("find " .. folder .. " -name '" .. pattern .. "'"))
  local found = {}
  for path in pipe:lines() do found[#found + 1] = path end
  pipe:close()
  return found
end

local function words(text, pattern)
  local set = {}
  for word in text:gmatch(pattern) do set[word] = true end
  return set
end

local function documented()
  local row = read("docs/errors.md"):match "| `kind` | ([^\n]*)"
  return words(row:gsub("%b()", ""), "`(%l+)`")
end

local function annotated()
  return words(read("lua/novita/base/error.lua"):match "%-%-%-@field kind ([^\n]*)", '"(%l+)"')
end

-- Wherever an error object is made: `kind = "x"` beside errors.new, and the names of the C part.
-- The errors of the emulator and of a server do not reach a script.
local function made()
  local set = words(read("csrc/base/error.c"):match "names%[%] = (%b{})", '"(%l+)"')
  set.ok = nil
  for _, path in ipairs(files("lua/novita", "*.lua")) do
    if not path:find("/emulator/", 1, true) and not path:find("/server/", 1, true) then
      for fields in read(path):gmatch "errors?%.new%s*(%b{})" do
        for kind in fields:gmatch 'kind = "(%l+)"' do set[kind] = true end
      end
    end
  end
  return set
end

describe("the kinds of errors", function()
  it("are documented, all of them and no others", function()
    assert.same(made(), documented())
  end)

  it("are annotated, all of them and no others", function()
    assert.same(made(), annotated())
  end)
end)
