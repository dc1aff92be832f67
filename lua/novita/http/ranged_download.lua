--- Downloads a large file in ranges of 8 MiB, so that no part is downloaded twice. Each range is an
-- ordinary request, which the core repeats if the connection breaks. The core writes it to the
-- file while it arrives, and it is hashed before the next one is requested. The file grows as
-- <path>.part beside its final name, which it gets when size and SHA-256 are right. If the service
-- does not support ranges, the file is downloaded in one request.

local response = require "novita.http.response"
local core = require "novita.core"
local errors = require "novita.base.error"
local ops = require "novita.async.op"
local sleep = require "novita.async.sleep"

local RANGE <const> = 8 * 1024 * 1024 -- bytes
local PIECE <const> = 1024 * 1024 -- bytes hashed at once
local LARGEST <const> = 64 * 1024 * 1024 * 1024
local LINKS_MOST <const> = 3 -- links in all: an expired one is replaced twice
local STARTS_MOST <const> = 2 -- in all: a file that changes meanwhile is restarted once

---@class novita.Fetch
---@field client novita.Client
---@field what string the start of an error's line
---@field path string
---@field link fun(again: boolean): string?, novita.Error? the URL; again: a new one
---@field sha256? string 64 hex digits; without it the file of an earlier run is not resumed
---@field deadline number of novita.core's clock
---@field range? integer bytes, default 8 MiB
---@field check? fun(path: string): any, novita.Error? whether the file is what it should be, before
--- it gets its name. If it is not although its SHA-256 is right, it is kept with another name
local Fetch = {}
Fetch.__index = Fetch

local function failure(self, kind, code, text, ...)
  return errors.new { kind = kind, code = code, message = self.what .. ": " .. text:format(...) }
end

-- {====== the .part file ======

local NAME_MOST <const> = 255 -- bytes of a file's name

-- The same for the same path, so that the next run resumes it.
local function beside(path, ending)
  local folder, name = path:match "^(.-)([^/]*)$"
  if #name + #ending <= NAME_MOST then
    return path .. ending
  end
  return ("%s%s%s"):format(folder, core.sha256():add(name):hex(), ending)
end

local function part_of(path)
  return beside(path, ".part")
end

local function cannot_write(self, err)
  if err.code == "locked" then
    return failure(self, "file", "save", "another call or process is saving %s: let it end",
      self.path)
  end
  return failure(self, "file", "save", "%s", err.message)
end

-- Opens and locks it: two processes that append to one file would both report success.
local function open_part(self)
  local part, err = core.part_file(part_of(self.path))
  if not part then
    return nil, cannot_write(self, err)
  end
  self.part = part
  return part
end

local function restart(self)
  local ok, err = self.part:empty()
  if not ok then
    return nil, cannot_write(self, err)
  end
  self.size, self.hash, self.total, self.etag = 0, core.sha256(), nil, nil
  return true
end

-- Hashes what the part has got since. Models are large: everything else on the loop gets its turn
-- after each piece.
local function hash_new(self)
  local path, size = part_of(self.path), self.part:size()
  while self.size < size do
    local count, err = self.hash:add_file(path, self.size, math.min(PIECE, size - self.size))
    if not count or count == 0 then
      return nil, cannot_write(self, err or errors.new { message = "the file was cut" })
    end
    self.size = self.size + count
    sleep(self.client.loop, 0)
  end
  return true
end

-- The part of an earlier run can be resumed only if the result can be checked.
local function resume(self)
  self.size, self.hash = 0, core.sha256()
  if not self.sha256 or not hash_new(self) then
    return restart(self)
  end
  return true
end

-- }======

-- {====== one range ======

-- The first response may be the whole file.
local function request_range(self, url)
  local left = self.deadline - core.now()
  return ops.await(self.client.loop, function(future)
    return self.client.core:download(future, {
      url = url,
      part = self.part,
      first = self.size,
      last = self.size + self.range - 1,
      limit = self.size == 0 and LARGEST or self.range,
      timeout = math.max(left, 0.001),
    })
  end)
end

-- Whether this is not the file that was started.
local function has_changed(self, total, etag)
  return self.total and total and self.total ~= total
    or self.etag and etag ~= "" and self.etag ~= etag
end

-- 206: true after the last range, false if there are more, nil and an error, or "again" if the file
-- has changed.
local function take_range(self, raw)
  local from, total = (raw.content_range or ""):match "^bytes (%d+)%-%d+/([%d*]+)$"
  total = math.tointeger(tonumber(total))
  if has_changed(self, total, raw.etag or "") then
    return "again"
  end
  local before, got = self.size, self.part:size() - self.size
  if math.tointeger(tonumber(from)) ~= before or got > self.range then
    return nil, failure(self, "protocol", "range", "asked for bytes from %d, got %s", before,
      (raw.content_range or "") ~= "" and "another range" or "an unknown one")
  end
  self.total = total
  self.etag = raw.etag ~= "" and raw.etag or self.etag
  local ok, err = hash_new(self)
  if not ok then
    return nil, err
  end
  if got == 0 then
    return true
  end
  self.links = 1 -- a large file may outlive many links
  return self.size >= (total or math.huge) or (not total and got < self.range)
end

-- 200: the service does not support ranges, and this is the whole file.
local function take_whole(self)
  self.size, self.hash = 0, core.sha256()
  self.total = self.part:size()
  return hash_new(self)
end

-- 416: the part is the whole file.
local function take_nothing(self, raw)
  local total = math.tointeger(tonumber((raw.content_range or ""):match "^bytes %*/(%d+)$"))
  return self.size > 0 and (total or self.size) == self.size or "again"
end

local takers = { [200] = take_whole, [206] = take_range, [416] = take_nothing }

-- The service does not support ranges any more, and has begun to send the whole file.
local function request_whole(self, url)
  return ops.await(self.client.loop, function(future)
    return self.client.core:download(future, {
      url = url,
      part = self.part,
      limit = LARGEST,
      timeout = math.max(self.deadline - core.now(), 0.001),
    })
  end)
end

-- Statuses of a presigned link that is no longer valid: a new link may help.
local expired = { [401] = true, [403] = true, [404] = true, [410] = true }

local function step(self)
  local raw, err = request_range(self, self.url)
  if not raw and err.code == "too_big" then
    raw, err = request_whole(self, self.url)
  end
  if not raw then
    return nil, response.refine(self.what, err)
  end
  local taker = takers[raw.status]
  if taker then
    return taker(self, raw)
  elseif expired[raw.status] and self.links < LINKS_MOST then
    self.links = self.links + 1
    self.url, err = self.link(true)
    return self.url and false, err
  end
  return nil, response.refusal(self.what, raw)
end

-- }======

local function transfer(self)
  local starts, over, err = 1, false, nil
  while over == false do
    over, err = step(self)
    if over == "again" and starts < STARTS_MOST then
      starts = starts + 1
      over, err = restart(self)
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

-- Gives the part its name. How long that takes is up to the disk, so a worker does it.
local function save(self, path)
  local loop = self.client.loop
  local ok, err = ops.await(loop, function(future)
    return loop:core():save(future, self.part, path)
  end)
  if not ok then
    return nil, cannot_write(self, err)
  end
  return true
end

-- The file of the service is damaged: fetching it again does not help, and it was paid for.
local function set_aside(self, err)
  local path = beside(self.path, ".invalid")
  if self.sha256 and save(self, path) then
    return errors.reword(err, ("%s; that is what the service has: it is kept as %s")
      :format(err.message, path))
  end
  return err
end

local function check_contents(self)
  if not self.check then
    return true
  end
  local sound, err = self.check(part_of(self.path))
  if not sound then
    errors.reword(err, ("%s: the file is damaged: %s"):format(self.what, err.message))
    self.is_damaged = err.kind == "file"
    return nil, self.is_damaged and set_aside(self, err) or err
  end
  return true
end

local function run(self)
  local ok, err = resume(self)
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
  if ok and not err then
    ok, err = check_contents(self)
  end
  if ok and not err then
    ok, err = save(self, self.path)
  end
  if not ok or err then
    return nil, err
  end
  return self.path
end

-- Leaves only a part that can be resumed. It is removed while it is locked.
local guard = {
  __close = function(self, raised)
    local fetch, err = self.fetch, self.err or raised
    if err and (not fetch.sha256 or fetch.part:size() == 0 or err.kind == "protocol"
      or fetch.is_damaged) then
      os.remove(part_of(fetch.path))
    end
    fetch.part:close()
  end,
}

--- Downloads a file.
---@param options novita.Fetch
---@return string? path
---@return novita.Error? err
---@return string? sha256 of the file, 64 hex digits
---@return integer? bytes of the file
local function fetch(options)
  local self = setmetatable(options, Fetch)
  self.range, self.links = self.range or RANGE, 1
  local part, busy = open_part(self)
  if not part then
    return nil, busy
  end
  local guarded <close> = setmetatable({ fetch = self }, guard)
  local path, err = run(self)
  guarded.err = err
  return path, err, path and self.hash:hex() or nil, path and self.size or nil
end

return fetch
