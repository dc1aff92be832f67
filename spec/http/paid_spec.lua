--- A paid request is sent once, whatever happens to its response.

local co = require "support.coroutines"
local support = require "support.client"

local order = require("support.emulator").order

local NOTHING_MADE, MADE = 0, 1

-- The fault, the number of tasks afterwards, and whether the client can know that number.
local cases = {
  { "FIN before the work", { kind = "fin_before" }, NOTHING_MADE, ambiguous = true },
  { "FIN after the work", { kind = "fin_after" }, MADE, ambiguous = true },
  { "RST before the work", { kind = "reset_before" }, NOTHING_MADE, ambiguous = true },
  { "RST after the work", { kind = "reset_after" }, MADE, ambiguous = true },
  { "no answer before the work", { kind = "hang" }, NOTHING_MADE, ambiguous = true },
  { "no answer after the work", { kind = "hang", after = true }, MADE, ambiguous = true },
  { "503 after the work", { kind = "status", status = 503, after = true }, MADE, ambiguous = true },
  { "504 of a gateway", { kind = "status", status = 504, after = true, body = "<html>late</html>" },
    MADE, ambiguous = true },
  { "408 after the work", { kind = "status", status = 408, after = true }, MADE, ambiguous = true },
  { "201 after the work", { kind = "status", status = 201, after = true, body = "{}" }, MADE,
    ambiguous = true },
  { "201 and an id", { kind = "status", status = 201, after = true, body = '{"task_id":"d6"}' },
    MADE, id = "d6" },
  { "a page with 401 after the work", { kind = "status", status = 401, after = true,
    body = "<html>Sign in</html>" }, MADE, ambiguous = true },
  { "a page with 403 after the work", { kind = "status", status = 403, after = true,
    body = "error code: 1010" }, MADE, ambiguous = true },
  { "a page with 404 after the work", { kind = "status", status = 404, after = true,
    body = "default backend - 404" }, MADE, ambiguous = true },
  { "a page with 429 after the work", { kind = "status", status = 429, after = true,
    body = "<html>slow down</html>" }, MADE, ambiguous = true },
  { "499 after the work", { kind = "status", status = 499, after = true, body = "" }, MADE,
    ambiguous = true },
  { "JSON of a gateway with 403 after the work", { kind = "status", status = 403, after = true,
    body = '{"message":"Forbidden"}' }, MADE, ambiguous = true },
  { "a cut body", { kind = "cut_body" }, MADE, ambiguous = true },
  { "a malformed 200", { kind = "malformed" }, MADE, ambiguous = true },
  { "a 200 without an id", { kind = "status", status = 200, after = true, body = "{}" }, MADE,
    ambiguous = true },
  { "an endless answer", { kind = "big_body", bytes = 20000000 }, MADE, ambiguous = true },
  { "429", { kind = "status", status = 429 }, NOTHING_MADE },
  { "400", { kind = "status", status = 400 }, NOTHING_MADE },
  { "a refusal in an envelope", { kind = "status", status = 200,
    body = '{"code":7,"msg":"not enough balance","data":null}' }, NOTHING_MADE },
}

local ways = {
  create = {
    call = function(client) return client.trainings:create("subject", support.body()) end,
    made = function(ledger) return #ledger.tasks end,
  },
  txt2img = {
    call = function(client) return client.images:txt2img(order()) end,
    made = function(ledger) return #ledger.image_tasks end,
  },
}

-- Only a response that does not come is waited for as long as the timeout is.
local function open(service, paid_timeout)
  return support.client(service, { paid_timeout = paid_timeout or 30, connections = 1 })
end

-- Leaves an idle connection, which libcurl would reuse for the next request.
local function keep_connection(client)
  client.trainings:get("none", "subject")
end

local function fault_of(case, route)
  local fault = { route = route }
  for name, value in pairs(case[2]) do fault[name] = value end
  return fault
end

for route, way in pairs(ways) do
  describe("the paid request " .. route, function()
    for _, case in ipairs(cases) do
      for _, connection in ipairs { "fresh", "kept" } do
        it(("meets %s (%s connection)"):format(case[1], connection), function()
          local service <close> = support.service()
          local client <close> = open(service, case[2].kind == "hang" and 0.5 or nil)
          if connection == "kept" then keep_connection(client) end
          service:fault(fault_of(case, route))
          local id, err = way.call(client)
          assert.equal(case.id, id)
          assert.equal(case.ambiguous, err and err.ambiguous, tostring(err))
          assert.is_nil(tostring(err):find "\n")
          local ledger = service:ledger()
          assert.equal(case[3], way.made(ledger))
          assert.equal(1, ledger.routes[route].requests)
          assert.is_truthy(way.call(client), "the client is of no more use")
        end)
      end
    end

    it("cannot connect: it is repeated, and not ambiguous", function()
      local service = support.service()
      local client <close> = open(service)
      service:stop()
      local id, err = way.call(client)
      assert.is_nil(id)
      assert.equal("network", err.kind)
      assert.equal("refused", err.code)
      assert.is_nil(err.ambiguous)
      assert.is_true(err.attempts > 1)
    end)

    it("is ambiguous if the client is closed during it", function()
      local service <close> = support.service()
      local client = open(service)
      service:fault { kind = "hang", after = true, route = route }
      local id, err
      co.run(function()
        co.spawn(function() id, err = way.call(client) end)
        local tries = 0
        repeat
          co.sleep(0.1)
          tries = tries + 1
        until way.made(service:ledger()) == 1 or tries == 200
        client:close()
      end)
      assert.is_nil(id)
      assert.equal("canceled", err.kind)
      assert.is_true(err.ambiguous)
      assert.equal(1, way.made(service:ledger()))
    end)
  end)
end

describe("a paid request", function()
  it("may take longer than a plain one", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { call_timeout = 0.1, paid_timeout = 5 })
    service:fault { kind = "delay", delay = 0.4, route = "create" }
    assert.is_string((client.trainings:create("subject", support.body())))
  end)
end)

describe("a training flow", function()
  local function train(client)
    return client:train {
      task_type = "subject", name = "ohwx", images = { { bytes = support.photo(1) } },
      base_model = "v1-5-pruned-emaonly", size = 512, max_train_steps = 10,
      instance_prompt = "a photo of ohwx", class_prompt = "person",
    }
  end

  it("submits again after 429, and creates one training", function()
    local service <close> = support.service { speed = 100 }
    local client <close> = support.client(service)
    service:fault { kind = "status", status = 429, headers = { ["Retry-After"] = "1" },
      route = "create" }
    assert(assert(train(client)):wait())
    assert.equal(1, #service:ledger().tasks)
    assert.equal(2, service:ledger().routes.create.requests)
  end)

  it("does not submit again after a lost response, and says what to do", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    service:fault { kind = "reset_after", route = "create" }
    local model, err = assert(train(client)):wait()
    assert.is_nil(model)
    assert.is_true(err.ambiguous)
    assert.matches("may exist and be billed", tostring(err))
    assert.equal(1, #service:ledger().tasks)
  end)
end)

describe("a paid request that must leave by some time", function()
  it("does not leave later, however long the process was paused", function()
    local core = require "novita.core"
    local service <close> = support.service()
    local client <close> = support.client(service)
    local id, err
    do
      local group <close> = client:group()
      group:spawn(function()
        id, err = client.trainings:create_by("subject", support.body(), core.boot_time() + 0.2)
      end)
      group:spawn(os.execute, "sleep 0.4") -- stops everything in this process
    end
    assert.is_nil(id)
    assert.same({ "timeout", "late" }, { err.kind, err.code })
    assert.is_nil(err.ambiguous)
    assert.equal(0, #service:ledger().tasks)
    local photo = assert(client.assets:upload { bytes = support.photo(1) })
    local body = require("support.emulator").subject { photo }
    assert(client.trainings:create_by("subject", body, core.boot_time() + 60))
    assert.equal(1, #service:ledger().tasks)
  end)
end)
