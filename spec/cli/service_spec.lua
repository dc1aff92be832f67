-- The commands that use the service, against the emulator: their output, their JSON and their
-- failures.

local cjson = require("cjson").new()
local cli = require "support.cli"
local emulator = require "novita.emulator"
local lfs = require "lfs"

local FAST = { speed = 20, queue_seconds = 0.2, deploy_seconds = 0.2, seconds_per_step = 0.001 }

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

describe("with a service", function()
  local service, env, folder
  before_each(function()
    service = assert(emulator.start(FAST))
    env, folder = cli.env(service), cli.folder()
  end)
  after_each(function()
    service:stop()
    cli.remove(folder)
  end)

  local function train(...)
    cli.photos(folder .. "/anna", 3)
    return cli.run({ "train", folder .. "/anna", "--prompt", "a photo of ohwx person", "--steps",
      "100", "--poll", "0.1", ... }, env)
  end

  describe("train", function()
    it("trains once and prints the model", function()
      local done = train()
      assert.equal(0, done.status, done.err)
      local model = done.out:match "^serving: (%S+)\n$"
      local ledger = service:ledger()
      assert.equal(1, #ledger.tasks)
      assert.matches("^%x+%-%x+%-anna$", ledger.tasks[1].name)
      assert.equal(3, #ledger.assets)
      assert.is_string(model)
      has(done.err, "anna: uploading")
      has(done.err, "anna: serving")
      assert.is_nil(done.err:find "\27")
    end)

    it("prints one object with --json", function()
      local done = train "--json"
      assert.equal("anna", done.json.name)
      assert.is_string(done.json.model_name)
      assert.equal(service:ledger().tasks[1].id, done.json.task_id)
    end)

    it("prints each change with --events, and an error as the result", function()
      local done, seen = train "--events", {}
      for line in done.out:gmatch "[^\n]+" do
        local event = cjson.decode(line)
        seen[event.event == "update" and event.stage or event.event] = event
      end
      assert.equal("anna", seen.uploading.name)
      for name, event in pairs(seen) do
        local off = event.event == "update" and math.abs(event.at - os.time()) or 0
        assert.is_true(off < 1000, name .. " is not in Unix time")
      end
      assert.equal(service:ledger().tasks[1].id, seen.result.task_id)
      service:configure { queue_seconds = 1e6 }
      local id = train("--no-wait", "--json").json.task_id
      service:set_status(id, "FAILED")
      local failed = cli.run({ "wait", id, "--poll", "0.1", "--events" }, env)
      local last = cjson.decode(failed.out:match "([^\n]+)\n$")
      assert.equal("result", last.event)
      assert.equal("FAILED", last.error.code)
    end)

    it("exits after the submission with --no-wait, and wait continues", function()
      local id = train("--no-wait", "--json").json.task_id
      local done = cli.run({ "wait", id, "--poll", "0.1" }, env)
      assert.equal(0, done.status, done.err)
      has(done.out, "serving: model_")
    end)

    it("asks only for the balance in a dry run", function()
      local done = train "--dry-run"
      assert.equal(0, done.status)
      has(done.out, "3 photos")
      has(done.out, "nothing was uploaded or paid for")
      assert.equal("balance-detail", service:requests()[1].route)
      assert.equal(1, #service:requests())
    end)

    it("takes any field with --set", function()
      train("--set", "train_batch_size=2", "--set", "lora_r=16")
      assert.equal(0, cli.run({ "list" }, env).status)
      assert.equal(1, #service:ledger().tasks)
    end)

    it("refuses an unknown field before anything is sent", function()
      local refused = train("--set", "lora_rank=16")
      assert.equal(2, refused.status)
      has(refused.err, "lora_rank")
      assert.same({}, service:requests())
    end)

    it("names a photo that cannot be used, and pays nothing", function()
      cli.photos(folder .. "/anna", 2)
      cli.write(folder .. "/anna/x.jpg", "not a photo")
      local failed = cli.run({ "train", folder .. "/anna", "--prompt", "x" }, env)
      assert.equal(1, failed.status)
      has(failed.err, "x.jpg")
      assert.equal(0, #service:ledger().tasks)
    end)

    it("exits with 3 if a paid request may have succeeded", function()
      service:fault { kind = "reset_before", route = "create" }
      local failed = train("--json", "--list-delay", "0.1", "--if-not-listed", "needs_review")
      assert.equal(3, failed.status, failed.err)
      assert.is_true(failed.json.error.ambiguous)
      assert.equal(0, #service:ledger().tasks)
    end)

    it("exits with 1 and the reason if the training fails", function()
      service:configure { queue_seconds = 1e6 }
      local id = train("--no-wait", "--json").json.task_id
      service:set_status(id, "FAILED")
      local failed = cli.run({ "wait", id, "--poll", "0.1", "--json" }, env)
      assert.equal(1, failed.status)
      assert.equal("FAILED", failed.json.error.code)
      has(failed.err, "error: training " .. id .. " failed")
    end)
  end)

  it("wait shows a status that it does not know, and stops after --unknown-timeout", function()
    local id = train("--no-wait", "--json").json.task_id
    service:set_status(id, "ABORTED")
    local failed = cli.run({ "wait", id, "--poll", "0.1", "--unknown-timeout", "0.3" }, env)
    assert.equal(1, failed.status)
    has(failed.err, "the service says ABORTED")
    has(failed.err, "its task_status has been ABORTED for 0.3 s")
    local _, reports = failed.err:gsub("has the task_status ABORTED, which", "")
    assert.equal(1, reports)
  end)

  it("wait stops after --timeout, and says that the task continues", function()
    service:configure { queue_seconds = 1e6 }
    local id = train("--no-wait", "--json").json.task_id
    local failed = cli.run({ "wait", id, "--timeout", "0.3" }, env)
    assert.equal(1, failed.status)
    has(failed.err, "timed out after 0.3 s; the task continues at the service")
  end)

  it("list shows the trainings, as text and JSON", function()
    local id = train("--json").json.task_id
    local listed = cli.run({ "list" }, env)
    has(listed.out, id)
    has(listed.out, "anna")
    local name = service:ledger().tasks[1].name
    local facts = cli.run({ "list", "--name", name, "--json" }, env).json.tasks
    assert.equal(id, facts[1].task_id)
    local nothing = cli.run({ "list", "--name", "ben", "--json" }, env)
    assert.equal('{"tasks":[]}\n', nothing.out)
  end)

  it("models lists trained models, and generate uses them", function()
    local model = train("--json").json.model_name
    local found = cli.run({ "models", "--json" }, env).json.models
    assert.equal(model:gsub("%.safetensors$", ""), (found[1].model_name:gsub("%.safetensors$", "")))
    assert.is_nil(found[1].download_url)
    local out = folder .. "/images"
    local generated = cli.run({ "generate", "--model", model .. ":0.8", "--prompt", "ohwx person",
      "--count", "2", "--size", "256", "--out", out, "--poll", "0.1", "--json" }, env)
    assert.equal(0, generated.status, generated.err)
    assert.equal(2, #generated.json.files)
    local facts = assert(require("novita.image").probe { path = generated.json.files[2] })
    assert.equal(256, facts.width)
    assert.equal(2, cli.run({ "generate", "--model", model }, env).status)
  end)

  it("balance shows the balance", function()
    service:configure { balance = 23456 }
    assert.equal("2.3456 USD available\n", cli.run({ "balance" }, env).out)
    assert.equal(23456, cli.run({ "balance", "--json" }, env).json.availableBalance)
  end)

  it("a wrong key is the service's error, with status 1", function()
    local failed = cli.run({ "list", "--json" }, cli.env(service, { NOVITA_API_KEY = "sk_wrong" }))
    assert.equal(1, failed.status)
    assert.equal("INVALID_API_KEY", failed.json.error.code)
    assert.is_nil((failed.err .. failed.out):find "sk_wrong")
  end)

  describe("doctor", function()
    local function findings(result)
      local found = {}
      for _, finding in ipairs(result.json.findings) do
        found[finding.subject] = finding
      end
      return found
    end

    it("finds no problem in a good installation", function()
      local checked = cli.run({ "doctor" }, env)
      assert.equal(0, checked.status, checked.out)
      has(checked.out, "the key is accepted")
    end)

    it("gives advice about a wrong key", function()
      local checked = cli.run({ "doctor", "--json" }, cli.env(service, { NOVITA_API_KEY = "sk_1" }))
      assert.equal(1, checked.status)
      assert.equal("failed", findings(checked).account.state)
      assert.is_string(findings(checked).account.advice)
    end)

    it("gives advice without a network", function()
      local url = service.base_url
      service:stop()
      local checked = cli.run({ "doctor", "--json" }, { NOVITA_API_KEY = "sk_1",
        NOVITA_BASE_URL = url })
      assert.equal(1, checked.status)
      assert.equal("failed", findings(checked).network.state)
    end)

    it("reports a wrong clock", function()
      local slow <close> = assert(emulator.start { speed = 1 })
      slow:advance(3600)
      local checked = cli.run({ "doctor", "--json" }, cli.env(slow))
      assert.equal("warning", findings(checked).clock.state)
      assert.equal(0, checked.status)
      local fast <close> = assert(emulator.start { speed = 20 })
      fast:advance(3600)
      local other = findings(cli.run({ "doctor", "--json" }, cli.env(fast))).clock
      assert.same({ "ok", "the emulator has its own clock, with speed 20" },
        { other.state, other.text })
    end)

    it("shows the libraries, and reports if batches are not possible", function()
      local words = cli.run({ "doctor" }, env).out
      has(words, "libcurl ")
      has(words, "SQLite 3.")
      assert(lfs.mkdir(folder .. "/novita"))
      local driver = assert(io.open(folder .. "/novita/sqlite.lua", "w"))
      driver:write "error('not here', 0)"
      driver:close()
      local without = cli.env(service, { LUA_PATH = folder .. "/?.lua;" .. package.path })
      local checked = cli.run({ "doctor", "--json" }, without)
      assert.equal(0, checked.status)
      assert.equal("warning", findings(checked).batches.state)
      has(findings(checked).batches.text, "needs the rock novita-sqlite: it cannot be loaded: ")
      cli.photos(folder .. "/people/anna", 1)
      local refused = cli.run({ "train", folder .. "/people", "--prompt", "x" }, without)
      assert.equal(1, refused.status)
      has(refused.err, "needs the rock novita-sqlite")
      assert.is_nil(io.open "people.db", "a journal that cannot be opened")
    end)

    it("reports a wrong URL or key file among its other findings", function()
      local checked = cli.run({ "doctor", "--json", "--base-url", "http://x/?y" }, env)
      assert.equal(1, checked.status)
      local found = findings(checked)
      assert.same({ "ok", "failed" }, { found.codecs.state, found.service.state })
      has(found.service.text, "base_url must be")
    end)

    it("reports a missing key", function()
      local checked = cli.run { "doctor", "--json" }
      assert.equal("failed", findings(checked).key.state)
      assert.equal(1, checked.status)
    end)
  end)
end)

describe("signals", function()
  local folder, service
  before_each(function()
    folder, service = cli.folder(), assert(emulator.start { queue_seconds = 1e6 })
  end)
  after_each(function()
    service:stop()
    cli.remove(folder)
  end)

  -- Starts a training, sends the signal once it is queued, and gives status and words.
  local function interrupted(signal)
    cli.photos(folder .. "/anna", 1)
    local command = cli.command({ "train", folder .. "/anna", "--prompt", "x", "--poll", "0.1" },
      cli.env(service))
    local err = folder .. "/err"
    local script = ([[exec 2>%s
      exec 3>&2
      %s >/dev/null 2>&3 & pid=$!
      for i in $(seq 300); do grep -q queuing %s && break; sleep 0.1; done
      kill -%s $pid; wait $pid; echo $?]]):format(err, command, err, signal)
    cli.write(folder .. "/script", script)
    -- bash: a shell without job control lets its children ignore SIGINT, "set -m" does not
    local pipe = assert(io.popen("bash -m " .. folder .. "/script 2>/dev/null"))
    local status = tonumber(pipe:read "n")
    pipe:close()
    local file <close> = assert(io.open(err))
    return status, file:read "a"
  end

  it("Ctrl-C ends a wait with 130, and says how to continue", function()
    local status, words = interrupted "INT"
    assert.equal(130, status, words)
    has(words, "novita wait " .. service:ledger().tasks[1].id)
  end)

  it("SIGTERM ends it with 143", function()
    local status, words = interrupted "TERM"
    assert.equal(143, status, words)
  end)
end)

describe("a paid request in progress", function()
  it("is waited for after the first Ctrl-C; the second one ends at once", function()
    local service <close> = assert(emulator.start {})
    service:fault { kind = "hang", route = "create" }
    local folder = cli.folder()
    cli.photos(folder .. "/anna", 1)
    local command = cli.command({ "train", folder .. "/anna", "--prompt", "x" }, cli.env(service))
    cli.write(folder .. "/script", ([[
      %s >%s/out 2>%s/err & pid=$!
      for i in $(seq 300); do grep -q submitting %s/err && break; sleep 0.1; done
      sleep 0.3; kill -INT $pid; sleep 0.7
      kill -0 $pid && echo waits
      kill -INT $pid; wait $pid; echo $?]]):format(command, folder, folder, folder))
    local pipe = assert(io.popen("bash -m " .. folder .. "/script 2>/dev/null"))
    assert.equal("waits\n130\n", pipe:read "a")
    pipe:close()
    cli.remove(folder)
  end)
end)

describe("emulator", function()
  it("prints its environment variables, and exits with 0 on SIGTERM", function()
    local folder = cli.folder()
    local script = ([[%s >%s/env 2>/dev/null & pid=$!
      for i in $(seq 300); do [ -s %s/env ] && break; sleep 0.1; done
      . %s/env
      curl -s -o /dev/null -w '%%{http_code} ' -H "Authorization: Bearer $NOVITA_API_KEY" \
        "$NOVITA_BASE_URL/v3/training?pagination.limit=10"
      kill $pid; wait $pid; echo $?]]):format(cli.command({ "emulator" }), folder, folder, folder)
    cli.write(folder .. "/script", script)
    local pipe = assert(io.popen("bash " .. folder .. "/script"))
    assert.equal("200 0\n", pipe:read "a")
    pipe:close()
    cli.remove(folder)
  end)
end)
