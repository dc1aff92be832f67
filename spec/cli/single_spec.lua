-- train of one folder: paid for once, whatever happens to the command.

local cli = require "support.cli"
local emulator = require "novita.emulator"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

describe("train of one folder", function()
  local service, env, folder
  before_each(function()
    service = assert(emulator.start { speed = 20, queue_seconds = 0.2, deploy_seconds = 0.2,
      seconds_per_step = 0.001 })
    env, folder = cli.env(service), cli.folder()
    cli.photos(folder .. "/anna", 2)
  end)
  after_each(function()
    service:stop()
    cli.remove(folder)
  end)

  local function words(...)
    return { "train", folder .. "/anna", "--prompt", "a photo of ohwx {name}", "--steps", "100",
      "--poll", "0.1", ... }
  end

  local function train(...)
    return cli.run(words(...), env)
  end

  local function tasks()
    return service:ledger().tasks
  end

  it("shows the id when it is known, and replaces {name}", function()
    local done = train()
    assert.equal(0, done.status, done.err)
    has(done.err, "submitted: " .. tasks()[1].id .. "\n")
    assert.equal("a photo of ohwx anna", tasks()[1].request.expert_setting.instance_prompt)
    assert.is_truthy(io.open(folder .. "/anna.db"))
  end)

  it("says which files are left out, before it pays and in a dry run", function()
    cli.write(folder .. "/anna/IMG_1.JXL", "\xff\x0a")
    local line = folder .. "/anna: 1 file is left out: IMG_1.JXL (JPEG XL image: export as JPEG)\n"
    has(train("--dry-run").out, line)
    assert.equal(0, #tasks())
    local done = train "--no-wait"
    assert.equal(0, done.status, done.err)
    local _, count = done.err:gsub("left out", "")
    assert.equal(1, count)
    has(done.err, "warning: " .. line)
    has(done.err, "warning: photo1.png is too small: 64 x 48 pixels")
  end)

  it("is not paid for again when it is typed again; --again pays", function()
    local first = train()
    local second = train()
    assert.equal(0, second.status, second.err)
    assert.equal(first.out, second.out)
    local model = first.out:match "serving: (%S+)"
    assert.matches("^anna was trained on %d+%-%d+%-%d+: " .. model:gsub("%p", "%%%0")
      .. "; %-%-again to pay again\nmodels: they stay at the service; [^\n]*\ntry: ", second.err)
    assert.equal(1, #tasks())
    local third = train "--again"
    assert.equal(0, third.status, third.err)
    assert.equal(2, #tasks())
    assert.not_equal(first.out, third.out)
    cli.photos(folder .. "/anna", 3)
    local fourth = train()
    assert.equal(third.out, fourth.out)
    has(fourth.err, "warning: photos have changed since their training: anna (3 now, trained "
      .. "with 2)")
    has(train("--dry-run").out, "2 photos  done (its folder has 3 photos now)\n")
    assert.equal(2, #tasks())
  end)

  it("is refused at another service, in a dry run, too", function()
    local other <close> = assert(emulator.start {})
    train()
    for _, option in ipairs { "--dry-run", "--no-wait" } do
      local done = cli.run(words(option), cli.env(other))
      assert.equal(1, done.status, done.out)
      has(done.err, ("error: journal %s/anna.db: its trainings are at %s, with another API key: "
        .. "use that key; if that was an emulator, remove this journal"):format(folder,
        service.base_url))
    end
    assert.equal(0, #other:ledger().tasks)
  end)

  it("continues after a kill", function()
    service:configure { queue_seconds = 1e6 }
    cli.write(folder .. "/script", ([[
      %s >%s/out 2>%s/err & pid=$!
      for i in $(seq 300); do grep -q queuing %s/err && break; sleep 0.1; done
      kill -9 $pid; wait $pid]]):format(cli.command(words(), env), folder, folder,
        folder))
    os.execute("bash " .. folder .. "/script 2>/dev/null")
    local id = tasks()[1].id
    assert.equal("submitted: " .. id .. "\n", train("--no-wait").out)
    service:configure { queue_seconds = 0 }
    service:advance(1e7)
    local done = train "--json"
    assert.equal(id, done.json.task_id, done.err)
    assert.equal(1, #tasks())
  end)

  it("finds the task whose response was lost", function()
    service:fault { kind = "reset_after", route = "create" }
    local done = train()
    assert.equal(0, done.status, done.err)
    assert.equal(1, #tasks())
  end)

  it("does not pay for a training that needs review, but looks for it again", function()
    service:fault { kind = "reset_before", route = "create" }
    local lost = train("--list-delay", "0.1")
    assert.equal(3, lost.status)
    has(lost.err, "the list has shown no task of this batch")
    has(lost.err, "if it is not there, --again pays")
    assert.equal(3, train("--list-delay", "0.1").status)
    assert.equal(0, #tasks())
    local done = train("--list-delay", "0.1", "--again")
    assert.equal(0, done.status, done.err)
    assert.equal(1, #tasks())
  end)

  it("tries again what failed before it was paid for", function()
    cli.write(folder .. "/anna/bad.jpg", "not a photo")
    assert.equal(1, train().status)
    os.remove(folder .. "/anna/bad.jpg")
    local done = train()
    assert.equal(0, done.status, done.err)
    assert.equal(1, #tasks())
  end)

  it("is paid for again after it failed at the service only with --again", function()
    service:configure { queue_seconds = 1e6 }
    train "--no-wait"
    service:set_status(tasks()[1].id, "FAILED")
    assert.equal(1, train().status)
    local failed = train()
    assert.equal(1, failed.status)
    has(failed.err, "--again to pay again")
    assert.equal(1, #tasks())
    train("--again", "--no-wait")
    assert.equal(2, #tasks())
  end)

  it("leaves other trainings of its journal alone", function()
    local journal = folder .. "/anna.db"
    assert.equal(0, train("--max-trainings", "0").status)
    local other = cli.run({ "train", folder .. "/anna", "--prompt", "another", "--poll", "0.1",
      "--steps", "100", "--journal", journal, "--name", "berta" }, env)
    assert.equal(0, other.status, other.err)
    assert.equal(1, #tasks())
    assert.equal("another", tasks()[1].request.expert_setting.instance_prompt)
    has(cli.run({ "resume", journal, "--dry-run" }, env).out, "1 training to pay for")
  end)

  it("says that sample images may have been billed", function()
    service:fault { kind = "reset_after", route = "txt2img" }
    local samples = { "--samples", folder .. "/out", "--samples-prompt", "ohwx" }
    local done = train(table.unpack(samples))
    assert.equal(3, done.status, done.err)
    has(done.out, "serving: ")
    has(done.err, "novita resume " .. folder .. "/anna.db --retry samples")
    assert.equal(3, train(table.unpack(samples)).status)
    assert.equal(1, #service:ledger().image_tasks)
    assert.equal(1, #tasks())
  end)

  it("keeps to the options of a batch", function()
    local unpaid = train("--max-trainings", "0")
    assert.equal(0, unpaid.status, unpaid.err)
    has(unpaid.err, "anna is not paid for: the same command continues")
    assert.equal(0, #tasks())
    service:configure { queue_seconds = 1e6 }
    local late = train("--job-timeout", "0.3")
    assert.equal(1, late.status)
    has(late.err, "job_timeout")
    service:configure { queue_seconds = 0 }
    service:advance(1e7)
    local done = train("--samples", folder .. "/out", "--samples-prompt", "ohwx {name}", "--json")
    assert.equal(0, done.status, done.err)
    assert.equal(1, #tasks())
    assert.is_truthy(io.open(done.json.samples[1]))
  end)

  it("shows in a dry run what is paid for", function()
    local before = train "--dry-run"
    has(before.out, "anna    2 photos  to be paid for\n")
    has(before.out, "anna: photo1.png is too small: 64 x 48 pixels")
    has(before.out, "anna: there are only 2 photos: that can be trained, but 10 or more give a "
      .. "better model\n")
    has(before.out, "\n1 job: 1 training to pay for, with 2 photos")
    assert.is_nil(io.open(folder .. "/anna.db"))
    train()
    has(train("--dry-run").out, "1 job: 0 trainings to pay for")
  end)
end)

describe("train", function()
  local service, env, folder
  before_each(function()
    service, folder = assert(emulator.start {}), cli.folder()
    env = cli.env(service)
    cli.photos(folder .. "/people/anna", 1)
  end)
  after_each(function()
    service:stop()
    cli.remove(folder)
  end)

  it("refuses photos beside folders of photos", function()
    cli.photos(folder .. "/people/ben", 1)
    cli.write(folder .. "/people/group.jpg", "a photo")
    for _, command in ipairs { { "train", folder .. "/people" },
      { "batch", folder .. "/people", folder .. "/run.db" } } do
      table.move({ "--prompt", "x" }, 1, 2, #command + 1, command)
      local refused = cli.run(command, env)
      assert.equal(1, refused.status)
      has(refused.err, "people has photos (group.jpg) beside folders of photos (anna, ben): move")
    end
    assert.same({}, service:requests())
  end)

  it("refuses HEIC photos beside folders of photos", function()
    cli.write(folder .. "/people/IMG_1.HEIC", "\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    local refused = cli.run({ "train", folder .. "/people", "--prompt", "x" }, env)
    assert.equal(1, refused.status)
    has(refused.err, "people has photos (IMG_1.HEIC) beside folders of photos (anna): move")
  end)

  it("takes a folder of photos with other folders in it", function()
    os.execute("mkdir -p " .. folder .. "/people/anna/raw")
    local plan = cli.run({ "train", folder .. "/people/anna", "--prompt", "x", "--dry-run" }, env)
    has(plan.out, "1 training to pay for, with 1 photo")
  end)

  it("refuses an unknown base model without --force, and pays nothing", function()
    local function train(...)
      return cli.run({ "train", folder .. "/people/anna", "--prompt", "x", "--no-wait", ... }, env)
    end
    local refused = train("--base", "sd15")
    assert.equal(2, refused.status)
    has(refused.err, "--base sd15 is not a model that the service documents: did you mean "
      .. "v1-5-pruned-emaonly? --force trains on it")
    has(train("--base", "flux-1").err, "the service documents: --force trains on it")
    assert.equal(2, train("--base", "sd15", "--dry-run").status)
    has(train("--base", "v1-5-prunned-emaonly").err, "did you mean v1-5-pruned-emaonly?")
    assert.same({}, service:requests())
    assert.equal(0, train("--base", "sd15", "--force").status)
    assert.equal(1, #service:ledger().tasks)
  end)

  it("warns of a folder in a batch that was trained alone", function()
    local prompt = { "--prompt", "x", "--dry-run" }
    local function plan(path)
      return cli.run({ "train", path, table.unpack(prompt) }, env)
    end
    assert.is_nil(plan(folder .. "/people").err:find("alone", 1, true))
    assert.equal(0, cli.run({ "train", folder .. "/people/anna", "--prompt", "y", "--no-wait" },
      env).status)
    has(plan(folder .. "/people/").err, "warning: anna: trained alone before (" .. folder
      .. "/people/anna.db); the batch trains it again\n")
  end)

  it("refuses options of one folder for many", function()
    for _, option in ipairs { "--no-wait", "--name=x" } do
      local refused = cli.run({ "train", folder .. "/people", "--prompt", "x", option }, env)
      assert.equal(2, refused.status)
      has(refused.err, option:match "^[^=]+" .. " is for one folder of photos")
    end
  end)
end)
