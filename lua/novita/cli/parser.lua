--- The grammar of the command line: for parsing, --help, completion and the manual page.

local argparse = require "argparse"

local parser = {}

-- The commands in the order in which they are shown. The file of a command is loaded only for that
-- command, so what the general help shows of it is here.
local groups <const> = {
  { title = "First steps",
    { name = "auth", summary = "Store your API key, show it in part, or remove it." },
    { name = "doctor", summary = "Check key, network, clock and installation." },
    { name = "emulator", summary = "Run a local emulator of the service." },
    { name = "playground", summary = "Train and generate in a browser on this machine." },
  },
  { title = "Photos and training",
    { name = "check", summary = "Find problems in a set of photos." },
    { name = "prepare", summary = "Prepare photos as for an upload." },
    { name = "train", summary = "Train a model from a folder of photos, or from each subfolder." },
    { name = "wait", summary = "Wait for a task that was started elsewhere." },
    { name = "list", summary = "List the trainings of the account." },
  },
  { title = "Images and models",
    { name = "generate", summary = "Generate images with trained models." },
    { name = "models", summary = "List your models, or public ones." },
    { name = "inspect", summary = "Check the files of models and show what they are." },
    { name = "convert", summary = "Give a model's tensors the names that another program reads." },
    { name = "verify", summary = "Hold the files of models against their cards." },
    { name = "reproduce", summary = "Plan the job of a model again, from its card." },
  },
  { title = "Batches",
    { name = "batch", summary = "Train many models, from a folder, JSON or CSV." },
    { name = "resume", summary = "Resume a batch that was stopped." },
    { name = "status", summary = "Show the status of a batch." },
    { name = "report", summary = "Write an HTML report of a batch." },
    { name = "recover", summary = "Rebuild a lost journal from the list of trainings." },
    { name = "forget", summary = "Erase what a batch knows about a person." },
    { name = "journal",
      summary = "Keep the journal of a batch in a database, for several machines." },
    { name = "fleet", summary = "Manage the machines that share a journal." },
  },
  { title = "Your own server",
    { name = "serve", summary = "Run your own training server." },
  },
  { title = "Account and program",
    { name = "balance", summary = "Show the account's balance." },
    { name = "api", summary = "Send a GET request to the API." },
    { name = "completion", summary = "Print a shell's completion script." },
    { name = "version", summary = "Print the versions." },
  },
}

---@type string[] the names of the commands, in that order
parser.names = {}
for _, group in ipairs(groups) do
  for _, entry in ipairs(group) do
    parser.names[#parser.names + 1] = entry.name
  end
end

---@class novita.cli.Command
---@field description string
---@field examples string[][] command line, what it does
---@field define? fun(command: table) adds arguments and options
---@field run fun(arguments: table, ui: novita.cli.Ui): integer? exit status; nil is 0
---@field interruptible? boolean whether it checks `ui.interrupt` itself
---@field json? boolean false if it has no --json
---@field nested? { name: string, summary: string, command: novita.cli.Command }[] after its name
---@field alone? boolean with `nested`: whether it does something without one of them

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

local function target_of(name)
  return name .. "_command"
end

local function define(sub, path, command)
  local headings, option = require "novita.cli.headings", require "novita.cli.option"
  sub:description(command.description)
    :epilog(examples_of(command))
    :help_max_width(80)
  if command.define then
    command.define(sub)
  end
  option.quiet(sub)
  if command.json ~= false then
    option.json(sub)
  end
  name_options(sub)
  headings.apply(sub, path)
  if command.nested then
    sub:require_command(not command.alone):command_target(target_of(path:match "%S+$"))
    for _, entry in ipairs(command.nested) do
      define(sub:command(entry.name):summary(entry.summary), path .. " " .. entry.name,
        entry.command)
    end
  end
end

local function part_of(grammar, name)
  for _, sub in ipairs(grammar._commands) do
    if sub._name == name then
      return sub
    end
  end
end

--- The command that was typed, which may be after the name of another one.
---@param grammar table
---@param arguments table
---@return novita.cli.Command
---@return table sub its part of the grammar
function parser.chosen(grammar, arguments)
  local name = arguments.command
  local command, sub = parser.command(name), part_of(grammar, name)
  while command.nested and arguments[target_of(name)] do
    name = arguments[target_of(name)]
    sub = part_of(sub, name)
    for _, entry in ipairs(command.nested) do
      command = entry.name == name and entry.command or command
    end
  end
  return command, sub
end

local epilog = [[
Every command has its own --help with examples.
Exit status: 0 success, 1 failure, 2 wrong use, 3 a paid request may have
succeeded although no response arrived, 129, 130, 131, 143 ended by a signal.
The manual:
man -l "$(luarocks --lua-version 5.4 show --rock-dir novita)/docs/novita.1"]]

local function set_of(words)
  local set = {}
  for _, word in ipairs(words) do
    set[word] = true
  end
  return set
end

--- Builds the grammar.
---@param words string[] what was typed: without the options of the commands that are not among it
---@return table
function parser.new(words)
  local root = argparse("novita", "Train LoRAs from folders of photos with the Novita API.")
    :epilog(epilog)
    :require_command(true)
    :command_target("command")
    :help_max_width(80)
  root:flag("-v --version", "Print the version."):action(function()
    io.stdout:write("novita ", require("novita.core").version, "\n")
    os.exit(0, true)
  end)
  local typed = set_of(words)
  for _, group in ipairs(groups) do
    local subs = {}
    for i, entry in ipairs(group) do
      local sub = root:command(entry.name):summary(entry.summary)
      if typed[entry.name] then
        define(sub, "novita " .. entry.name, parser.command(entry.name))
      end
      subs[i] = sub
    end
    root:group(group.title, table.unpack(subs))
  end
  return root
end

return parser
