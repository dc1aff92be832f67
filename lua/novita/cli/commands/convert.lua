--- novita convert

local exit_status = require "novita.cli.exit_status"
local novita = require "novita"

local convert = {
  description = "Copies a LoRA of Stable Diffusion 1.5 or XL with the names of kohya's trainer, "
    .. "which most programs read, or with those of diffusers and PEFT. Only names change: every "
    .. "value stays as it is, and a file that is converted and converted back is the same file. "
    .. "A file that cannot be converted is refused with the reason. Sends nothing.",
  examples = {
    { "novita convert anna.safetensors anna.diffusers.safetensors",
      "kohya's names become those of diffusers, and the other way round" },
    { "novita convert IN.safetensors OUT.safetensors --to kohya", "say which names OUT must have" },
  },
}

function convert.define(command)
  command:argument("input", "The model's file."):argname "<in>"
  command:argument("output", "The copy with other names."):argname "<out>"
  command:option("--to", "The names of the copy. Default: those that the file does not have.")
    :argname "<kohya|diffusers>"
    :choices { "kohya", "diffusers" }
  command:flag("--force", "Replace an existing file.")
end

local function is_there(path)
  local file <close> = io.open(path, "rb")
  return file ~= nil
end

function convert.run(arguments, ui)
  if is_there(arguments.output) and not arguments.force then
    exit_status.wrong("%s exists: --force replaces it", arguments.output)
  end
  local names = assert(novita.safetensors.convert(arguments.input, arguments.output, arguments.to))
  ui:print("saved %s with the names of %s", arguments.output, names)
  ui:result { saved = arguments.output, names = names }
end

return convert
