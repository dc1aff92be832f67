--- Generators: the programs and servers that make images. The option `generator` is a URL, or a
--- program in a list.

local plain = require "novita.server.generators.plain"
local sd_cli = require "novita.server.generators.sd_cli"
local sdapi = require "novita.server.generators.sdapi"

---@class novita.server.GeneratorProgram
---@field refusal fun(order: novita.server.ImageRequest): string?
---@field argv fun(job: novita.server.ImageJob, command: string[]): string[]
---@field files? fun(job: novita.server.ImageJob): table<string, string> files for its folder
---@field progress fun(stream: integer, line: string, state: table, order: table): number? done 0 to 1

---@class novita.server.ImageRequest
---@field request table of the API
---@field extra table

local generators = {}

--- Why the option cannot be used.
---@param generator any
---@return string? must what it must be
function generators.fault(generator)
  local is_right = type(generator) == "table" and type(generator[1]) == "string"
    or type(generator) == "string" and generator:find "^https?://[%w.:%[%]_-]+$"
  return not is_right and 'a URL such as "http://127.0.0.1:7860", or a list such as '
    .. '{ "/usr/bin/sd-cli" }' or nil
end

--- Whether the option is the URL of a server.
---@param generator string|string[]
---@return boolean
function generators.is_url(generator)
  return type(generator) == "string"
end

--- The base model as the generator knows it.
---@param generator string|string[]
---@param name string of models.json
---@param base novita.server.BaseModel
---@return string
function generators.checkpoint(generator, name, base)
  return base.checkpoint or generators.is_url(generator) and name or base.path
end

--- The table for a program: that of sd-cli by its name, or that of our contract.
---@param command string[]
---@return novita.server.GeneratorProgram
function generators.program(command)
  return command[1]:match "[^/]*$" == "sd-cli" and sd_cli or plain
end

--- Why an order of images cannot be done.
---@param generator string|string[] the option
---@param order novita.server.ImageRequest
---@return string? why one line for a person
function generators.refusal(generator, order)
  if generators.is_url(generator) then
    return sdapi.refusal(order)
  end
  return generators.program(generator).refusal(order)
end

return generators
