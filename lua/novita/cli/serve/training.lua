--- Finds a training of a server by the beginning of its id, and asks the server that runs to do
--- something with it.

local errors = require "novita.base.error"
local exit_status = require "novita.cli.exit_status"
local novita = require "novita"
local rock = require "novita.cli.serve.rock"

local training = {}

local CONFLICT <const> = 409

--- <id> and --data
---@param command table
function training.define(command)
  command:argument("id", "The id of the training, or its beginning."):argname "<id>"
  rock.define_nested(command)
end

---@param arguments table
---@return novita.server.TrainingRow
function training.find(arguments)
  local store <close> = rock.require("novita.server.data_folder").open(rock.data(arguments))
  local found = store:trainings_like(arguments.id)
  if #found == 0 then
    exit_status.wrong("no training has the id %s", arguments.id)
  elseif #found > 1 then
    exit_status.wrong("several trainings have ids that begin with %s", arguments.id)
  end
  return found[1]
end

local function not_served(folder)
  return errors.new { kind = "network", code = "not_served",
    message = ("no server runs on %s: start it with `novita serve`"):format(folder) }
end

--- Asks the server. Raises a novita.Error.
---@param arguments table
---@param action "cancel"|"forget"
---@return novita.server.TrainingRow found
function training.ask(arguments, action)
  local data_folder, folder = rock.require "novita.server.data_folder", rock.data(arguments)
  local found = training.find(arguments)
  if not data_folder.is_served(folder) then
    error(not_served(folder), 0)
  end
  local control = assert(data_folder.control(folder))
  local client <close> = novita.client { api_key = control.token, base_url = control.url,
    ca_file = control.certificate }
  local response, err = client:request("POST", ("/control/%s/%s"):format(action, found.id))
  if not response and err.status == CONFLICT then
    exit_status.wrong("the training %s has not ended: cancel it first", found.id)
  elseif not response then
    error(err, 0)
  elseif not response.found then
    exit_status.wrong("the training %s has ended", found.id)
  end
  return found
end

return training
