--- Makes docs/faults.md: every trouble of a network at every call of the client, and what came of
--- it. Takes some minutes, for it waits as long for a silent storage as the client does.
--   make fault-matrix
--   lua5.4 tools/docs/faults.lua --check  runs nothing; exit status 1 when the page lacks a fault or
--                                         a call of the matrix, or has one that is not there

local matrix = require "support.fault_matrix"

local PAGE <const> = "docs/faults.md"
local INTRO <const> = [[
# When the network fails

Made by `make fault-matrix`: each trouble is really made, on loopback, between the client and the
emulator, by `spec/support/front.c`. It meets the first two requests of a call; what comes after
them is let through. Paid calls are `create subject`, `create style`, `txt2img` and `img2img`;
they are sent once. `spec/http/fault_matrix_spec.lua` runs the same cells and fails where one of
them does not come to what it has to.

- *done*: the call gave what it gives without the trouble.
- *ambiguous*: a paid call that may have been carried out; the message says so, and nothing is sent
  again.
- *requests*: how many were seen by the troubled end, the good one included.
- *seconds*: the longest of the row, on the clock of the defaults: attempts and pauses are %d times
  shorter here than they are by default, and the measured time is given as so many times more. (A
  storage that is silent is given up after 60 real seconds without 128 bytes a second, and
  `Retry-After` is 1 real second.)

%s

]]

local function came_of(cell)
  if cell.value ~= nil then
    return "done"
  end
  local text = ("`%s` `%s`"):format(cell.err.kind, cell.err.code)
  if cell.err.ambiguous then
    text = text .. ", ambiguous"
  end
  return text
end

-- Cells of one trouble with the same end, in the order of the calls.
local function grouped(cells)
  local groups, by_end = {}, {}
  for _, cell in ipairs(cells) do
    local key = ("%s|%d"):format(came_of(cell), cell.seen)
    local group = by_end[key]
    if not group then
      group = { came_of = came_of(cell), seen = cell.seen, names = {}, seconds = 0 }
      by_end[key], groups[#groups + 1] = group, group
    end
    group.names[#group.names + 1] = cell.call.name
    group.seconds = math.max(group.seconds, cell.seconds * (cell.real and 1 or matrix.SCALE))
  end
  return groups
end

local function rows(trouble, cells)
  local own, lines = {}, {}
  for _, cell in ipairs(cells) do
    own[#own + 1] = cell.trouble == trouble and cell or nil
  end
  for i, group in ipairs(grouped(own)) do
    lines[i] = ("| %s | %s | %s | %d | %.0f |\n"):format(i == 1 and trouble.name or "",
      group.came_of, table.concat(group.names, ", "), group.seen, group.seconds)
  end
  return table.concat(lines)
end

local function write(result, totals)
  local file <close> = assert(io.open(PAGE, "w"))
  file:write(INTRO:format(matrix.SCALE, "    " .. totals))
  file:write "| trouble | came of it | calls | requests | seconds |\n"
  file:write "| --- | --- | --- | --- | --- |\n"
  for _, trouble in ipairs(matrix.troubles) do
    file:write(rows(trouble, result.cells))
  end
end

-- {====== without a run: the names on the page ======

-- The calls that the page has for each fault, as "fault: call" -> true.
local function cells_on_page(page)
  local found, name = {}, nil
  for first, calls in page:gmatch "\n| ([^|\n]-) ?| [^|\n]- | ([^|\n]-) | %d+ | %d+ |" do
    name = first ~= "" and first or name
    for call in calls:gmatch "[^,]+" do
      found[("%s: %s"):format(name, call:gsub("^ ", ""))] = true
    end
  end
  return found
end

local function read_page()
  local file <close> = assert(io.open(PAGE))
  return file:read "a"
end

local function check()
  local on_page, wrong = cells_on_page(read_page()), 0
  local function complain(text, cell)
    wrong = wrong + 1
    io.stderr:write(PAGE, text:format(cell), "; run make fault-matrix\n")
  end
  for _, trouble in ipairs(matrix.troubles) do
    for _, call in ipairs(matrix.calls) do
      local cell = ("%s: %s"):format(trouble.name, call.name)
      if matrix.applies(trouble, call) and not on_page[cell] then
        complain(" has no row for %q", cell)
      end
      on_page[cell] = nil
    end
  end
  for cell in pairs(on_page) do complain(" has a row for %q, which is not in the matrix", cell) end
  return wrong == 0
end

-- }======

if arg[1] == "--check" then
  os.exit(check(), true)
end
local result = matrix.run(nil, true)
local totals = ("bench faults cells %d hangs %d doubled %d leaked_keys %d"):format(#result.cells,
  result.hangs, result.doubled, math.tointeger(result.leaked))
for _, flaw in ipairs(result.flaws) do
  print("not as it has to be: " .. flaw)
end
write(result, totals)
print(totals)
os.exit(#result.flaws == 0 and result.leaked == 0, true)
