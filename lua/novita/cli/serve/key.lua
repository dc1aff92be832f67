--- novita serve key

local counted = require "novita.base.counted"
local json = require "novita.cli.json"
local option = require "novita.cli.option"
local rock = require "novita.cli.serve.rock"

local function open(arguments, which)
  return rock.require("novita.server.data_folder")[which](rock.data(arguments))
end

-- {====== add ======

local add = {
  description = "Makes a key with a name, and prints it. Only a hash is kept, so the key cannot be "
    .. "shown again. A running server knows it at once.",
  examples = {
    { "novita serve key add anna", "make a key" },
    { "novita serve key add anna --queue-limit 20", "let no more than 20 of its trainings wait" },
  },
}

function add.define(command)
  command:argument("name", "The name of its user."):argname "<name>"
  command:option("--queue-limit", "Trainings of this key that may wait. Default: that of the "
    .. "server."):argname("<count>"):convert(option.integer(0)):target "limit_of_key"
  rock.define_nested(command)
end

function add.run(arguments, ui)
  local keys = rock.require "novita.server.keys"
  local store <close> = open(arguments, "open_or_make")
  local key = assert(keys.add(store, arguments.name, arguments.limit_of_key))
  ui:print("%s", key)
  ui:result { name = arguments.name, key = key }
end

-- }======

-- {====== list and remove ======

local list = {
  description = "Lists the names of the keys, with the numbers of their trainings.",
  examples = { { "novita serve key list", "show the names" } },
}

list.define = rock.define_nested

function list.run(arguments, ui)
  local store <close> = open(arguments, "open")
  local keys = store:keys()
  for _, key in ipairs(keys) do
    ui:print("%-20s %s  %16s  %4d waiting%s", key.name,
      key.created_at and os.date("!%Y-%m-%d", key.created_at // 1) or "          ",
      counted(key.trainings, "training"), key.waiting,
      key.queue_limit and (" of %d"):format(key.queue_limit) or "")
  end
  ui:result { keys = json.list(keys) }
end

local remove = {
  description = "Removes a key: a running server refuses it at once. Its trainings and models "
    .. "stay, and a new key of the same name has them again.",
  examples = { { "novita serve key remove anna; novita serve key add anna", "replace a key" } },
}

function remove.define(command)
  command:argument("name", "The name of its user."):argname "<name>"
  rock.define_nested(command)
end

function remove.run(arguments, ui)
  local store <close> = open(arguments, "open")
  if not store:remove_key(arguments.name) then
    require("novita.cli.exit_status").wrong("there is no key of the name %s", arguments.name)
  end
  ui:result { name = arguments.name }
end

-- }======

return {
  description = "The keys of a server. They are kept as hashes, in its folder.",
  examples = add.examples,
  json = false,
  nested = {
    { name = "add", summary = "Make a key and print it once.", command = add },
    { name = "list", summary = "List the keys.", command = list },
    { name = "remove", summary = "Remove a key.", command = remove },
  },
}
