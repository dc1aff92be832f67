--- novita inspect

local exit_status = require "novita.cli.exit_status"
local inspect_text = require "novita.cli.inspect_text"
local json = require "novita.cli.json"
local novita = require "novita"

local inspect = {
  description = "Reads .safetensors files wholly and checks the header, the places of the tensors, "
    .. "and every value: a file that is cut off, has holes or has values that are not numbers is "
    .. "refused with the reason, and the exit status is 1. Prints what the model is, how it was "
    .. "trained, which programs load it, and what its metadata gives away. With two files, also "
    .. "what differs. Sends nothing.",
  examples = {
    { "novita inspect anna.safetensors", "check a model and show what it is" },
    { "novita inspect models/*.safetensors --json", "check many models and print JSON" },
    { "novita inspect old.safetensors new.safetensors", "and show what differs" },
    { "novita inspect anna.safetensors --strip clean.safetensors",
      "save a copy without captions and names of folders" },
  },
}

function inspect.define(command)
  command:argument("files", "Files of models."):args "+"
  command:option("--strip", "Save a copy of the file here without the private part of its "
    .. "metadata; the weights stay as they are (one file only)."):argname "<file>"
  command:flag("--force", "Replace an existing file.")
end

local function inspect_file(ui, path)
  local facts, err = novita.safetensors.check(path)
  if not facts then
    ui:say(ui:paint("red", "error:") .. " " .. ui:safe(err))
    return nil, { path = path, error = ui.facts_of(err) }
  end
  ui:print("%s", path)
  for _, line in ipairs(inspect_text.lines(facts)) do
    ui:print("  %s", line)
  end
  local found = { path = path }
  for name, value in pairs(facts) do
    found[name] = value
  end
  json.list(facts.modules or {})
  json.list(facts.privacy.others)
  json.list(facts.programs)
  return facts, found
end

local function compare(ui, one, other)
  local lines = inspect_text.differences(one, other)
  ui:print("%s", lines[1] and "they differ:" or "they differ in values of tensors at most")
  for _, line in ipairs(lines) do
    ui:print("  %s", line)
  end
  return json.list(lines)
end

local function is_there(path)
  local file <close> = io.open(path, "rb")
  return file ~= nil
end

local function check_strip(arguments)
  local out = arguments.strip
  if out and arguments.files[2] then
    exit_status.wrong "--strip takes one file, because it writes one"
  elseif out and is_there(out) and not arguments.force then
    exit_status.wrong("%s exists: --force replaces it", out)
  end
end

function inspect.run(arguments, ui)
  check_strip(arguments)
  local sound, files = {}, json.list {}
  for i, path in ipairs(arguments.files) do
    sound[#sound + 1], files[i] = inspect_file(ui, path)
  end
  local result = { files = files }
  if #arguments.files == 2 and sound[2] then
    result.differences = compare(ui, sound[1], sound[2])
  end
  if arguments.strip and sound[1] then
    assert(novita.safetensors.strip(arguments.files[1], arguments.strip))
    ui:print("saved %s", arguments.strip)
    result.saved = arguments.strip
  end
  ui:result(result)
  return #sound < #arguments.files and exit_status.failed or exit_status.ok
end

return inspect
