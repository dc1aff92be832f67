-- Writes docs/api/<page>.md from the annotations in the sources: the whole public surface.
--   lua5.4 tools/docs/functions.lua          writes
--   lua5.4 tools/docs/functions.lua --check  exit status 1 when a page is not up to date
-- Exit status 1 in both cases when a public function has no sentence, or a parameter that is not
-- annotated, or a field has no type. That no function is missing here is what docs/check finds.

package.path = "tools/docs/?.lua;lua/?.lua;lua/?/init.lua;" .. package.path

local annotations = require "annotations"
local pages = require "pages"

-- Definitions of requests: docs/training.md shows them; here only their completeness is checked.
local definitions = { "subject_training", "style_training", "txt2img", "img2img",
  "generation_extra", "training_filter", "model_filter" }

local problems = {}

local function complain(text, ...)
  problems[#problems + 1] = text:format(...)
end

-- {====== functions ======

local function check_function(part, fn)
  if #fn.doc.text == 0 then
    complain("%s: %s has no sentence", part.source, fn.name)
  end
  for name in (fn.arguments or ""):gmatch "[%w_.]+" do
    if not fn.doc.named[name] then
      complain("%s: the parameter %s of %s is not annotated", part.source, name, fn.name)
    end
  end
end

local function arguments_of(fn)
  if fn.arguments then
    return fn.arguments
  end
  local names = {}
  for _, param in ipairs(fn.doc.params) do
    names[#names + 1] = param:match "^[%w_.]+"
  end
  return table.concat(names, ", ")
end

local function add_function(add, part, fn)
  add("## `%s(%s)`", pages.shown(part, fn), arguments_of(fn))
  add ""
  add("%s", table.concat(fn.doc.text, "\n"))
  add ""
  for _, param in ipairs(fn.doc.params) do
    add("- `%s`", param)
  end
  for _, result in ipairs(fn.doc.results) do
    add("- gives `%s`", result)
  end
  add ""
end

local function add_part(add, part)
  local functions = annotations.read(part.source)
  for _, fn in ipairs(functions) do
    if pages.is_public(part, fn) then
      check_function(part, fn)
      add_function(add, part, fn)
    end
  end
end

-- }======

-- {====== fields ======

local function cell(text)
  return (text:gsub("|", "\\|"))
end

local function add_class(add, source, name)
  local _, classes = annotations.read(source)
  local class = classes[name]
  if not class then
    return complain("%s has no class %s", source, name)
  end
  add("## %s", name)
  add ""
  if class.text ~= "" then
    add("%s", class.text)
    add ""
  end
  if class.parents ~= "" then
    add("With the fields of %s, and:", class.parents)
    add ""
  end
  add "| field | type | meaning |"
  add "| --- | --- | --- |"
  for _, field in ipairs(class.fields) do
    local optional = field.optional and "?" or ""
    add("| `%s%s` | `%s` | %s |", field.name, optional, cell(field.type), cell(field.doc))
  end
  add ""
end

local function check_fields(name, rule, prefix)
  for _, field in ipairs(rule.fields or {}) do
    local path = prefix .. field.name
    if not field.type or not field.doc then
      complain("%s: the field %s has no type or no sentence", name, path)
    end
    check_fields(name, field.type == "object" and field or field.items or {}, path .. ".")
  end
end

local function add_fields(add, rule)
  add("## %s", rule.noun)
  add ""
  add("API page: \"%s\".", rule.page)
  add ""
  add "| field | type | meaning |"
  add "| --- | --- | --- |"
  for _, field in ipairs(rule.fields) do
    add("| `%s` | %s | %s |", field.name, field.type, field.doc)
  end
  add ""
end

-- }======

local function sources_of(page)
  local names, seen = {}, {}
  local function note(source)
    if not seen[source] then
      seen[source] = true
      names[#names + 1] = ("`%s`"):format(source)
    end
  end
  for _, part in ipairs(page.parts) do
    note(part.source)
  end
  for _, class in ipairs(page.classes or {}) do
    note(class[1])
  end
  return table.concat(names, ", ")
end

local function text_of(page)
  local lines = {}
  local function add(text, ...)
    lines[#lines + 1] = select("#", ...) > 0 and text:format(...) or text
  end
  add("# %s", page.title)
  add ""
  add("Made by `lua5.4 tools/docs/functions.lua` from %s.", sources_of(page))
  add ""
  for _, part in ipairs(page.parts) do
    add_part(add, part)
  end
  for _, class in ipairs(page.classes or {}) do
    add_class(add, class[1], class[2])
  end
  for _, name in ipairs(page.rules or {}) do
    add_fields(add, require(name))
  end
  return table.concat(lines, "\n")
end

local function index()
  local lines = { "# Every call", "", "Made by `lua5.4 tools/docs/functions.lua`.", "" }
  for _, page in ipairs(pages) do
    lines[#lines + 1] = ("- [%s](%s.md)"):format(page.title, page.name)
  end
  return table.concat(lines, "\n") .. "\n"
end

-- {====== files ======

local check, stale = arg[1] == "--check", false

local function settle(path, text)
  local file = io.open(path)
  local old = file and file:read "a"
  if file then file:close() end
  if old == text then
    return
  elseif check then
    io.stderr:write(path, " is not up to date: run lua5.4 tools/docs/functions.lua\n")
    stale = true
    return
  end
  local new <close> = assert(io.open(path, "w"))
  new:write(text)
end

for _, page in ipairs(pages) do
  settle(("docs/api/%s.md"):format(page.name), text_of(page))
end
settle("docs/api/README.md", index())
for _, name in ipairs(definitions) do
  check_fields(name, require("novita.fields." .. name), "")
end
for _, problem in ipairs(problems) do
  io.stderr:write("undocumented: ", problem, "\n")
end
os.exit(#problems == 0 and not stale)

-- }======
