--- Splits the text of a source file into its code and its prose (comments, strings, paragraphs),
-- for tools/words.lua. Both results are as long as the text, and what belongs to the other one is
-- blank, so that a position means the same place in all three.
local LANGUAGES <const> = {
  c = "c", h = "c", cjs = "c", lua = "lua", md = "markdown", ["1"] = "manual",
}

local function blank(text)
  return (text:gsub("[^\n]", " "))
end

-- A word with "_" inside prose is a name, and a string that is one word may be a key.
local function names_in(prose)
  local names = prose:gsub("[%w_]+", function(word)
    return word:find("_", 2, true) and word or blank(word)
  end)
  return (names:gsub("[^%w_\n]", " "))
end

local function is_key(text)
  return text:find "^[\"'][%w_.]+[\"']$" ~= nil
end

local function string_end(text, from)
  local quote, at = text:sub(from, from), from + 1
  while at <= #text do
    local char = text:sub(at, at)
    if char == quote or char == "\n" then return at end
    at = at + (char == "\\" and 2 or 1)
  end
  return #text
end

local function lua_long_end(text, from)
  local level = text:match("^%[(=*)%[", from)
  if not level then return nil end
  local _, last = text:find("]" .. level .. "]", from, true)
  return last or #text
end

local function line_end(text, from)
  return (text:find("\n", from, true) or #text + 1) - 1
end

-- A scanner returns where prose that starts at a position ends. If none starts there it returns
-- nil, and the last character to skip.
local scanners = {}

function scanners.c(text, at)
  local two = text:sub(at, at + 1)
  if two == "//" then return line_end(text, at) end
  if two == "/*" then return select(2, text:find("*/", at + 2, true)) or #text end
  if two:sub(1, 1) == '"' then return string_end(text, at) end
  if two:sub(1, 1) == "'" then return nil, string_end(text, at) end
end

function scanners.lua(text, at)
  if text:sub(at, at + 1) == "--" then
    return lua_long_end(text, at + 2) or line_end(text, at)
  end
  if text:find("^[\"']", at) then return string_end(text, at) end
  return lua_long_end(text, at)
end

function scanners.shell(text, at)
  if text:sub(at, at) == "#" then return line_end(text, at) end
  if text:sub(at, at) == '"' then return nil, at end
end

local STARTS <const> = { c = "[/\"']", lua = "[-\"'%[]", shell = "#" }

local function split_program(text, language)
  local code, prose, at = {}, {}, 1
  local function put(from, to, is_prose)
    local part = text:sub(from, to)
    local named = part:match "^%-%-%-@%w+ %S+ ?%S*" or is_key(part) and part or ""
    local as_code = named .. names_in(part:sub(#named + 1))
    code[#code + 1] = is_prose and as_code or part
    prose[#prose + 1] = is_prose and part or blank(part)
  end
  while at <= #text do
    local start = text:find(STARTS[language], at)
    if not start then break end
    local last, skipped = scanners[language](text, start)
    if last then
      put(at, start - 1, false)
      put(start, last, true)
    else
      last = skipped or start
      put(at, last, false)
    end
    at = last + 1
  end
  put(at, #text, false)
  return table.concat(code), table.concat(prose)
end

-- Fenced blocks and `inline code` are code, everything else is prose.
local function split_markdown(text)
  local code, prose, fenced = {}, {}, false
  for line in text:gmatch "([^\n]*)\n?" do
    local fence = line:find "^%s*```"
    if fence then fenced = not fenced end
    if fence or fenced then
      code[#code + 1], prose[#prose + 1] = line, blank(line)
    else
      local plain = line:gsub("`[^`]*`", blank)
      local names = names_in(plain)
      for from, inline in line:gmatch "()(`[^`]*`)" do
        names = names:sub(1, from - 1) .. inline .. names:sub(from + #inline)
      end
      code[#code + 1], prose[#prose + 1] = names, plain
    end
  end
  return table.concat(code, "\n"), table.concat(prose, "\n")
end

local function split(text, path)
  local language = LANGUAGES[path:match "%.([^./]+)$" or ""]
  if not language and text:find "^#![^\n]*lua" then language = "lua" end
  if language == "markdown" then return split_markdown(text) end
  if language == "manual" then return names_in(text), text end
  return split_program(text, language or "shell")
end

return split
