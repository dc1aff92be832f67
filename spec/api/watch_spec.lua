--- Many tasks are watched with few requests: within a rate limit, at an interval that fits each
--- task, and without a trace once no handle is left.

local co = require "support.coroutines"
local core = require "novita.core"
local novita = require "novita"
local support = require "support.client"

local MANY = 400

-- Creates trainings that stay in the queue; returns their ids.
local function trainings(client, count)
  local ids = {}
  for i = 1, count do ids[i] = assert(client.trainings:create("subject", support.body())) end
  return ids
end

local function attach_all(client, ids)
  local tasks = {}
  for i, id in ipairs(ids) do tasks[i] = client:attach { task_id = id, task_type = "subject" } end
  return tasks
end

local function status_count(service)
  return (service:ledger().routes.status or { requests = 0 }).requests
end

local function step_for(client, seconds)
  local till = core.now() + seconds
  while core.now() < till do client.loop:step(till - core.now()) end
end

describe("many watched tasks", function()
  it("all end over a few connections", function()
    local service <close> = support.service { slots = MANY, seconds_per_step = 0, speed = 100 }
    local client <close> = support.client(service, { connections = 4, poll = { rate = 1e6 } })
    local asset = assert(client.assets:upload { bytes = support.photo(1) })
    local ids = {}
    for i = 1, MANY do
      ids[i] = assert(client.trainings:create("subject", support.body(function(body)
        body.image_dataset_items = { { assets_id = asset } }
      end)))
    end
    local count, seen = 0, {}
    for task, model, err in novita.as_completed(attach_all(client, ids), 20) do
      assert(model, err)
      assert.equal(task.task_id, model.task_id)
      assert.is_nil(seen[model.model_name])
      seen[model.model_name], count = true, count + 1
    end
    assert.equal(MANY, count)
    assert.is_true(support.connections(service, true) <= 4)
  end)

  it("keep to the budget of polls_of a second, and each gets its turn", function()
    local service <close> = support.service { queue_seconds = math.huge, log_limit = 10000 }
    local client <close> = support.client(service, { connections = 4,
      poll = { min = 0.01, max = 0.02, rate = 200 } })
    local ids = trainings(client, 100)
    local began, tasks, most, count, tries = core.now(), attach_all(client, ids), 0, 0, 0
    -- A busy machine does less, but hardly in each half of a second.
    while count < 300 and tries < 40 or most < 70 and tries < 20 do
      local before = count
      step_for(client, 0.5)
      count, tries = status_count(service), tries + 1
      most = math.max(most, count - before)
    end
    assert.is_true(count <= 200 * (core.now() - began) + 4 + 5, "polls_of: " .. count)
    assert.is_true(most >= 70, "polls_of half a second: " .. most)
    for _, task in ipairs(tasks) do
      local polls = task:status().polls
      assert.is_true(polls >= 1 and polls <= count // 100 + 5, "polls of one: " .. polls)
    end
  end)

  it("are polled at different times although they began together", function()
    local service <close> = support.service { queue_seconds = math.huge, log_limit = 10000 }
    local client <close> = support.client(service, { connections = 16,
      poll = { min = 0.4, max = 1, rate = 1e6 } })
    local ids = trainings(client, 50)
    attach_all(client, ids)
    step_for(client, 1.2)
    local second, first = {}, {}
    for _, request in ipairs(support.requests(service, "status")) do
      local id = request.target:match "task_id=(.*)"
      if not first[id] then
        first[id] = request.at
      elseif first[id] > 0 then -- a third one is not of interest
        second[#second + 1] = (request.at - first[id]) / 20
        first[id] = -1
      end
    end
    table.sort(second)
    assert.equal(50, #second)
    assert.is_true(second[1] >= 0.4 - 0.03, "shortest " .. second[1])
    assert.is_true(second[50] <= 0.4 * 1.25 + 0.4, "longest " .. second[50])
    assert.is_true(second[50] - second[1] > 0.05, "they go in step")
  end)
end)

describe("the interval", function()
  local function polls_of(body, seconds)
    local service <close> = support.service()
    local client <close> = support.client(service, { poll = { min = 0.05, max = 5 } })
    service:fault { kind = "status", status = 200, body = body, route = "status", forever = true }
    client:attach { task_id = "x", task_type = "subject" }
    step_for(client, seconds)
    return status_count(service)
  end

  it("is long while much work is left, and short near the end", function()
    local far = polls_of('{"task_status":"TRAINING","extra":{"eta_relative":3000}}', 0.8)
    local near = polls_of('{"task_status":"TRAINING","extra":{"eta_relative":"0.1"}}', 0.8)
    local deploying = polls_of('{"task_status":"SUCCESS","models":[{"model_status":"DEPLOYING"}]}',
      0.8)
    assert.equal(1, far)
    assert.is_true(near >= 8, "near its end: " .. near)
    assert.is_true(deploying >= 4, "deploying: " .. deploying)
  end)

  it("grows with each failure", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { poll = { min = 0.01, max = 10 } })
    service:fault { kind = "reset_before", route = "status", forever = true }
    client:attach { task_id = "x", task_type = "subject" }
    step_for(client, 1)
    local count = status_count(service)
    assert.is_true(count >= 3 and count < 30, "polls_of in an outage: " .. count)
  end)
end)

describe("a watch", function()
  it("that is canceled during a poll does not affect the others", function()
    local service <close> = support.service { queue_seconds = math.huge }
    local client <close> = support.client(service, { connections = 1, poll = { timeout = 20 } })
    local tasks = attach_all(client, trainings(client, 3))
    service:fault { kind = "hang", route = "status" }
    step_for(client, 0.1)
    local stuck = {}
    for _, request in ipairs(support.requests(service, "status")) do
      stuck[#stuck + 1] = request.target:match "task_id=(.*)"
    end
    local hung = stuck[#stuck]
    for _, task in ipairs(tasks) do
      if task.task_id == hung then task:cancel() end
    end
    step_for(client, 0.3)
    for _, task in ipairs(tasks) do
      if task.task_id == hung then
        assert.equal("canceled", select(2, task:result()).kind)
      else
        assert.is_true(task:status().polls > 1, "the others wait for ever")
      end
    end
  end)

  it("ends when its client is closed, even during a poll", function()
    local service <close> = support.service { queue_seconds = math.huge }
    local client = support.client(service, { connections = 2 })
    local tasks = attach_all(client, trainings(client, 10))
    service:fault { kind = "hang", route = "status", forever = true }
    step_for(client, 0.1)
    client:close()
    for _, task in ipairs(tasks) do
      assert.is_true(task:done())
      assert.equal("canceled", select(2, task:wait()).kind)
    end
    local count = status_count(service)
    co.sleep(0.1)
    assert.equal(count, status_count(service))
  end)

  it("wakes its program only to poll again", function()
    local service <close> = support.service { queue_seconds = math.huge }
    local client <close> = support.client(service, { poll = { min = 30, max = 30 } })
    local task = client:attach { task_id = trainings(client, 1)[1], task_type = "subject" }
    local till = core.now() + 20
    while task:status().polls == 0 and core.now() < till do client.loop:step(1) end
    assert.equal(1, task:status().polls)
    local rest = client.loop:timeout()
    assert.is_true(rest > 5, rest)
  end)

  it("polls exactly its id, whatever characters it has", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { poll = { not_found_grace = 0 } })
    local id = "a b&task_id=c/../%41\u{e9}#?"
    local _, err = client:attach { task_id = id, task_type = "subject" }:wait()
    assert.equal("TASK_NOT_FOUND", err.code)
    assert.equal("/v3/training/subject?task_id=a%20b%26task_id%3Dc%2F..%2F%2541%C3%A9%23%3F",
      support.requests(service, "status")[1].target)
  end)

  -- All of them use the same handle of libcurl, one after the other.
  it("has the headers of other requests, each once, and they have their own URLs", function()
    local service <close> = support.service { log_limit = 100 }
    local client <close> = support.client(service, { connections = 1 })
    local function wait_and_list(id)
      client:attach { task_id = id, task_type = "subject" }:wait(0.3)
      for _ in client.trainings:list { task_type = "subject" } do end
    end
    local id = trainings(client, 1)[1]
    wait_and_list(id)
    wait_and_list(id)
    local polls, lists = support.requests(service, "status"), support.requests(service, "list")
    assert.is_true(#polls >= 2)
    assert.equal(2, #lists)
    for _, name in ipairs { "user-agent", "accept", "authorization", "content-type", "host" } do
      assert.is_string(lists[1].headers[name])
      for _, request in ipairs { polls[1], polls[#polls], lists[2] } do
        assert.equal(lists[1].headers[name], request.headers[name])
      end
    end
    assert.equal("identity", polls[#polls].headers["accept-encoding"])
    assert.not_equal("identity", lists[2].headers["accept-encoding"])
    assert.equal("/v3/training/subject?task_id=" .. id, polls[#polls].target)
    assert.equal(lists[1].target, lists[2].target)
  end)

  it("continues while uploads use the connections", function()
    local service <close> = support.service { queue_seconds = math.huge }
    local client <close> = support.client(service, { connections = 3, uploads = 2 })
    local task = client:attach { task_id = trainings(client, 1)[1], task_type = "subject" }
    service:fault { kind = "delay", delay = 0.1, route = "put", forever = true }
    local sources = {}
    for i = 1, 8 do sources[i] = { bytes = support.photo(i) } end
    local before = status_count(service)
    assert(client:upload(sources):wait(20))
    assert.is_true(status_count(service) - before >= 4)
    assert.equal("queuing", task:status().stage)
  end)
end)
