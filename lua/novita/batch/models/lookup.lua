--- Finds trained models in the service's list. Only one search reads the list at a time; the others
--- wait for it and use what it has seen, so that many models that begin to serve together cost few
--- requests.

local core = require "novita.core"
local errors = require "novita.base.error"
local model_names = require "novita.forms.model_names"
local semaphore = require "novita.async.semaphore"

local FRESH <const> = 60 -- seconds for which an entry, with its link, is used

local FILTER <const> = { visibility = "private", source = "training", types = "lora",
  page_size = 100 }

---@class novita.batch.Lookup
---@field client novita.Client
local Lookup = {}
Lookup.__index = Lookup

local function not_found(name)
  return errors.new {
    kind = "api",
    code = "MODEL_NOT_FOUND",
    message = ("find model %s: it is not in the list of models"):format(name),
    retryable = true,
  }
end

-- Keeps an entry for the caller that waits for it.
local function note(self, entry)
  for stem, search in pairs(self.searches) do
    if entry:is(stem) then
      search.model, search.seen_at = entry, core.now()
      return
    end
  end
end

-- Reads the list until it has the model. A list that was read to its end answers every search that
-- was waiting when it began.
local function read(self, own)
  local before = {}
  for _, search in pairs(self.searches) do
    before[search] = true
  end
  local list = self.client.models:list(FILTER)
  local entry, err = list:first()
  while entry do
    note(self, entry)
    if own.model then
      return true
    end
    entry, err = list:first()
  end
  if err then
    return nil, err
  end
  for search in pairs(before) do
    search.is_missing = not search.model
  end
  return true
end

local function is_settled(search)
  if search.model and core.now() - search.seen_at >= FRESH then
    search.model = nil
  end
  return search.model or search.is_missing
end

local function join(self, stem)
  local search = self.searches[stem] or { count = 0 }
  search.count = search.count + 1
  self.searches[stem] = search
  return search, setmetatable({}, { __close = function()
    search.count = search.count - 1
    if search.count == 0 then
      self.searches[stem] = nil
    end
  end })
end

--- Finds a model, with a fresh link if the service gives one.
---@param name string with or without its ending
---@return novita.Model?
---@return novita.Error? err code "MODEL_NOT_FOUND"
function Lookup:find(name)
  local stem = model_names.stem(name)
  local search, joined = join(self, stem)
  local _ <close> = joined
  local permit <close> = self.permits:acquire()
  if permit and not is_settled(search) then
    local ok, err = read(self, search)
    if not ok then
      return nil, err
    end
  end
  if search.model then
    return search.model
  end
  return nil, not_found(stem)
end

---@param client novita.Client
---@return novita.batch.Lookup
return function(client)
  return setmetatable({ client = client, searches = {}, permits = semaphore(client.loop, 1) },
    Lookup)
end
