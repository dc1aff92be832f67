-- Runs the Lua blocks of one page, each with its own globals.
--   lua5.4 run_lua.lua <name for messages> <page> <file for the result>
-- Lines "<line of the page> <error>" go to the result, and last "ran <number>".

local files = require "check.files"
local markdown = require "check.markdown"
local novita = require "novita"
local setups = require "check.setups"

local name, page, result = arg[1], arg[2], arg[3]
local report = assert(io.open(result, "w"))

-- The emulator's trainings take a moment: ask more often than the service would like.
local open_client = novita.client
function novita.client(options)
  options.poll = options.poll or { first = 0.05, min = 0.05, max = 0.1 }
  return open_client(options)
end

local EXIT <const> = {}

local function exit(code)
  if code ~= true and code ~= nil and code ~= 0 then
    error("it ends with status " .. tostring(code), 0)
  end
  error(EXIT, 0)
end
os.exit = exit -- luacheck: ignore 122

-- A script's globals: what it sets is gone with it.
local function globals_of(block)
  local globals = setmetatable({ arg = {}, print = function() end }, { __index = _G })
  local setup = block.setup and setups[block.setup]
  if setup then
    setup(globals)
  end
  return globals
end

local function run(block)
  if block.setup and not setups[block.setup] then
    error(("tools/docs/check/setups.lua has no %s"):format(block.setup), 0)
  end
  local text = ("\n"):rep(block.line - 1) .. block.text -- so that messages have the page's lines
  local fn = assert(load(text, "@" .. name, "t", globals_of(block)))
  fn()
end

local ran = 0
for _, block in ipairs(markdown.read(files.read(page)).blocks) do
  if block.language == "lua" then
    local ok, err = pcall(run, block)
    ran = ran + 1
    if not ok and err ~= EXIT then
      report:write(block.line, " ", (tostring(err):gsub("%c+", " ")), "\n")
    end
  end
end
report:write("ran ", ran, "\n")
report:close()
