--- Uploads images: one, or a list, a few at a time.

local response = require "novita.http.response"
local errors = require "novita.base.error"
local Future = require "novita.async.future"
local ops = require "novita.async.op"
local picture = require "novita.image.picture"
local caller = require "novita.async.caller"
local scheduler = require "novita.async.scheduler"
local schema = require "novita.schema.schema"
local usage_error = require "novita.schema.usage_error"

local UPLOAD_SECONDS <const> = 1800 -- one image, with all attempts and fresh URLs

---@alias novita.UploadSource string|{ path?: string, bytes?: string, prepared?: userdata,
--- extension?: "jpeg"|"png"|"webp" } a path, or where the bytes are; `extension` is
--- detected by default

local upload = {}

-- {====== one ======

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
  local facts, err = picture.probe(source.bytes or { path = source.path })
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
  local id, err = ops.await(function(future)
    local op, failure = start(client, future, source, timeout)
    started = op ~= nil
    return op, failure
  end, on_start)
  if not id and started then
    err = refined(source, err)
  end
  return id, err
end

-- }======

-- {====== many: the end of each upload starts the next one, without coroutines ======

local Many = {}
Many.__index = Many

-- The continuation of one upload.
local Listener = {}
Listener.__index = Listener

function Listener:finish(id, err)
  self.many:ended(self.index, id, err)
end

function Many:fail(err)
  self:cancel()
  self.future:finish(nil, err)
end

function Many:start_next()
  local index = self.started + 1
  self.started = index
  local listener = setmetatable({ many = self, index = index }, Listener)
  local op, err = start(self.client, listener, self.sources[index])
  if op then
    self.live[index] = op
  else
    self:fail(err)
  end
end

function Many:ended(index, id, err)
  self.live[index] = nil
  if self.future.settled then -- the client closes, which ends all uploads
    return
  end
  if not id then
    return self:fail(refined(self.sources[index], err))
  end
  self.ids[index] = id
  if self.started < #self.sources then
    self:start_next()
  elseif not next(self.live) then
    self.future:finish(self.ids)
  end
end

function Many:cancel()
  for index, op in pairs(self.live) do
    scheduler.drop(op)
    self.live[index] = nil
  end
end

Many.__close = Many.cancel

--- Uploads many images and waits for all of them, or for the first failure.
---@param client novita.Client
---@param sources novita.UploadSource[]
---@return string[]? assets_ids in the order of `sources`
---@return novita.Error? err
function upload.many(client, sources)
  local many <close> = setmetatable({
    client = client,
    sources = table.move(sources, 1, #sources, 1, {}), -- the script may change its list
    started = 0,
    live = {},
    ids = {},
    future = Future.new(),
  }, Many)
  -- twice, so that the C core always has the next one ready
  local at_once = math.min(#sources, client.uploads * 2)
  if at_once == 0 then
    return {}
  end
  while many.started < at_once and not many.future.settled do
    many:start_next()
  end
  return many.future:wait()
end

-- }======

return upload
