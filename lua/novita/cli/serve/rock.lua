--- The server is a separate rock, which may not be installed.

local environment = require "novita.base.environment"
local exit_status = require "novita.cli.exit_status"

local rock = {}

--- Loads a module of it.
---@param name string
---@return any
function rock.require(name)
  local ok, module = pcall(require, name)
  if ok then
    return module
  elseif package.searchpath("novita.server.core", package.cpath) then
    error(module, 0) -- it is there, and broken
  end
  exit_status.wrong "the server is a separate rock: luarocks install novita-server"
end

local function data_option(command)
  return command
    :option("--data", "The folder with everything that must not be lost. Default: "
      .. "$XDG_DATA_HOME/novita-server, or ~/.local/share/novita-server.")
    :argname "<folder>"
end

--- --data of `novita serve`, which may stand before the name of a nested command
---@param command table
function rock.define_data(command)
  data_option(command)
end

--- --data of a nested command
---@param command table
function rock.define_nested(command)
  data_option(command):target "data_after"
end

--- The folder that was named, or the default one.
---@param arguments table
---@return string
function rock.data(arguments)
  local named = arguments.data_after or arguments.data
  if named then
    return named
  end
  local home = environment.get "HOME"
  local share = environment.get "XDG_DATA_HOME" or home and home .. "/.local/share"
  if not share then
    exit_status.wrong "--data is missing, and there is no home folder"
  end
  return share .. "/novita-server"
end

return rock
