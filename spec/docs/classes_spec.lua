-- The annotations that editors complete from: lua/novita/fields/meta.lua is generated, and every
-- type that an annotation names is declared.

local BUILTIN <const> = {}
for name in ("any boolean false file* fun function integer lightuserdata nil number self string "
  .. "table thread true userdata"):gmatch "%S+" do
  BUILTIN[name] = true
end

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

local function lua_files()
  local pipe <close> = assert(io.popen "find lua -name '*.lua' | sort")
  local list = {}
  for path in pipe:lines() do
    list[#list + 1] = path
  end
  return list
end

local files = lua_files()
local meta = read "lua/novita/fields/meta.lua"

-- The type at the start of a text: a blank ends it outside of brackets, but not after ":,|".
local function type_at(text)
  local depth = 0
  for at = 1, #text do
    local char = text:sub(at, at)
    depth = depth + (char:find "[%({<%[]" and 1 or char:find "[%)}>%]]" and -1 or 0)
    if char == " " and depth == 0 and not text:sub(1, at - 1):find "[:,|]$" then
      return text:sub(1, at - 1)
    end
  end
  return text
end

-- The names in a type that are types, without strings, numbers, names of fields and of parameters.
local function names_in(written)
  local names = {}
  local text = written:gsub('"[^"]*"', " "):gsub("'[^']*'", " "):gsub("[%w_]+%??:%s", " ")
  for name in text:gmatch "[%a_][%w_.%*]*" do
    names[#names + 1] = name
  end
  return names
end

local function declared()
  local set = {}
  for _, path in ipairs(files) do
    for name in read(path):gmatch "\n%-%-%-@%l+ (novita[%w_.]*)" do
      set[name] = true
    end
  end
  return set
end

-- The text of a @field, @param, @return or @type after what it names.
local function written_type(line)
  local tag, rest = line:match "^%-%-%-@(%l+) (.*)$"
  if tag == "field" or tag == "param" then
    rest = rest:gsub("^package ", ""):match "^%S+ (.*)$"
    return rest
  end
  return (tag == "return" or tag == "type") and rest or nil
end

describe("annotations", function()
  it("are generated from the definitions, and up to date", function()
    assert.is_true(os.execute "lua5.4 tools/docs/classes.lua --check")
  end)

  it("name only types that are declared", function()
    local known, unknown = declared(), {}
    for _, path in ipairs(files) do
      for line in read(path):gmatch "[^\n]+" do
        local text = written_type(line)
        for _, name in ipairs(text and names_in(type_at(text)) or {}) do
          if name:find "^novita" and not known[name] then
            unknown[#unknown + 1] = ("%s: %s"):format(path, name)
          end
        end
      end
    end
    assert.same({}, unknown)
  end)

  it("of params use only types of Lua and of novita", function()
    for line in meta:gmatch "[^\n]+" do
      local text = written_type(line)
      for _, name in ipairs(text and names_in(text) or {}) do
        assert.is_true(BUILTIN[name] or name:find "^novita%." ~= nil, line)
      end
      assert.truthy(line:find "^%-%-%- " or line:find "^%-%-%-@meta [%l.]+$"
        or line:find "^%-%-%-@class novita%.[%w.]+$" or line:find "^%-%-%-@field [%l%d_]+%?? %S+$"
        or line:find "^%-%-%-@field [%l%d_]+%?? string|{ path: string }|{ bytes: string }$"
        or line:find "^%-%-%-@field [%l%d_]+%?? .*table<string, string>|string%[%]$"
        or line:find "^%-%-%-@field [%l%d_]+%?? table<string, novita%.%a+>|string$"
        or line:find "^%-%-%-@alias novita%.[%w.|]+" or line:find '^%-%-%-| "[^"]+"$'
        or line == "---| string", line)
    end
  end)

  local function class(name)
    local fields = {}
    local pattern = "%-%-%-@class " .. name:gsub("%.", "%%.") .. "\n(.-)\n\n"
    local block = assert(meta:match(pattern), name)
    for field, written in block:gmatch "@field ([%w_]+%??) ([^\n]+)" do
      fields[field] = written
    end
    return fields, block
  end

  it("have each param with its type, range, unit and default", function()
    local subject, text = class "novita.SubjectParams"
    assert.equal('"subject"', subject.task_type)
    assert.equal("string", subject.name)
    assert.equal("novita.BaseModel", subject.base_model)
    assert.equal('integer|"auto"', subject["max_train_steps?"])
    assert.equal("novita.PrepareOptions|false", subject["prepare?"])
    assert.truthy(text:find "Images per training step. Allowed: 1 to 4 images.")
    local generation
    generation, text = class "novita.Txt2imgParams"
    assert.equal("novita.Lora[]", generation["loras?"])
    assert.equal('"png"|"webp"|"jpeg"', generation["response_image_type?"])
    assert.truthy(text:find "Allowed: 128 to 2048 pixels. Default: 512.")
    assert.equal("string|novita.Model", class("novita.Lora").model_name)
    assert.equal("string", class("novita.body.Lora").model_name)
    assert.equal("number", class("novita.body.Lora").strength)
    assert.truthy(meta:find 'API page: "LoRA for Subject Training".\n%-%-%-@class')
  end)
end)
