--- Reads the annotations of a Lua source: its functions with the comments above them, and its
-- classes with their fields. What `---@package` or `---@private` is for is in `private`.

local annotations = {}

local function read_file(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

-- {====== comments ======

--- Sentences, parameters and results of a comment; a line that begins with a blank continues.
---@param comment string[]
local function sort_out(comment)
  local doc = { text = {}, params = {}, results = {}, named = {} }
  local into = doc.text
  for _, line in ipairs(comment) do
    local tag, rest = line:match "^@(%w+) ?(.*)$"
    if tag == "param" then
      into = doc.params
      into[#into + 1] = rest
      doc.named[rest:match "^[%w_.]+" or ""] = true
    elseif tag == "return" then
      into = doc.results
      into[#into + 1] = rest
    elseif tag then
      into = {}
      doc.private = doc.private or tag == "package" or tag == "private"
    elseif into == doc.text then
      into[#into + 1] = line
    elseif #into > 0 then
      into[#into] = into[#into] .. " " .. line:gsub("^%s+", "")
    end
  end
  return doc
end

-- }======

-- {====== classes ======

-- Where a type ends that begins at `from`: at a blank outside of brackets that is not part of it.
local function end_of_type(text, from)
  local depth = 0
  for at = from, #text do
    local char = text:sub(at, at)
    if char:find "[%({<%[]" then
      depth = depth + 1
    elseif char:find "[%)}>%]]" then
      depth = depth - 1
    elseif char == " " and depth == 0 and not text:sub(from, at - 1):find "[:,|]$" then
      return at - 1
    end
  end
  return #text
end

-- Nil for a field that is not public, such as `---@field package speed number`.
local function read_field(text)
  if text:find "^package " or text:find "^private " then
    return nil
  end
  local name, optional, from = text:match "^([%w_%[%]]+)(%??) ()"
  if not name then
    return nil
  end
  local last = end_of_type(text, from)
  return { name = name, optional = optional == "?", type = text:sub(from, last),
    doc = (text:sub(last + 1):gsub("^%s+", "")) }
end

local function add_class(classes, header, lines, from)
  local name, parents, text = header:match "^([%w_.]+):? ?([%w_., ]*)(.*)$"
  if not header:find "^[%w_.]+:" then
    parents, text = "", header:match "^[%w_.]+ ?(.*)$"
  end
  local class = { name = name, parents = parents, text = text, fields = {} }
  local texts = {}
  for i = from, #lines do
    local tag, rest = lines[i]:match "^@(%w+) ?(.*)$"
    if tag == "field" then
      texts[#texts + 1] = rest
    elseif not tag and #texts > 0 then
      texts[#texts] = texts[#texts] .. " " .. lines[i]:gsub("^%s+", "")
    elseif tag == "class" then
      break
    end
  end
  for _, field in ipairs(texts) do
    class.fields[#class.fields + 1] = read_field(field)
  end
  classes[name] = class
end

local function add_classes(classes, comment)
  for i, line in ipairs(comment) do
    local header = line:match "^@class (.*)$"
    if header then
      add_class(classes, header, comment, i + 1)
    end
  end
end

-- }======

-- {====== sources ======

local shapes = {
  "^function ([%w_]+)([:.])([%w_]+)%((.-)%)",
  "^local function ()()([%w_]+)%((.-)%)",
  "^([%w_]+)(%.)([%w_]+) = [%w_.]+$", -- the same function under another name, or one of C
}

local function function_at(line)
  for _, shape in ipairs(shapes) do
    local owner, mark, name, arguments = line:match(shape)
    if owner then
      return owner, mark, name, arguments
    end
  end
end

---@class docs.Function
---@field owner string|integer the table that it is defined in; no string where it is local
---@field mark string|integer
---@field name string
---@field arguments? string nil where it is only assigned
---@field line integer
---@field doc table text, params, results, named, private

---@param path string
---@return docs.Function[] functions in their order, those without a comment too
---@return table<string, table> classes by name
function annotations.read(path)
  local functions, classes, comment, number = {}, {}, {}, 0
  for line in (read_file(path) .. "\n"):gmatch "(.-)\n" do
    number = number + 1
    local text = line:match "^%-%-%-? ?(.*)$"
    if text then
      comment[#comment + 1] = text
    else
      local owner, mark, name, arguments = function_at(line)
      if owner and (arguments or #comment > 0) then
        functions[#functions + 1] = { owner = owner, mark = mark, name = name, line = number,
          arguments = arguments, doc = sort_out(comment) }
      end
      add_classes(classes, comment)
      comment = {}
    end
  end
  return functions, classes
end

-- }======

return annotations
