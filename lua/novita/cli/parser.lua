--- The grammar of the command line: for parsing, --help, completion and the manual page.

local argparse = require "argparse"
local option = require "novita.cli.option"

local parser = {}

--- The commands, in the order in which they are shown.
parser.names = {
  "prepare",
  "check",
  "train",
  "batch",
  "resume",
  "recover",
  "status",
  "report",
  "wait",
  "list",
  "generate",
  "models",
  "inspect",
  "balance",
  "emulator",
  "doctor",
  "completion",
  "version",
}

---@class novita.cli.Command
---@field summary string a few words
---@field description string
---@field examples string[][] command line, what it does
---@field define? fun(command: table) adds arguments and options
---@field run fun(arguments: table, ui: novita.cli.Ui): integer? exit status; nil is 0
---@field interruptible? boolean whether it checks `ui.interrupt` itself
---@field json? boolean false if it has no --json

---@param name string
---@return novita.cli.Command
function parser.command(name)
  return require("novita.cli.commands." .. name)
end

local function examples_of(command)
  local lines = { "Examples:" }
  for _, example in ipairs(command.examples) do
    lines[#lines + 1] = "  " .. example[1]
    lines[#lines + 1] = "      " .. example[2]
  end
  return table.concat(lines, "\n")
end

-- Puts the name of the option before the message about its value.
local function name_options(command)
  for _, option_of in ipairs(command._options) do
    local convert = option_of._convert
    if convert then
      option_of:convert(function(text)
        local value, why = convert(text)
        return value, why and ("%s %s"):format(option_of._aliases[1], why)
      end)
    end
  end
end

local function add(root, name)
  local command = parser.command(name)
  local sub = root:command(name)
    :summary(command.summary)
    :description(command.description)
    :epilog(examples_of(command))
    :help_max_width(80)
  if command.define then
    command.define(sub)
  end
  if command.json ~= false then
    option.json(sub)
  end
  name_options(sub)
end

local epilog = [[
Every command has its own --help with examples.
Exit status: 0 success, 1 failure, 2 wrong use, 3 a paid request may have
succeeded although no response arrived, 129, 130, 131, 143 ended by a signal.
See `man novita` or docs/cli.md.]]

--- Builds the grammar.
---@return table
function parser.new()
  local root = argparse("novita", "Train LoRAs from folders of photos with the Novita API.")
    :epilog(epilog)
    :require_command(true)
    :command_target("command")
    :help_max_width(80)
  root:flag("-v --version", "Print the version."):action(function()
    io.stdout:write("novita ", require("novita.core").version, "\n")
    os.exit(0, true)
  end)
  for _, name in ipairs(parser.names) do
    add(root, name)
  end
  return root
end

return parser
