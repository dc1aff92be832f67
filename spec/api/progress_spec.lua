local co = require "support.coroutines"
local interpreter = require "support.interpreter"
local novita = require "novita"
local fixtures = require "support.fixtures"
local refusal = require "support.refusal"

local Status = require "novita.client.status"

local function line(fields)
  return tostring(setmetatable(fields, Status))
end

-- A stream that records the output.
local function paper()
  return { text = "", write = function(self, ...)
    self.text = self.text .. table.concat { ... }
    return self
  end, flush = function() end }
end

local function shown(options, prepare)
  -- half a second in each stage, so that a busy machine sees all of them
  local service <close> = fixtures.service { speed = 20, queue_seconds = 10, seconds_per_step = 0.1,
    deploy_seconds = 10 }
  local client <close> = fixtures.client(service)
  local out = paper()
  options.out = out
  if prepare then prepare(service) end
  local images = { { bytes = fixtures.photo() }, { bytes = fixtures.photo() } }
  local task = assert(client:train(fixtures.form(images)))
  local value, err = novita.progress(task, options)
  return out.text, value, err
end

local function lines_of(text)
  local list = {}
  for piece in text:gmatch "[^\n]+" do list[#list + 1] = piece end
  return list
end

describe("a status as a text", function()
  for _, case in ipairs {
    { { stage = "preparing" }, "preparing" },
    { { stage = "uploading", images = 12, images_uploaded = 0 },
      "uploading   [........................] 0/12 photos" },
    { { stage = "uploading", images = 12, images_uploaded = 6, bytes_uploaded = 1234567 },
      "uploading   [############............] 6/12 photos, 1.2 MB" },
    { { stage = "uploading" }, "uploading   [........................] 0/0 photos" },
    { { stage = "submitting", images = 12, images_uploaded = 12 }, "submitting" },
    { { stage = "queuing", task_id = "x" }, "queuing" },
    { { stage = "training" }, "training" },
    { { stage = "training", progress_percent = 50 },
      "training    [############............]  50 %" },
    { { stage = "training", progress_percent = 25, eta = 59.4 },
      "training    [######..................]  25 %, 59 s left" },
    { { stage = "training", progress_percent = 99, eta = 754 },
      "training    [########################]  99 %, 12:34 left" },
    { { stage = "training", progress_percent = 140, eta = 0 },
      "training    [########################] 140 %" },
    { { stage = "training", progress_percent = -5 },
      "training    [........................]  -5 %" },
    { { stage = "deploying", progress_percent = 100, eta = 0 },
      "deploying   [########################] 100 %" },
    { { stage = "serving" }, "serving" },
    { { stage = "failed" }, "failed" },
    { { stage = "canceled" }, "canceled" },
    { { stage = "queuing", last_error = "status 503" }, "queuing     (status 503; still waiting)" },
  } do
    it("writes " .. case[2], function()
      assert.equal(case[2], line(case[1]))
    end)
  end
end)

describe("progress", function()
  it("prints one line for each stage if it cannot redraw, and returns the result", function()
    local text, model, err = shown { terminal = false }
    assert.is_nil(err)
    assert.equal("subject", model.task_type)
    assert.is_nil(text:find "\27")
    local stages = {}
    for i, piece in ipairs(lines_of(text)) do stages[i] = piece:match "^%l+" end
    assert.same({ "preparing", "uploading", "submitting", "waiting", "queuing", "training",
      "deploying", "serving" }, stages)
  end)

  it("prefixes each line with the name", function()
    local text = shown { terminal = false, name = "anna" }
    for _, piece in ipairs(lines_of(text)) do assert.matches("^anna: %l+", piece) end
  end)

  it("redraws one line on a terminal, and ends it", function()
    local text, model = shown { terminal = true, name = "anna" }
    assert.is_not_nil(model)
    assert.equal(1, #lines_of(text))
    assert.equal("\n", text:sub(-1))
    local count = 0
    for drawn in text:gmatch "\r\27%[K([^\r\n]*)" do
      assert.matches("^anna: %l+", drawn)
      count = count + 1
    end
    assert.is_true(count >= 7, count)
    assert.matches("anna: serving\n$", text)
  end)

  it("ends the line also when the wait is canceled", function()
    local service <close> = fixtures.service { queue_seconds = math.huge }
    local client <close> = fixtures.client(service)
    local out = paper()
    co.run(function()
      local task <close> = assert(client:train(fixtures.form { { bytes = fixtures.photo() } }))
      local group <close> = co.group {}
      local fiber = group:spawn(function()
        novita.progress(task, { out = out, terminal = true })
      end)
      for _ = 1, 200 do
        if out.text:find "queuing" then break end
        co.sleep(0.05)
      end
      fiber:cancel()
    end)
    assert.matches("\r\27%[Kqueuing[^\n]*\n$", out.text)
  end)

  it("shows a failure as the last stage and returns the error", function()
    local text, model, err = shown({ terminal = false }, function(service)
      service:fault { kind = "status", status = 400, route = "create" }
    end)
    assert.is_nil(model)
    assert.equal(400, err.status)
    assert.matches("failed\n$", text)
  end)

  describe("of many tasks", function()
    local function several(options)
      local service <close> = fixtures.service { speed = 50, queue_seconds = 10,
        seconds_per_step = 0.1, deploy_seconds = 10 }
      local client <close> = fixtures.client(service)
      local tasks = {}
      for i, name in ipairs { "anna", "ben", "cleo" } do
        local form = fixtures.form { { bytes = fixtures.photo() } }
        form.name = name
        if i == 2 and options.bad then form.images = "/nonexistent" end
        tasks[i] = client:train(form)
      end
      local out = paper()
      local values, err = novita.progress(tasks, { out = out, terminal = options.terminal })
      return out.text, values, err, tasks
    end

    it("prints a line for each stage of a task, and returns all values", function()
      local text, models, err, tasks = several { terminal = false }
      assert.is_nil(err)
      local ends = {}
      for _, piece in ipairs(lines_of(text)) do
        local name, stage = piece:match "^(%l+): (%l+)"
        ends[name] = stage
      end
      assert.same({ anna = "serving", ben = "serving", cleo = "serving" }, ends)
      for i, task in ipairs(tasks) do assert.equal(task:result(), models[i]) end
    end)

    it("redraws one line on a terminal, and keeps a line for each end", function()
      local text, models, err, tasks = several { terminal = true, bad = true }
      assert.is_nil(models)
      assert.equal(select(2, tasks[2]:result()), err)
      local lines = lines_of(text)
      assert.equal(4, #lines)
      local all = table.concat(lines, " ")
      assert.matches("\27%[Kanna: serving", all)
      assert.matches("\27%[Kben: failed: .*/nonexistent", all)
      assert.matches("ended, [^\27]*%d training %([^\27]*%d %%, [^\27]*%d s left%)", text)
      assert.matches("\r\27%[K3 of 3 ended, 2 serving, 1 failed$", lines[4])
      assert.equal("\n", text:sub(-1))
    end)

    it("accepts a list without tasks", function()
      assert.same({}, novita.progress({}, { out = paper(), terminal = false }))
    end)

    it("ends with a task that ends in the stage that was shown", function()
      local service <close> = fixtures.service()
      local client <close> = fixtures.client(service, { api_key = "sk_wrong" })
      local task = client:attach { task_id = "a", task_type = "subject" }
      local out = paper()
      local none, err = novita.progress({ task }, { out = out, terminal = false })
      assert.is_nil(none)
      assert.equal("api", err.kind)
      assert.matches("^a: waiting     no status yet\n.*a: no longer waiting: .*API key", out.text)
    end)

    it("refuses a coroutine, which has no status", function()
      local group <close> = co.group()
      local fiber = group:spawn(function() end)
      assert.matches("^tasks%[1%] must be a task handle, got ", refusal(novita.progress, { fiber }))
      assert.matches("^tasks must be a list ", refusal(novita.progress, fiber))
    end)

    it("refuses anything else", function()
      assert.equal("tasks[1] must be a task handle or a coroutine, got 7",
        refusal(novita.progress, { 7 }, {}))
      assert.equal("tasks must be a list of task handles and coroutines, got nil",
        refusal(novita.progress, nil, {}))
    end)
  end)

  it("refuses a mistyped option at the caller's line", function()
    assert.equal("nme is not an option of progress: did you mean name?",
      refusal(novita.progress, {}, { nme = "x" }))
  end)

  it("detects whether it writes to a terminal", function()
    local source = [[
      local novita = require "novita"
      local fixtures = require "support.fixtures"
      local service <close> = fixtures.service {}
      local client <close> = fixtures.client(service)
      local task = assert(client:train(fixtures.form { { bytes = fixtures.photo() } }))
      assert(novita.progress(task))
    ]]
    local output, status = fixtures.program(source)
    assert.equal(0, status)
    assert.is_nil(output:find "\27")
    if not os.execute "command -v script >/dev/null" then
      pending "there is no 'script' program that could give a terminal"
      return
    end
    local path = os.tmpname()
    fixtures.write(path, ("package.path, package.cpath = %q, %q\n")
      :format(package.path, package.cpath) .. source)
    local command = "script -qec 'timeout 20 %s %s' /dev/null </dev/null"
    local pipe = assert(io.popen(command:format(interpreter, path)))
    output = pipe:read "a"
    pipe:close()
    os.remove(path)
    assert.matches("\r\27%[Kuploading", output)
    assert.matches("\r\27%[Kserving", output)
  end)
end)
