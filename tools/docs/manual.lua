-- Writes docs/novita.1, the manual page, from the grammar of the command line.
--   lua5.4 tools/docs/manual.lua          writes (needs the built C modules in build/)
--   lua5.4 tools/docs/manual.lua --check  exit status 1 when the page is not up to date

package.path = "lua/?.lua;lua/?/init.lua;" .. package.path
package.cpath = (os.getenv "BUILD" or "build") .. "/?.so;" .. package.cpath

local parser = require "novita.cli.parser"
local exit_status = require "novita.cli.exit_status"

local PAGE <const> = "docs/novita.1"

local lines = {}

-- Text as roff: no escapes, no hyphens that a reader cannot copy, no requests by accident.
local function roff(text)
  text = text:gsub("\\", "\\e"):gsub("%-", "\\-")
  return (text:gsub("^([.'])", "\\&%1"))
end

local function add(line)
  lines[#lines + 1] = line
end

local function paragraph(text)
  for part in (text .. "\n"):gmatch "(.-)\n" do
    add(part == "" and ".PP" or roff(part))
  end
end

local function entry(label, text)
  add ".TP"
  add("\\fB" .. roff(label) .. "\\fR")
  add(roff(text))
end

local function example(command, text)
  add ".PP"
  add(roff(text) .. ":")
  add ".PP"
  add ".nf"
  add ".RS"
  for line in (command .. "\n"):gmatch "(.-)\n" do
    add(roff((line:gsub("^ +", "    "))))
  end
  add ".RE"
  add ".fi"
end

local function elements(list)
  for _, element in ipairs(list) do
    local text = element:_get_description()
    if text ~= "" then
      entry(table.concat(element:_get_label_lines(), ", "), text)
    end
  end
end

local function command(name, sub)
  local known = parser.command(name)
  add(".SS novita " .. name)
  paragraph(known.description)
  elements(sub._arguments)
  elements(sub._options)
  for _, pair in ipairs(known.examples) do
    example(pair[1], pair[2])
  end
end

local environment = {
  { "NOVITA_API_KEY", "The API key." },
  { "NOVITA_BASE_URL", "Another service than https://api.novita.ai, such as the emulator." },
  { "NO_COLOR", "No colours, where it is not empty." },
  { "LC_ALL, LC_CTYPE, LANG", "Without UTF-8 in them everything shown is ASCII." },
  { "TERM", "With dumb nothing is redrawn." },
  { "NOVITA_SIMD", "The image kernels to use, such as scalar." },
}

local function page()
  add '.\\" Made by lua5.4 tools/docs/manual.lua from the grammar of the command line.'
  add(('.TH NOVITA 1 "" "novita %s" "User Commands"'):format(require("novita.core").version))
  add ".SH NAME"
  add "novita \\- from folders of photos to trained models, at the Novita API"
  add ".SH SYNOPSIS"
  add "\\fBnovita\\fR \\fIcommand\\fR [\\fIoptions\\fR] [\\fIarguments\\fR]"
  add ".SH DESCRIPTION"
  paragraph("Prepares photos, uploads them, trains models, waits for them and generates images "
    .. "with them. A command that costs money says so, checks everything before it sends anything, "
    .. "and pays once.\n\n"
    .. "Results go to standard output, everything about the way to them to standard error. On a "
    .. "terminal what runs is shown in lines that are redrawn in place; elsewhere each new stage "
    .. "is a line. With --json standard output is one line of JSON; where a command fails, it is "
    .. "an object with an error in it; with --events a line for each change comes before it. Text "
    .. "from the service and names of files are shown without control characters.\n\n"
    .. "Ctrl-C and SIGTERM end a command in good order: nothing new is begun, a paid call that is "
    .. "under way is waited for. The second one ends it at once.")
  add ".SH COMMANDS"
  local grammar = parser.new()
  for i, name in ipairs(parser.names) do
    command(name, grammar._commands[i])
  end
  add ".SH EXIT STATUS"
  for _, meaning in ipairs(exit_status.meanings) do
    entry(tostring(meaning[1]), meaning[2])
  end
  add ".SH ENVIRONMENT"
  for _, variable in ipairs(environment) do
    entry(variable[1], variable[2])
  end
  add ".SH FILES"
  entry("~/.config/novita/key", "The API key, where NOVITA_API_KEY is not set; of mode 0600. "
    .. "A key is never taken from the arguments, which every user of a machine can see.")
  return table.concat(lines, "\n") .. "\n"
end

local function present()
  local file = io.open(PAGE, "rb")
  local text = file and file:read "a"
  if file then
    file:close()
  end
  return text
end

local text = page()
if arg[1] == "--check" then
  if present() ~= text then
    print(PAGE .. " is not up to date: lua5.4 tools/docs/manual.lua")
    os.exit(1)
  end
else
  local file <close> = assert(io.open(PAGE, "wb"))
  file:write(text)
end
