-- Writes docs/api/<resource>.md from the annotations in the sources: one page per resource.
--   lua5.4 docs/functions.lua          writes
--   lua5.4 docs/functions.lua --check  exit status 1 when a page is not up to date
-- Exit status 1 in both cases when a public function has no sentence, or a parameter or result
-- that is not annotated, or a field of a definition has no type or no sentence.

package.path = "lua/?.lua;lua/?/init.lua;" .. package.path

local resources = {
  { "client", "The client", "lua/novita/client.lua", "client" },
  { "assets", "Assets: uploaded photos", "lua/novita/api/assets.lua", "client.assets" },
  { "training", "Trainings", "lua/novita/api/training.lua", "client.training",
    rules = { "novita.api.fields.training_filter" } },
  { "images", "Image generation", "lua/novita/api/images.lua", "client.images" },
  { "models", "Models", "lua/novita/api/models.lua", "client.models",
    rules = { "novita.api.fields.model_filter" } },
  { "listed_model", "A model of the list", "lua/novita/api/listed_model.lua", "model" },
  { "account", "The account", "lua/novita/api/account.lua", "client.account" },
  { "listing", "Lists", "lua/novita/api/listing.lua", "list" },
  { "task", "Tasks", "lua/novita/task.lua", "task" },
  { "shot", "Pictures", "lua/novita/shot.lua", "shot" },
  { "webhook", "Webhooks", "lua/novita/webhook.lua", "novita.webhook" },
}

-- Definitions of requests: docs/training.md shows them; here only their completeness is checked.
local definitions = { "subject_training", "style_training", "txt2img", "img2img",
  "generation_extra", "training_filter", "model_filter" }

local problems = {}

local function complain(text, ...)
  problems[#problems + 1] = text:format(...)
end

local function read_file(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

-- {====== functions ======

-- Each public function of a source with the comment lines above it.
local function functions_of(source)
  local found, comment = {}, {}
  for line in (source .. "\n"):gmatch "(.-)\n" do
    local text = line:match "^%-%-%-? ?(.*)$"
    if text then
      comment[#comment + 1] = text
    else
      local owner, mark, name, arguments = line:match "^function ([%w_]+)([:.])([%l][%w_]*)%((.-)%)"
      if owner then
        found[#found + 1] = { mark = mark, name = name, arguments = arguments, comment = comment }
      end
      comment = {}
    end
  end
  return found
end

-- Sentences, parameters and results of a comment; a line that begins with a blank goes on.
local function sort_out(comment)
  local doc = { text = {}, params = {}, results = {}, named = {}, extra = {} }
  local into = doc.text
  for _, line in ipairs(comment) do
    local tag, rest = line:match "^@(%w+) ?(.*)$"
    if tag == "param" then
      into = doc.params
      into[#into + 1] = rest
      doc.named[rest:match "^[%w_]+" or ""] = true
    elseif tag == "return" then
      into = doc.results
      into[#into + 1] = rest
    elseif tag then
      into = doc.extra
    elseif into == doc.text then
      into[#into + 1] = line
    elseif #into > 0 then
      into[#into] = into[#into] .. " " .. line:gsub("^%s+", "")
    end
  end
  return doc
end

-- Methods that only the library itself calls.
local internal = { warn = true, set_stage = true, news = true, finish = true, fail = true,
  watch = true, ended = true, new = true, read = true, add_waiter = true }

local function check_function(path, fn, doc)
  if #doc.text == 0 then
    complain("%s: %s has no sentence", path, fn.name)
  end
  for name in fn.arguments:gmatch "[%w_]+" do
    if not doc.named[name] then
      complain("%s: the parameter %s of %s is not annotated", path, name, fn.name)
    end
  end
end

local function add_function(add, prefix, fn, doc)
  add("## `%s%s%s(%s)`", prefix, fn.mark, fn.name, fn.arguments)
  add ""
  add("%s", table.concat(doc.text, "\n"))
  add ""
  for _, param in ipairs(doc.params) do
    add("- `%s`", param)
  end
  for _, result in ipairs(doc.results) do
    add("- gives `%s`", result)
  end
  add ""
end

-- }======

-- {====== fields ======

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

local function page_of(resource)
  local lines = {}
  local function add(text, ...)
    lines[#lines + 1] = select("#", ...) > 0 and text:format(...) or text
  end
  add("# %s", resource[2])
  add ""
  add("Made by `lua5.4 docs/functions.lua` from `%s`.", resource[3])
  add ""
  for _, fn in ipairs(functions_of(read_file(resource[3]))) do
    if not internal[fn.name] then
      local doc = sort_out(fn.comment)
      check_function(resource[3], fn, doc)
      add_function(add, resource[4], fn, doc)
    end
  end
  for _, name in ipairs(resource.rules or {}) do
    add_fields(add, require(name))
  end
  return table.concat(lines, "\n")
end

local check, stale = arg[1] == "--check", false
for _, resource in ipairs(resources) do
  local path = ("docs/api/%s.md"):format(resource[1])
  local page = page_of(resource)
  if check then
    local file = io.open(path)
    if not file or file:read "a" ~= page then
      io.stderr:write(path, " is not up to date: run lua5.4 docs/functions.lua\n")
      stale = true
    end
    if file then file:close() end
  else
    local file <close> = assert(io.open(path, "w"))
    file:write(page)
  end
end
for _, name in ipairs(definitions) do
  check_fields(name, require("novita.api.fields." .. name), "")
end
for _, problem in ipairs(problems) do
  io.stderr:write("undocumented: ", problem, "\n")
end
os.exit(#problems == 0 and not stale)
