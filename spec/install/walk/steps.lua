-- Turns the parts of a journey into steps: what a person types, and what the page shows.

local files = require "check.files"
local markdown = require "check.markdown"

local steps = {}

---@class walk.Step
---@field where string "README.md:27"
---@field command string of shell
---@field lua? string a script that the command runs, as $script
---@field printed? string what the page shows
---@field root? boolean typed as root
---@field may_fail? boolean
---@field why? string of a step that is not on the page
---@field shell? boolean starts the shell in which all later steps run

local function contains(list, value)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return #list == 0
end

-- The blocks of a page that belong to a part. A text below commands is what they print.
local function blocks_of(part)
  local chosen, before = {}, nil
  local headings = table.move(part, 2, #part, 1, {})
  for _, block in ipairs(markdown.read(files.read(part[1])).blocks) do
    local text = block.text
    if contains(headings, block.heading) and (not part.only or text:find(part.only))
      and not (part.without and text:find(part.without)) then
      chosen[#chosen + 1] = block
    end
    if block.language == "text" and not text:find "^%$ " and before and before.language == "sh"
      and before.heading == block.heading then
      before.printed = text
    end
    before = block
  end
  assert(chosen[1], part[1] .. ": no block of a part is left")
  return chosen
end

local function replaced(part, text, used)
  for _, instead in ipairs(part.instead or {}) do
    local from, to = text:find(instead[1], 1, true)
    while from do
      used[instead] = true
      text = text:sub(1, from - 1) .. instead[2] .. text:sub(to + 1)
      from, to = text:find(instead[1], from + #instead[2], true)
    end
  end
  return text
end

-- The output after a command on the page shows whether the command may fail.
local function fails(printed)
  return printed:find "error:" or printed:find "failed" or printed:find "cannot be trained"
end

local kinds = {}

function kinds.sh(add, part, block, text)
  add { command = part.first and text:match "^(.-[^\\])\n" or text, printed = block.printed,
    root = part.root }
end

function kinds.console(add, _, _, text)
  local joined = ("\n" .. text):gsub("\\\n", "\1"):gsub("\n%$ ", "\0")
  for command, printed in joined:gmatch "%z([^\n%z]*)\n?([^%z]*)" do
    add { command = command:gsub("\1", "\\\n"), printed = printed:gsub("\1", "\\\n"),
      may_fail = fails(printed) and true }
  end
end

function kinds.text(add, part, block, text)
  if text:find "^%$ " then
    kinds.console(add, part, block, text)
  end
end

-- What `print(...) -- text` says that it prints; some comments explain instead.
local function comments(part, text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do
    local printed = line:match "^ *print%(.*%) +%-%- (.*)$"
    if printed and not (part.explained and printed:find(part.explained)) then
      lines[#lines + 1] = printed:gsub("^nil, ", "nil "):gsub("^nil: .*", "nil")
    end
  end
  return lines[1] and table.concat(lines, "\n") .. "\n"
end

function kinds.lua(add, part, block, text)
  local before = block.setup and ('package.path = "tools/docs/?.lua;" .. package.path\n'
    .. 'require("check.setups").%s(_G)\n'):format(block.setup) or ""
  add { command = "lua5.4 $script", lua = before .. text, printed = comments(part, text) }
end

local function nothing() end
kinds.c, kinds.python, kinds.javascript = nothing, nothing, nothing

-- Several blocks of Lua as one script.
local function joined(blocks)
  local one = { line = blocks[1].line, language = "lua", text = "" }
  for _, block in ipairs(blocks) do
    if block.language == "lua" then
      one.text = one.text .. block.text
    end
  end
  return { one }
end

-- Commands in the sentences of a page.
local function add_inline(list, part)
  local text = part.inline and files.read(part[1])
  for _, command in ipairs(part.inline or {}) do
    assert(text:find("`" .. command .. "`", 1, true), part[1] .. " has no longer: " .. command)
    list[#list + 1] = { where = part[1], command = command }
  end
end

local function add_page(list, part)
  local blocks, used = blocks_of(part), {}
  for _, block in ipairs(part.joined and joined(blocks) or blocks) do
    local function add(step)
      step.where = ("%s:%d"):format(part[1], block.line)
      list[#list + 1] = step
    end
    kinds[block.language](add, part, block, replaced(part, block.text, used))
  end
  for _, instead in ipairs(part.instead or {}) do
    assert(used[instead], part[1] .. " has no longer: " .. instead[1])
    list.instead[#list.instead + 1] = ("%s: %s"):format(part[1], instead[3])
  end
  add_inline(list, part)
end

--- The steps of a journey; `instead` has the reasons of what is not typed as it stands.
---@param parts table[]
---@return walk.Step[]
function steps.of(parts)
  local list = { instead = {} }
  for _, part in ipairs(parts) do
    if part.shell then
      list[#list + 1] = { where = "README.md", shell = true, command = part.shell }
    elseif part.type then
      list[#list + 1] = { where = "added", command = part.type, why = part.why,
        printed = part.printed, may_fail = part.may_fail }
    else
      add_page(list, part)
    end
  end
  return list
end

return steps
