--- Public names that are documented nowhere: whatever can be reached from `require "novita"`, from
-- the objects it gives, from the emulator and from the C part; and the commands with their options.

local annotations = require "annotations"
local files = require "check.files"
local pages = require "pages"
local surface = require "check.surface"

local names = {}

-- {====== what the pages of docs/api have ======

local function note_part(book, part)
  for _, fn in ipairs((annotations.read(part.source))) do
    local place = ("%s:%d"):format(part.source, fn.line)
    if pages.is_public(part, fn) and #fn.doc.text > 0 then
      book.shown[pages.shown(part, fn)] = true
      book.places[place] = true
    elseif fn.doc.private then
      book.places[place] = true
    end
  end
end

local function documented()
  local book = { places = {}, shown = {}, classes = {} }
  for _, page in ipairs(pages) do
    for _, part in ipairs(page.parts) do
      note_part(book, part)
    end
    for _, class in ipairs(page.classes or {}) do
      local _, classes = annotations.read(class[1])
      book.classes[class[2]] = classes[class[2]]
    end
  end
  return book
end

-- }======

-- {====== what can be reached ======

local function place_of(fn)
  local info = debug.getinfo(fn, "S")
  return info.what ~= "C" and ("%s:%d"):format(info.source:sub(2), info.linedefined) or nil
end

local function check_function(book, path, fn, complain)
  local place = place_of(fn)
  if book.shown[path] or book.places[place or ""] then
    book.known[fn] = true -- the same function may have another name too
  elseif not book.known[fn] then
    complain("%s is on no page of docs/api%s", path, place and " (" .. place .. ")" or "")
  end
end

local function walk(book, path, value, complain)
  for name, field in pairs(value) do
    local inner = ("%s.%s"):format(path, name)
    if type(field) == "function" and not name:find "^__" then
      check_function(book, inner, field, complain)
    elseif type(field) == "table" and not book.seen[field] then
      book.seen[field] = true
      walk(book, inner, field, complain)
    end
  end
end

local function field_names(class)
  local set = {}
  for _, field in ipairs(class.fields) do
    set[field.name] = true
  end
  return set
end

-- An editor completes "novita." from the class: its fields must be exactly those of the module.
local function check_fields(book, novita, complain)
  local declared = field_names(book.classes.novita)
  for name in pairs(novita) do
    if not declared[name] then
      complain("novita.%s is no field of the class novita (lua/novita/init.lua)", name)
    end
    declared[name] = nil
  end
  for name in pairs(declared) do
    complain("the class novita has a field %s, novita has none", name)
  end
end

-- }======

-- {====== methods ======

-- The methods of an object, inherited ones too; metamethods are no names. Where a function looks
-- them up, they are in the metatable itself.
local function methods_of(object)
  local list, class = {}, getmetatable(object)
  while class do
    local index = class.__index
    local from = type(index) == "function" and class or index or {}
    for name, method in pairs(from) do
      if type(method) == "function" and not name:find "^__" then
        list[name] = list[name] or method
      end
    end
    class = from ~= class and getmetatable(from) or nil
  end
  return list
end

local function check_methods(book, prefix, object, complain)
  for name, method in pairs(methods_of(object)) do
    check_function(book, prefix .. ":" .. name, method, complain)
  end
end

-- The classes of C, by the names of their metatables; and what a page shows that C has not.
local function check_core(book, complain)
  local stale = {}
  for shown in pairs(book.shown) do
    for _, prefix in pairs(surface.c_classes) do
      stale[shown] = shown:find(prefix .. ":", 1, true) == 1 or stale[shown]
    end
  end
  for key, class in pairs(debug.getregistry()) do
    if type(key) == "string" and key:find "^novita%." and type(class.__index) == "table" then
      local prefix = surface.c_classes[key]
      if not prefix then
        complain("the C class %s has no declaration (lua/novita/meta.lua)", key)
      end
      for name in pairs(prefix and class.__index or {}) do
        local shown = ("%s:%s"):format(prefix, name)
        stale[shown] = nil
        if not book.shown[shown] then
          complain("%s of the C class %s has no declaration (lua/novita/meta.lua)", name, key)
        end
      end
    end
  end
  for shown in pairs(stale) do
    complain("%s is declared, and there is no such method in C", shown)
  end
end

-- The value that a page documents under the name of a module; true if it belongs to no module.
local function find(roots, shown)
  local root, value = "", true
  for _, pair in ipairs(roots) do
    if shown:find(pair[1] .. ".", 1, true) == 1 and #pair[1] > #root then
      root, value = pair[1], pair[2]
    end
  end
  for name in shown:sub(#root + 2):gmatch(value == true and "^$" or "[^.:]+") do
    value = type(value) == "table" and value[name] or nil
  end
  return value
end

local function check_stale(book, roots, complain)
  for shown in pairs(book.shown) do
    if find(roots, shown) == nil then
      complain("%s is documented but does not exist", shown)
    end
  end
end

-- }======

-- {====== the command line ======

local function check_elements(name, elements, complain)
  for _, element in ipairs(elements) do
    if (element._description or "") == "" then
      complain("novita %s: %s is not described", name, element:_get_label_lines()[1])
    end
  end
end

local function check_command(name, sub, complain)
  check_elements(name, sub._arguments, complain)
  check_elements(name, sub._options, complain)
  for _, nested in ipairs(sub._commands) do
    check_command(("%s %s"):format(name, nested._name), nested, complain)
  end
end

local function check_commands(complain)
  local parser = require "novita.cli.parser"
  local grammar, page = parser.new(parser.names), files.read "docs/cli.md"
  for i, name in ipairs(parser.names) do
    check_command(name, grammar._commands[i], complain)
    if not page:find("`" .. name .. "`", 1, true) then
      complain("the command %s is not in docs/cli.md", name)
    end
  end
end

local function check_options(source, class, page, complain)
  local _, classes = annotations.read(source)
  local text = files.read(page)
  for _, field in ipairs(classes[class].fields) do
    if not text:find("`" .. field.name .. "`", 1, true) then
      complain("%s does not name the option %s of %s", page, field.name, class)
    end
  end
end

-- }======

---@param complain fun(text: string, ...)
---@return string summary
function names.check(complain)
  local book = documented()
  book.seen, book.known = {}, {}
  local roots = surface.roots()
  for _, root in ipairs(roots) do
    book.seen[root[2]] = true
  end
  for _, root in ipairs(roots) do
    walk(book, root[1], root[2], complain)
  end
  check_fields(book, roots[1][2], complain)
  local count = 0
  surface.each_object(function(prefix, object)
    count = count + 1
    check_methods(book, prefix, object, complain)
  end)
  check_core(book, complain)
  check_stale(book, roots, complain)
  check_commands(complain)
  check_options("lua/novita/emulator/options.lua", "novita.emulator.Options", "docs/emulator.md",
    complain)
  local shown = 0
  for _ in pairs(book.shown) do
    shown = shown + 1
  end
  return ("%d functions on the pages, %d kinds of objects"):format(shown, count)
end

return names
