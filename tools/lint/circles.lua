-- No circle: not between files, and not between rooms (a room is a folder).
--   lua5.4 tools/lint/circles.lua [build]    (the folder that holds csrc/**/*.o)
-- In C an arrow is a call from one object file into another, or an include between headers; a .c
-- file and its header count as one. In Lua it is a require. Prints each group of files or rooms
-- that reach each other, with its arrows, and exits with status 1 if there is one.

package.path = "tools/lint/?.lua;" .. package.path

local objects = require "objects"
local report = require "report"
local sources = require "sources"

-- {====== graphs ======

-- A graph: from -> to -> why.
local function add_arrow(graph, from, to, why)
  graph[from] = graph[from] or {}
  graph[to] = graph[to] or {}
  if from ~= to then graph[from][to] = graph[from][to] or why end
end

local function sorted_keys(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- Tarjan's algorithm: the groups of nodes that reach each other, single ones included.
local function components(graph)
  local groups, stack, index, low, on_stack, count = {}, {}, {}, {}, {}, 0
  local function visit(node)
    count = count + 1
    index[node], low[node] = count, count
    stack[#stack + 1], on_stack[node] = node, true
    for _, other in ipairs(sorted_keys(graph[node])) do
      if not index[other] then
        visit(other)
        low[node] = math.min(low[node], low[other])
      elseif on_stack[other] then
        low[node] = math.min(low[node], index[other])
      end
    end
    if low[node] ~= index[node] then return end
    local group = {}
    repeat
      local member = table.remove(stack)
      on_stack[member] = nil
      group[#group + 1] = member
    until member == node
    groups[#groups + 1] = group
  end
  for _, node in ipairs(sorted_keys(graph)) do
    if not index[node] then visit(node) end
  end
  return groups
end

local function check_graph(what, graph)
  for _, group in ipairs(components(graph)) do
    if #group > 1 then
      table.sort(group)
      report.complain("circle between %s: %s", what, table.concat(group, ", "))
      for _, from in ipairs(group) do
        for _, to in ipairs(group) do
          local why = graph[from][to]
          if why then print(("  %s -> %s (%s)"):format(from, to, why)) end
        end
      end
    end
  end
end

-- }======

-- Arrows of files as arrows of their rooms.
local function rooms_of(graph)
  local rooms = {}
  for from, targets in pairs(graph) do
    for to, why in pairs(targets) do
      add_arrow(rooms, sources.folder_of(from), sources.folder_of(to), why)
    end
  end
  return rooms
end

local function call_graph(build)
  local graph, owners = {}, {}
  local list = objects.read(build)
  for _, object in ipairs(list) do
    for _, symbol in ipairs(object.defined) do owners[symbol] = object.path end
  end
  for _, object in ipairs(list) do
    for _, symbol in ipairs(sorted_keys(object.undefined)) do
      if owners[symbol] then add_arrow(graph, object.path, owners[symbol], symbol) end
    end
  end
  return graph
end

local function header_graph()
  local graph = {}
  for _, arrow in ipairs(sources.includes()) do
    if arrow.from:find "%.h$" then add_arrow(graph, arrow.from, arrow.to, arrow.name) end
  end
  return graph
end

-- The rooms of all includes, those of .c files too.
local function include_rooms()
  local graph = {}
  for _, arrow in ipairs(sources.includes()) do
    add_arrow(graph, arrow.from, arrow.to, "include in " .. arrow.from)
  end
  return rooms_of(graph)
end

local function require_graph()
  local graph = {}
  for _, arrow in ipairs(sources.requires()) do
    add_arrow(graph, "lua/novita/" .. arrow.from, "lua/novita/" .. arrow.to, arrow.name)
  end
  return graph
end

local calls, requires = call_graph(arg[1] or "build"), require_graph()
check_graph("files (calls)", calls)
check_graph("rooms (calls)", rooms_of(calls))
check_graph("headers", header_graph())
check_graph("rooms (includes)", include_rooms())
check_graph("files (requires)", requires)
check_graph("rooms (requires)", rooms_of(requires))
report.finish()
