--- Combines every network fault with every call of the client, and compares each result with the
-- expected one. spec/http/fault_matrix_spec.lua runs it as a spec; tools/docs/faults.lua writes the
-- table.

local co = require "support.coroutines"
local core = require "novita.core"
local endpoints = require "novita.fields.endpoints"
local Peers = require "support.faults.peers"
local Front = require "support.faults.front"
local helper = require "support.emulator"
local network = require "support.network"
local novita = require "novita"
local support = require "support.client"

local matrix = {}

local STRIKES <const> = 2 -- the first requests of a cell meet the fault
local ATTEMPTS <const> = 4
matrix.SCALE = 50 -- pauses and timeouts of the cells are the defaults divided by this

-- {====== the calls ======

-- Which requests of a call meet the fault, the class of the call, and the call itself.
matrix.calls = {
  { name = "presign", endpoint = "presign",
    call = function(client) return client.assets:create "png" end, needs_response = true },
  { name = "PUT", class = "put", method = "PUT", prefix = "/training-dataset/",
    call = function(client, _, seconds)
      return client.assets:upload({ bytes = support.photo(1) }, seconds)
    end },
  { name = "create subject", endpoint = "create_subject",
    call = function(client, made, _, name)
      return client.trainings:create("subject", helper.subject({ made.asset }, function(body)
        body.name = name
      end))
    end },
  { name = "create style", endpoint = "create_style",
    call = function(client, made, _, name)
      return client.trainings:create("style", helper.subject({ made.asset }, function(body)
        body.name, body.image_dataset_items[1].caption = name, "a bird"
        body.expert_setting.instance_prompt, body.expert_setting.class_prompt = nil, nil
      end))
    end },
  { name = "get training", endpoint = "get_subject",
    call = function(client, made) return client.trainings:get(made.task, "subject") end },
  { name = "get style", endpoint = "get_style",
    call = function(client, made) return client.trainings:get(made.style, "style") end },
  { name = "list", endpoint = "list_trainings",
    call = function(client) return client.trainings:list({ page_size = 100 }):all() end,
    needs_response = true },
  { name = "txt2img", endpoint = "txt2img",
    call = function(client, _, _, name)
      return client.images:txt2img(helper.order(function(order) order.prompt = name end))
    end },
  { name = "img2img", endpoint = "img2img",
    call = function(client, made, _, name)
      return client.images:img2img(helper.order(function(order)
        order.prompt, order.image_base64 = name, made.base64
      end))
    end },
  { name = "task-result", endpoint = "task_result",
    call = function(client, made) return client.images:get(made.image) end },
  { name = "models", endpoint = "list_models",
    call = function(client) return client.models:list({ types = "lora" }):all() end,
    needs_response = true },
  { name = "user", endpoint = "user",
    call = function(client) return client.account:get() end },
  { name = "balance", endpoint = "balance",
    call = function(client) return client.account:balance() end, needs_response = true },
  { name = "wait for training", class = "wait", endpoint = "get_subject",
    call = function(client, made, _, _, wait)
      return client:attach { task_id = made.task, task_type = "subject" }:wait(wait)
    end },
  { name = "wait for images", class = "wait", endpoint = "task_result",
    call = function(client, made, _, _, wait)
      return client:attach { task_id = made.image, task_type = "image" }:wait(wait)
    end },
  { name = "image to file", class = "file", method = "GET", prefix = "/output-image/",
    call = function(client, made, seconds, name)
      local images, err = client:attach { task_id = made.image, task_type = "image" }:wait()
      if not images then return nil, err end
      return images[1]:save(made.folder .. "/" .. name .. ".png", seconds)
    end },
  { name = "image to memory", class = "memory", method = "GET", prefix = "/output-image/",
    call = function(client, made, seconds)
      local images, err = client:attach { task_id = made.image, task_type = "image" }:wait()
      if not images then return nil, err end
      return images[1]:bytes(seconds)
    end },
  { name = "model file", class = "model", method = "GET", prefix = "/models/",
    call = function(client, made, seconds, name)
      local path = made.folder .. "/" .. name .. ".model"
      local model, err = client.models:find(made.model.model_name)
      if not model then return nil, err end
      return model:save(path, { timeout = seconds })
    end },
}

-- The class of a call is "paid" or "get" unless it names another one. The front compares only the
-- start of a target; the path of a list is also the start of others, so its prefix ends with "?".
for _, call in ipairs(matrix.calls) do
  local endpoint = endpoints[call.endpoint]
  if endpoint then
    call.class = call.class or endpoint.kind == "paid" and "paid" or "get"
    call.method = endpoint.method
    call.prefix = endpoint.path .. (endpoint.kind == "list" and "?" or "")
  end
end

local storage = { put = true, file = true, memory = true, model = true }

-- }======

-- {====== the faults, and their expected results ======

-- An expected result: "ok" or the kind of the error; the number of requests; whether the error is
-- `ambiguous`. The numbers follow from STRIKES and ATTEMPTS.
local function ok(requests) return { kind = "ok", requests = requests or STRIKES + 1 } end
local function fails(kind, requests, ambiguous)
  return { kind = kind, requests = requests or 1, ambiguous = ambiguous }
end

-- A fault that ends: free calls are repeated, a paid one is not, because it was sent.
local function passing(kind, clear)
  return { get = ok(), put = ok(), wait = ok(), file = ok(), memory = ok(), model = ok(),
    paid = fails(kind, 1, not clear) }
end

-- Nothing can be sent at all, so not even a paid call is ambiguous.
local function unreachable(kind, seen, attempts)
  attempts = attempts or ATTEMPTS
  local it = { kind = kind, requests = seen and attempts or 0, attempts = attempts }
  return { get = it, put = it, paid = it, file = it, memory = it, model = it,
    wait = { kind = "timeout", fault = true } }
end

-- The call succeeds as if there was no fault.
local function passing_by()
  return { get = ok(1), put = ok(1), wait = ok(1), file = ok(1), memory = ok(1), model = ok(1),
    paid = ok(1) }
end

-- A timeout: of an attempt for a call of the API; transfers of files have a minimum speed instead.
local function silent()
  return { get = ok(), wait = ok(), paid = fails("timeout", 1, true), put = fails "timeout",
    file = fails "timeout", memory = fails "timeout", model = fails "timeout" }
end

-- A 200 with an unexpected body. A wait continues; a page is not an image; a model is compared with
-- the size and hash that the service reports; only the status of an upload's response counts.
local function nonsense(more)
  local it = { get = fails "protocol", paid = fails("protocol", 1, true), wait = ok(),
    put = ok(1), file = fails "protocol", memory = fails "protocol", model = fails("protocol", 1) }
  for class, result in pairs(more or {}) do it[class] = result end
  return it
end

-- A gateway's response ends a free call, but only several in a row end a wait, and a model gets a
-- new link. It proves nothing about a paid call.
local function gateway(more)
  local it = { get = fails "http", wait = ok(), paid = fails("http", 1, true), put = fails "http",
    file = fails "http", memory = fails "http", model = ok() }
  for class, result in pairs(more or {}) do it[class] = result end
  return it
end

local harmless = nonsense { get = ok(1), paid = ok(1), wait = ok(1), file = ok(1),
  memory = ok(1) }

matrix.faults = {
  { name = "refused", dead = true, expected = unreachable "network" },
  { name = "no such host", nowhere = true, expected = unreachable "network" },
  { name = "TLS failure", kind = "tls", expected = unreachable("tls", true) },
  { name = "tunnel refused, 407", tunnel = "407", expected = unreachable("network", false, 1) },
  { name = "tunnel refused, 403", tunnel = "403", expected = unreachable("network", false, 1) },
  { name = "tunnel refused, 502", tunnel = "502", expected = unreachable "network" },
  { name = "TLS cut in the tunnel", tunnel = "cut", expected = unreachable "tls" },
  { name = "silent name server", silent_name = true, network = true,
    expected = unreachable "timeout" },
  { name = "dead first address", dead_first = true, network = true, expected = passing_by() },
  { name = "reset before the work", kind = "reset-before", expected = passing "network" },
  { name = "reset after the work", kind = "reset-after", expected = passing "network" },
  { name = "cut header", kind = "cut-header", expected = passing "network" },
  { name = "cut body", kind = "cut-body", expected = passing "network" },
  { name = "1 byte a second", kind = "slow", patient = true, expected = silent() },
  { name = "never answers", kind = "never", patient = true, expected = silent() },
  { name = "408", kind = "408", expected = passing "http" },
  { name = "429", kind = "429", expected = passing("api", true) },
  { name = "429, Retry-After", kind = "429-later", later = 1, expected = passing("api", true) },
  { name = "503, two hours fast", kind = "clock-fast", later = 1, soon = 60,
    expected = passing "http" },
  { name = "503, two hours slow", kind = "clock-slow", later = 1, soon = 60,
    expected = passing "http" },
  { name = "500", kind = "500", expected = passing "api" },
  { name = "502, HTML", kind = "502", expected = passing "http" },
  { name = "503", kind = "503", expected = passing "http" },
  { name = "504", kind = "504", expected = passing "http" },
  { name = "401, HTML after the work", kind = "401-page", expected = gateway() },
  { name = "403, text after the work", kind = "403-page", expected = gateway() },
  { name = "403, other JSON after the work", kind = "403-json", expected = gateway() },
  { name = "429, HTML after the work", kind = "429-page", expected = passing "http" },
  { name = "499 after the work", kind = "499", expected = passing "http" },
  { name = "wrong JSON", kind = "wrong-json", expected = nonsense { loose = ok(1) } },
  { name = "truncated JSON", kind = "truncated-json", expected = nonsense() },
  { name = "64 MB body", kind = "large", expected = nonsense { put = fails "protocol",
    file = ok(1), memory = ok(1), model = fails "protocol" } },
  { name = "gzip, not asked for", kind = "gzip", expected = nonsense { get = ok(1), paid = ok(1),
    wait = ok(1), file = ok(1), memory = ok(1), model = ok(1) } },
  { name = "gzip bomb", kind = "gzip-bomb", expected = nonsense { put = fails "protocol" } },
  -- an image or a model may be stored elsewhere; the key is not sent there, and the file is checked
  { name = "redirect", kind = "redirect", expected = { get = fails "http", wait = ok(),
    paid = fails("http", 1, true), put = fails "http", file = ok(1), memory = ok(1),
    model = fails "protocol" } },
  { name = "invalid UTF-8", kind = "utf8", expected = harmless },
  { name = "duplicate keys", kind = "duplicate-keys", expected = harmless, json_only = true },
}

-- An empty response is an unknown state, not an error, for a call that needs no list and no id.
local function expected(fault, call)
  if fault.expected.loose and call.class == "get" and not call.needs_response then
    return fault.expected.loose
  end
  return fault.expected[call.class]
end

-- }======

-- {====== running ======

-- A PNG of one pixel.
local PIXEL <const> = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAC"
  .. "hwGA60e6kgAAAABJRU5ErkJggg=="

local function made_once(service, folder)
  local client <close> = support.client(service)
  local made = { folder = folder }
  made.asset = assert(client.assets:upload { bytes = support.photo(1) })
  made.task = assert(client.trainings:create("subject", helper.subject({ made.asset })))
  made.style = assert(client.trainings:create("style", helper.subject({ made.asset }, function(body)
    body.image_dataset_items[1].caption = "a bird"
    body.expert_setting.instance_prompt, body.expert_setting.class_prompt = nil, nil
  end)))
  made.model = assert(client:attach { task_id = made.task, task_type = "subject" }:wait())
  made.image = assert(client.images:txt2img(helper.order()))
  assert(client:attach { task_id = made.image, task_type = "image" }:wait())
  made.base64 = PIXEL
  return made
end

--- Whether a fault applies to a call: some change JSON, which the storage does not use.
function matrix.applies(fault, call)
  return not (fault.json_only and storage[call.class])
end

--- Whether this process can have a fault: some need a name server, see support.network.
function matrix.is_possible(fault)
  return network.inside or not fault.network
end

local function new_cells(wanted, peers)
  local cells, orders = {}, {}
  for t, fault in ipairs(matrix.faults) do
    for c, call in ipairs(matrix.calls) do
      if matrix.applies(fault, call) and matrix.is_possible(fault)
        and (not wanted or wanted(fault, call))
      then
        local links = peers:base(fault) or fault.dead and "dead" or fault.nowhere and "nowhere"
          or fault.kind == "tls" and "tls" or "self"
        local name = ("cell-%d-%d"):format(t, c)
        cells[#cells + 1] = { fault = fault, call = call, name = name }
        orders[#orders + 1] = { kind = fault.kind or "none",
          times = fault.kind and STRIKES or 0, method = call.method, prefix = call.prefix,
          links = links }
      end
    end
  end
  return cells, orders
end

-- A name is too long with a label of 64 bytes: the resolver refuses it without asking the name
-- servers of the machine, which may be slow.
local NOWHERE <const> = ("https://%064d.invalid"):format(0)

-- The base URL of a cell's client. For the storage, only links in responses are redirected.
local function base_url(cell, front, port, peers)
  local fault = cell.fault
  if not storage[cell.call.class] then
    local base = peers:base(fault)
    if base then return (base:gsub("PORT", tostring(port))) end
    if fault.dead then return "http://127.0.0.1:" .. front.dead end
    if fault.nowhere then return NOWHERE end
    if fault.kind == "tls" then return "https://127.0.0.1:" .. port end
  end
  return "http://127.0.0.1:" .. port
end

-- Seconds for one attempt; the short form leaves time for a busy machine.
local function attempt(cell, long, seconds)
  if not cell.fault.patient then return 60 end
  return long and seconds / matrix.SCALE or 4
end

-- One authority: to read the system's takes each client 20 ms, which a program spends once.
local function new_client(cell, service, front, port, long, peers)
  return novita.client {
    api_key = service.api_key, base_url = base_url(cell, front, port, peers),
    log = function() end, ca_file = peers.authority.ca_file,
    connect_timeout = cell.fault.silent_name and 10 / matrix.SCALE or 10,
    call_timeout = attempt(cell, long, 60),
    paid_timeout = attempt(cell, long, 120),
    retry = { attempts = ATTEMPTS, min = 0.5 / matrix.SCALE, max = 30 / matrix.SCALE },
    poll = { first = 0, min = 2 / matrix.SCALE, max = 4 / matrix.SCALE, rate = 1000,
      timeout = attempt(cell, long, 30) },
  }
end

-- The timeout of a call: long if a result is expected, short if a timeout is.
local function call_seconds(cell, long)
  if not cell.fault.patient or not storage[cell.call.class] then return 120 end
  return long and 300 or 6
end

local function run_cell(cell, service, front, port, made, long, peers)
  local client <close> = new_client(cell, service, front, port, long, peers)
  local wait = expected(cell.fault, cell.call).fault and 0.5 or 120
  local began = core.now()
  local value, err = cell.call.call(client, made, call_seconds(cell, long), cell.name, wait)
  cell.value, cell.err, cell.seconds = value, err, core.now() - began
  cell.ended = true
  cell.real = call_seconds(cell, long) == 300 -- the real duration, not scaled
end

local LONGEST <const> = 400 -- seconds; a cell that takes longer hangs

local TICK <const> = 0.02 -- seconds

-- The seconds that this thread could have run, but that the machine gave to others; 0 where the
-- system does not count them.
local function stolen()
  local file = io.open "/proc/thread-self/schedstat"
  if not file then return 0 end
  local _, waited = file:read("n", "n")
  file:close()
  return (waited or 0) / 1e9
end

-- Measures how long the loop is blocked: by how much a short sleep is too long.
local function watch_loop(seen)
  while true do
    local began = core.now() - stolen()
    co.sleep(TICK)
    seen.longest = math.max(seen.longest, core.now() - stolen() - began - TICK)
  end
end

local function run_all(cells, service, front, made, long, peers, blocked)
  local watcher = co.spawn(watch_loop, blocked)
  local group <close> = co.group { limit = long and 16 or 100, collect = true }
  for i, cell in ipairs(cells) do
    group:spawn(function()
      local fiber = co.spawn(function()
        run_cell(cell, service, front, front.ports[i], made, long, peers)
      end)
      local _, why = fiber:wait(LONGEST)
      cell.raised = not cell.ended and tostring(why) or nil
      if not cell.ended then fiber:cancel() end
    end)
  end
  group:wait()
  watcher:cancel()
end

-- }======

-- {====== comparing ======

-- The number of tasks with a cell's name at the emulator.
local function made_tasks(ledger, name)
  local n = 0
  for _, task in ipairs(ledger.tasks) do n = n + (task.name == name and 1 or 0) end
  for _, task in ipairs(ledger.image_tasks) do
    n = n + (task.request.prompt == name and 1 or 0)
  end
  return n
end

local function kind_of(cell)
  if cell.value ~= nil then return "ok" end
  return cell.err and cell.err.kind or "nothing"
end

-- libcurl itself repeats a free request once if a kept connection breaks, which happens on a busy
-- machine. It never repeats a paid one.
local function is_count(cell, wanted)
  local more = cell.seen - wanted
  return more == 0 or more == 1 and cell.call.class ~= "paid"
end

-- The difference from the expected result, or nil.
local function flaw(cell, long)
  local want = expected(cell.fault, cell.call)
  if long and cell.fault.patient and storage[cell.call.class] then want = ok() end
  local err = cell.err or {}
  if not cell.ended then return "hangs or raises: " .. tostring(cell.raised) end
  if kind_of(cell) ~= want.kind then return ("%s, not %s"):format(kind_of(cell), want.kind) end
  if want.requests and not is_count(cell, want.requests) then
    return ("%d requests, not %d"):format(cell.seen, want.requests)
  end
  if want.attempts and err.attempts ~= want.attempts then
    return ("%s attempts, not %d"):format(tostring(err.attempts), want.attempts)
  end
  if (err.ambiguous == true) ~= (want.ambiguous == true) then
    return "ambiguous is " .. tostring(err.ambiguous)
  end
  if cell.made > 1 then return cell.made .. " tasks were created" end
  if cell.call.class == "paid" and cell.value ~= nil and cell.made ~= 1 then
    return "created nothing"
  end
  if cell.fault.later and want.kind == "ok" and cell.seconds < cell.fault.later then
    return "Retry-After was not respected"
  end
  if cell.fault.soon and cell.seconds > cell.fault.soon then
    return "Retry-After was measured with the wrong clock"
  end
  if cell.err and tostring(cell.err):find "%c" then return "not one line" end
end

-- A paid task that exists although the client seems sure that it does not: it knows nothing of it.
local function is_lost(cell)
  return cell.call.class == "paid" and cell.made > 0 and cell.value == nil
    and not (cell.err and cell.err.ambiguous)
end

local function leaks(cell)
  return storage[cell.call.class] and cell.with_key or 0
end

---@class spec.Matrix
---@field cells table[]
---@field hangs integer
---@field lost integer paid tasks that exist, while the client says that they do not
---@field longest_block number seconds that the loop did nothing else
---@field doubled integer paid tasks that exist twice
---@field leaked integer requests with the key to another host than the API's
---@field flaws string[] cells with an unexpected result

--- Runs the cells that `wanted` accepts. `long`: waits for a silent storage as long as the client
-- does.
---@param wanted? fun(fault: table, call: table): boolean
---@param long? boolean
---@return spec.Matrix
function matrix.run(wanted, long)
  local folder <close> = support.folder()
  local service <close> = support.service { speed = 500, log_limit = 10,
    presign_ttl = 604800, result_ttl = 604800 }
  local made = made_once(service, folder.path)
  local peers <close> = Peers.start()
  local cells, orders = new_cells(wanted, peers)
  local front <close> = Front.start(service, orders)
  local blocked = { longest = 0 }
  peers:through(function()
    co.run(run_all, cells, service, front, made, long, peers, blocked)
  end)
  local counts, ledger = front:stop(), service:ledger()
  local result = { cells = cells, hangs = 0, lost = 0, doubled = 0, leaked = 0, flaws = {},
    longest_block = blocked.longest }
  for i, cell in ipairs(cells) do
    cell.seen, cell.with_key = counts[i].seen, counts[i].with_key
    cell.made = made_tasks(ledger, cell.name)
    result.hangs = result.hangs + (cell.ended and 0 or 1)
    result.lost = result.lost + (is_lost(cell) and 1 or 0)
    result.doubled = result.doubled + math.max(0, cell.made - 1)
    result.leaked = result.leaked + leaks(cell)
    local wrong = flaw(cell, long)
    if wrong then
      result.flaws[#result.flaws + 1] = ("%s x %s: %s (%s)"):format(cell.fault.name,
        cell.call.name, wrong, tostring(cell.err))
    end
  end
  result.leaked = result.leaked + counts.witness.with_key + ledger.upload_authorization
  return result
end

-- }======

return matrix
