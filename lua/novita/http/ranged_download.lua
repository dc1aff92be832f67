--- A large file, fetched in ranges of 8 MiB: what is there already is never fetched again. Each
-- range is an ordinary call that the core repeats after a cut; it is on the disk, hashed and told
-- before the next one is asked for. The file grows beside its place as <path>.part and gets its
-- name when size and SHA-256 are right. A service that knows no ranges gets one long download.

local response = require "novita.http.response"
local core = require "novita.core"
local errors = require "novita.base.error"
local lfs = require "lfs"
local ops = require "novita.async.op"

local RANGE <const> = 8 * 1024 * 1024 -- bytes
local LARGEST <const> = 64 * 1024 * 1024 * 1024
local LINKS_MOST <const> = 3 -- a link that has run out is asked for again so often
local STARTS_MOST <const> = 2 -- a file that changes while it is fetched is begun again once

---@class novita.Fetch
---@field client novita.Client
---@field what string the start of an error's line
---@field path string
---@field link fun(again: boolean): string?, novita.Error? the URL; again: a fresh one
---@field sha256? string 64 hex digits; only with it a file of an earlier run is gone on with
---@field on_progress? fun(bytes: integer, total: integer?)
---@field deadline number of novita.core's clock
---@field range? integer bytes, default 8 MiB
local Fetch = {}
Fetch.__index = Fetch

local function failure(self, kind, code, text, ...)
  return errors.new { kind = kind, code = code, message = self.what .. ": " .. text:format(...) }
end

-- {====== the file beside its place ======

local function cannot_write(self, why)
  why = tostring(why):match ".*: (.*)" or tostring(why)
  return failure(self, "file", "save", "cannot write %s: %s", self.part, why)
end

local function begin_anew(self)
  if self.file then
    self.file:close()
    self.file = nil
  end
  local made, why = core.create_file(self.part)
  if made then
    self.file, why = io.open(self.part, "r+b")
  end
  if not self.file then
    return nil, cannot_write(self, why)
  end
  self.size, self.hash, self.total, self.etag = 0, core.sha256(), nil, nil
  return true
end

local function hash_file(hash, path)
  local file <close> = assert(io.open(path, "rb"))
  local size = 0
  for piece in file:lines(1024 * 1024) do
    hash:add(piece)
    size = size + #piece
  end
  return size
end

-- An earlier run's part is only good where the end can be checked.
local function take_up(self)
  if not self.sha256 or lfs.symlinkattributes(self.part, "mode") ~= "file" then
    return begin_anew(self)
  end
  local hash = core.sha256()
  local ok, size = pcall(hash_file, hash, self.part)
  local file = ok and io.open(self.part, "ab")
  if not file then
    return begin_anew(self)
  end
  self.file, self.size, self.hash = file, size, hash
  return true
end

local function append(self, bytes)
  local ok, why = self.file:write(bytes)
  if ok then
    ok, why = self.file:flush()
  end
  if not ok then
    return nil, cannot_write(self, why)
  end
  self.hash:add(bytes)
  self.size = self.size + #bytes
  if self.on_progress then
    self.on_progress(self.size, self.total)
  end
  return true
end

-- }======

-- {====== one range ======

local function ask(self, url)
  local left = self.deadline - core.now()
  local last = self.size + self.range - 1
  return ops.await(function(future)
    return self.client.core:request(future, {
      url = url,
      range = ("bytes=%d-%d"):format(self.size, last),
      limit = self.range,
      timeout = math.max(left, 0.001),
    })
  end)
end

-- Another file than the one that was begun?
local function has_changed(self, total, etag)
  return self.total and total and self.total ~= total
    or self.etag and etag ~= "" and self.etag ~= etag
end

-- 206: true when it was the last range, false when there are more; nil and an error; "again"
-- where the file has changed.
local function take_range(self, reply)
  local from, total = (reply.content_range or ""):match "^bytes (%d+)%-%d+/([%d*]+)$"
  total = math.tointeger(tonumber(total))
  if has_changed(self, total, reply.etag or "") then
    return "again"
  end
  if math.tointeger(tonumber(from)) ~= self.size then
    return nil, failure(self, "protocol", "range", "asked for bytes from %d, got %s", self.size,
      (reply.content_range or "") ~= "" and "another range" or "no word which ones")
  end
  self.total = total
  self.etag = reply.etag ~= "" and reply.etag or self.etag
  local ok, err = append(self, reply.body)
  if not ok then
    return nil, err
  end
  if #reply.body == 0 then
    return true
  end
  return self.size >= (total or math.huge) or (not total and #reply.body < self.range)
end

-- 200: the service knows no ranges, and this is all of it.
local function take_whole(self, reply)
  local ok, err = begin_anew(self)
  if ok then
    self.total = #reply.body
    ok, err = append(self, reply.body)
  end
  return ok, err
end

-- 416: nothing is left after what we have.
local function take_nothing(self, reply)
  local total = math.tointeger(tonumber((reply.content_range or ""):match "^bytes %*/(%d+)$"))
  return self.size > 0 and (total or self.size) == self.size or "again"
end

local takers = { [200] = take_whole, [206] = take_range, [416] = take_nothing }

-- The service knows no ranges and the file is too large for memory.
local function in_one_go(self, url)
  local saved, err = ops.await(function(future)
    return self.client.core:download(future, {
      url = url,
      path = self.part,
      limit = LARGEST,
      timeout = math.max(self.deadline - core.now(), 0.001),
    })
  end)
  if not saved then
    return nil, response.refine(self.what, err)
  end
  self.hash = core.sha256()
  self.size = hash_file(self.hash, self.part)
  self.total = self.size
  return true
end

local expired = { [401] = true, [403] = true, [404] = true, [410] = true }

local function step(self)
  local reply, err = ask(self, self.url)
  if not reply and err.code == "too_big" then
    return in_one_go(self, self.url)
  elseif not reply then
    return nil, response.refine(self.what, err)
  end
  local taker = takers[reply.status]
  if taker then
    return taker(self, reply)
  elseif expired[reply.status] and self.links < LINKS_MOST then
    self.links = self.links + 1
    self.url, err = self.link(true)
    return self.url and false, err
  end
  return nil, response.refusal(self.what, reply)
end

-- }======

local function transfer(self)
  local starts, over, err = 1, false, nil
  while over == false do
    over, err = step(self)
    if over == "again" and starts < STARTS_MOST then
      starts = starts + 1
      over, err = begin_anew(self)
      over = not over and nil
    end
  end
  if over == "again" then
    return nil, failure(self, "protocol", "changed", "the file changes while it is fetched")
  end
  return over, err
end

local function check(self)
  if self.total and self.size ~= self.total then
    return failure(self, "protocol", "size", "got %d bytes of %d", self.size, self.total)
  end
  local hex = self.hash:hex()
  if self.sha256 and hex ~= self.sha256 then
    local err = failure(self, "protocol", "sha256",
      "the file's SHA-256 is %s, the service says %s", hex, self.sha256)
    err.retryable = true
    return err
  end
end

-- A part that nothing can be gone on with is taken away.
local function leave(self, err)
  if self.file then
    self.file:close()
    self.file = nil
  end
  if err and (not self.sha256 or self.size == 0 or err.kind == "protocol") then
    os.remove(self.part)
  end
end

local guard = {
  __close = function(self, raised)
    leave(self.fetch, self.err or raised)
  end,
}

local function run(self, guarded)
  local ok, err = take_up(self)
  if ok then
    self.url, err = self.link(false)
    ok = self.url
  end
  if ok then
    ok, err = transfer(self)
  end
  if ok then
    err = check(self)
  end
  guarded.err = err
  if ok and not err then
    self.file:close()
    self.file = nil
    ok, err = core.rename_file(self.part, self.path)
    guarded.err = err
  end
  if not ok or err then
    return nil, err
  end
  return self.path
end

--- Fetches a file.
---@param wish novita.Fetch
---@return string? path
---@return novita.Error? err
---@return string? sha256 of what was fetched, 64 hex digits
local function fetch(wish)
  local self = setmetatable(wish, Fetch)
  self.part, self.range, self.links = self.path .. ".part", self.range or RANGE, 1
  local guarded <close> = setmetatable({ fetch = self }, guard)
  local path, err = run(self, guarded)
  return path, err, path and self.hash:hex() or nil
end

return fetch
