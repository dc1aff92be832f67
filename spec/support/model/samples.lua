--- The sample images in the model of the service (support.model.batch): every fault of their paid
--- request and of fetching them. The saved files outlive the runner.

local errors = require "novita.base.error"

local samples_model = {}

local function failure(kind, code, status, ambiguous)
  return errors.new { kind = kind, code = code, message = code, status = status,
    ambiguous = ambiguous }
end

-- {====== the service ======

--- The images that the service and the disk have.
function samples_model.new()
  return { made = {}, of_job = {}, saved = {}, orders = 0, fetches = 0 }
end

local function make(samples, name)
  local id = ("image%d"):format(#samples.made + 1)
  samples.made[#samples.made + 1] = { task_id = id, job = name }
  samples.of_job[name] = (samples.of_job[name] or 0) + 1
  return id
end

-- The possible results of the paid request. Each name says whether the images were made.
local order_faults = {
  none = make,
  reset_before = function() return nil, failure("network", "reset", nil, true) end,
  reset_after = function(samples, name)
    make(samples, name)
    return nil, failure("network", "reset", nil, true)
  end,
  status_503_after = function(samples, name)
    make(samples, name)
    return nil, failure("api", "SERVICE_NOT_AVAILABLE", 503, true)
  end,
  gateway_after = function(samples, name)
    make(samples, name)
    return nil, failure("http", "HTTP_403", 403, true)
  end,
  malformed_after = function(samples, name)
    make(samples, name)
    return nil, failure("protocol", "malformed", 200, true)
  end,
  canceled_after = function(samples, name)
    make(samples, name)
    return nil, failure("canceled", "canceled")
  end,
  unreachable = function() return nil, failure("network", "refused") end,
  too_many = function() return nil, failure("api", "RATE_LIMIT_EXCEEDED", 429) end,
  refused = function() return nil, failure("api", "ILLEGAL_PROMPT", 400) end,
  no_balance = function() return nil, failure("api", "NOT_ENOUGH_BALANCE", 403) end,
}

-- The possible results of fetching images: an error, and whether the service has made them.
local fetch_faults = {
  none = function() end,
  down = function() return failure("network", "reset"), false end,
  gateway = function() return failure("http", "HTTP_404", 404), false end,
  refused = function() return failure("api", "VALIDATOR", 400), false end,
  revoked = function() return failure("api", "FAILED_TO_AUTH", 401), false end,
  failed = function() return failure("api", "FAILED"), false end,
  forgotten = function() return failure("api", "TASK_NOT_FOUND", 404), false end,
  expired = function() return failure("http", "AccessDenied", 403), true end,
  link_gone = function() return failure("http", "HTTP_404", 404), true end,
  disk_full = function() return failure("file", "write"), true end,
}

-- }======

-- {====== the backend ======

local function fault_of(service, what, count)
  return service[what .. "_fault_at"] == count and service[what .. "_fault"] or "none"
end

local methods = {}

function methods:order_samples(_, name)
  self.point(self)
  local samples = self.service.samples
  samples.orders = samples.orders + 1
  local id, err = order_faults[fault_of(self.service, "order", samples.orders)](samples, name)
  self.point(self) -- the images are made or not; the caller does not know yet
  return id, err
end

function methods:fetch_samples(task_id, folder)
  self.point(self)
  local service = self.service
  local samples = service.samples
  samples.fetches = samples.fetches + 1
  local err, is_made = fetch_faults[fault_of(service, "fetch", samples.fetches)]()
  if err then return nil, err, is_made end
  samples.saved[task_id] = true
  self.point(self) -- the files are on the disk, and the journal does not know
  return { folder .. "/" .. task_id .. ".png" }, nil, true
end

function methods:try_samples()
  self.point(self)
  if self.service.cannot_save then return nil, failure("file", "write") end
  return true
end

--- Gives the backend of a run these methods.
---@param backend table
---@param point fun(backend: table) where the process may die
function samples_model.add_to(backend, point)
  backend.point = point
  for name, method in pairs(methods) do backend[name] = method end
end

-- }======

local function names(list)
  local found = {}
  for name in pairs(list) do
    if name ~= "none" then found[#found + 1] = name end
  end
  table.sort(found)
  return found
end

--- The names of the faults.
samples_model.order_faults, samples_model.fetch_faults = names(order_faults), names(fetch_faults)

return samples_model
