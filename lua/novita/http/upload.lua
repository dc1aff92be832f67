--- Uploads an image.

local response = require "novita.http.response"
local errors = require "novita.base.error"
local ops = require "novita.async.op"
local caller = require "novita.async.caller"
local sendable = require "novita.image.sendable"
local schema = require "novita.schema.schema"
local usage_error = require "novita.schema.usage_error"

local UPLOAD_SECONDS <const> = 1800 -- one image, with all attempts and fresh URLs

---@alias novita.UploadSource string|{ path?: string, bytes?: string, prepared?: userdata,
--- extension?: "jpeg"|"png"|"webp" } a path, or where the bytes are; `extension` is
--- detected by default

local upload = {}

local function name_of(source)
  return type(source) == "string" and source or source.path or "the image"
end

local extension_rule = { name = "extension", type = "string", values = { "jpeg", "png", "webp" } }

---@type novita.Rule
local source_rule = {
  type = "object",
  noun = "a source",
  expects = "a path, or a table with path, bytes or prepared",
  fields = {
    { name = "path", type = "bytes", min = 0 },
    { name = "bytes", type = "bytes", min = 0 },
    { name = "prepared", type = "any" },
    extension_rule,
  },
}

--- Raises unless the value is the name of a format that the API takes.
---@param extension any
---@param name string its name in the message
---@param level integer the stack level that the error is raised at
function upload.check_extension(extension, name, level)
  schema.check(extension_rule, extension, { path = name, level = level + 1 })
end

local function check_source(source, name)
  schema.apply(source_rule, source, { path = name })
  if not (source.path or source.bytes or source.prepared) then
    usage_error.must_be(name, source_rule.expects, source)
  end
end

--- Raises unless `source` says where the bytes of an image are.
---@param source any
---@param name string its name in the message
---@param level integer the stack level that the error is raised at
function upload.check(source, name, level)
  if type(source) ~= "string" then
    usage_error.raise_at_caller(level, check_source, source, name)
  end
end

-- The API needs the format; the first bytes of the file show it.
local function extension_of(source)
  if source.prepared then
    return source.prepared:info().format
  end
  local facts, err = sendable(source.bytes or { path = source.path })
  if not facts then
    return nil, errors.reword(err, name_of(source) .. " " .. err.message)
  end
  return facts.format
end

local function refined(source, err)
  return response.refine("upload " .. name_of(source), err)
end

-- Starts an upload. Its end calls `continuation:finish(id, err)`.
local function start(client, continuation, source, timeout)
  if type(source) == "string" then
    source = { path = source }
  end
  local extension, err = source.extension, nil
  if not extension then
    extension, err = extension_of(source)
  end
  if not extension then
    return nil, err
  end
  local op
  op, err = client.core:upload(continuation, source, extension, timeout or UPLOAD_SECONDS)
  if not op then
    return nil, refined(source, err)
  end
  return op
end

--- Uploads an image and waits: presign, PUT, asset id.
---@param client novita.Client
---@param source novita.UploadSource
---@param timeout? number seconds
---@param on_start? fun(op: userdata)
---@return string? assets_id
---@return novita.Error? err
function upload.one(client, source, timeout, on_start)
  caller.check_timeout(timeout)
  local started = false
  local id, err = ops.await(client.loop, function(future)
    local op, failure = start(client, future, source, timeout)
    started = op ~= nil
    return op, failure
  end, on_start)
  if not id then
    return nil, started and refined(source, err) or err
  end
  return id
end

return upload
