--- Options that several commands share, and converters that check values.

local crop_choice = require "novita.image.crop_choice"
local headings = require "novita.cli.headings"
local schema = require "novita.schema.schema"
local task_types = require "novita.fields.task_types"
local usage_error = require "novita.schema.usage_error"

local option = {}

-- A converter for argparse: the value, or nil and what it must be. The parser puts the option's
-- name before that.
local function converter(rule)
  return function(text)
    local value, why = schema.test(rule, tonumber(text) or text, { path = "" })
    if value == nil then
      return nil, (why:gsub("^ ", ""))
    end
    return value
  end
end

---@param min? integer
---@param max? integer
---@return fun(text: string): integer?, string?
function option.integer(min, max)
  return converter { type = "integer", min = min, max = max }
end

---@param min number
---@return fun(text: string): number?, string?
function option.number(min)
  return converter { type = "number", min = min }
end

local function crop_of(text)
  local ok, value = usage_error.catch(crop_choice.read, text, "")
  if not ok then
    return nil, ("must be auto, center, face, top or X,Y,WIDTH,HEIGHT, got %q"):format(text)
  end
  return value
end

--- --crop
---@param command table
---@param others? string where single photos are corrected
function option.crop(command, others)
  command
    :option("--crop", "The part of each photo to use: around the largest face, the top, the "
      .. "center, or a box in pixels. Default: auto, as a training crops it." .. (others or ""))
    :argname "<face|top|center|X,Y,W,H>"
    :convert(crop_of)
end

--- --task-type
---@param command table
---@param help string
---@param images? boolean whether image tasks are meant, too
---@return table option
function option.task_type(command, help, images)
  return command:option("--task-type", help)
    :choices(images and task_types.all or task_types.trainings)
end

--- --quiet
function option.quiet(command)
  headings.begin(command, "Output")
  command:flag("-q --quiet", "Print results, warnings and errors; no progress and no hints.")
end

--- --yes
function option.yes(command)
  headings.begin(command, "Money")
  command:flag("--yes", "Do not ask. On a terminal, it asks before it pays if there is a warning.")
end

--- --json
function option.json(command)
  headings.begin(command, "Output")
  command:flag("--json", "Print the result as one line of JSON.")
end

--- --events
function option.events(command)
  headings.begin(command, "Output")
  command:flag("--events", "Print each change as a line of JSON, the result last.")
end

--- --key-file, --base-url, --ca-file
function option.account(command)
  headings.begin(command, "Account")
  command
    :option("--key-file", "A file of mode 0600 with the API key. Default: NOVITA_API_KEY, or "
      .. "~/.config/novita/key.")
    :argname "<file>"
  command
    :option("--base-url", "The URL of another service, such as `novita emulator`. Default: "
      .. "NOVITA_BASE_URL, or https://api.novita.ai.")
    :argname "<url>"
  command
    :option("--ca-file", "The certificate authorities to trust instead of the system's, in PEM. "
      .. "Default: CURL_CA_BUNDLE, or SSL_CERT_FILE and SSL_CERT_DIR.")
    :argname "<file>"
end

--- --unknown-timeout, and --poll for tests and the emulator
function option.poll(command)
  headings.begin(command, "Run")
  command
    :option("--unknown-timeout", "End the wait if the service reports a status that novita does "
      .. "not know for this long. Default: 86400.")
    :argname("<seconds>")
    :convert(option.number(0))
  command
    :option("--poll", "Poll a task at least every N seconds.")
    :argname("<seconds>")
    :convert(option.number(0.05))
end

return option
