-- train of a folder of folders, batch, resume, status and report: several commands, one journal.

local cjson = require("cjson").new()
local cli = require "support.cli"
local emulator = require "novita.emulator"
local fixtures = require "support.fixtures"
local lfs = require "lfs"

local AT_SERVICE <const> =
  "models: they stay at the service; --models FOLDER also saves their files"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

describe("a batch", function()
  local service, env, folder, journal
  before_each(function()
    service = assert(emulator.start { speed = 20, slots = 4, queue_seconds = 0.2,
      deploy_seconds = 0.2, seconds_per_step = 0.001 })
    env, folder = cli.env(service), cli.folder()
    journal = folder .. "/run.db"
    cli.photos(folder .. "/people/anna", 2)
    cli.photos(folder .. "/people/ben", 3)
  end)
  after_each(function()
    service:stop()
    cli.remove(folder)
  end)

  local function run(command, ...)
    local words = { command, ... }
    for _, word in ipairs { "--poll", "0.1" } do
      words[#words + 1] = word
    end
    return cli.run(words, env)
  end

  local function train(...)
    return run("train", folder .. "/people", "--prompt", "a photo of ohwx {name}", "--steps", "100",
      "--journal", journal, ...)
  end

  it("trains one model for each folder, once", function()
    local done = train()
    assert.equal(0, done.status, done.err)
    has(done.out, "2 jobs: 2 serving")
    has(done.err, "serving anna: model_")
    assert.equal(0, train().status)
    local tasks = service:ledger().tasks
    assert.equal(2, #tasks)
    local prompts = {}
    for _, task in ipairs(tasks) do
      prompts[task.request.expert_setting.instance_prompt] = true
    end
    assert.same({ ["a photo of ohwx anna"] = true, ["a photo of ohwx ben"] = true }, prompts)
  end)

  it("says what it finds in the photos, before they are paid for", function()
    local done = train()
    for _, text in ipairs { "anna: photo1.png is too small", "ben: photo1.png is too small",
      "anna: 3 more: see novita check with the same --prompt",
      "ben: 7 more: see novita check with the same --prompt" } do
      has(done.err, "warning: " .. text)
    end
    has(run("train", folder .. "/people", "--prompt", "x", "--journal", journal, "--crop", "top",
      "--dry-run").err, "paid for before with other settings (--crop is ")
  end)

  it("prints one object with --json", function()
    local done = train "--json"
    assert.same({ serving = 2 }, done.json.counts)
    assert.equal(2, done.json.total.ended)
    assert.is_false(done.json.stopped)
    assert.equal(0, #done.json.failures)
  end)

  it("shows the plan and creates no file with --dry-run", function()
    local done = train "--dry-run"
    assert.equal(0, done.status, done.err)
    has(done.out, "anna")
    has(done.out, "100.0000 USD available\nnothing was uploaded or paid for")
    assert.equal(1, #service:requests())
    assert.equal("balance-detail", service:requests()[1].route)
    assert.is_nil(io.open(journal))
  end)

  it("decodes the photos in a dry run, and lists the files that are left out", function()
    local photo = fixtures.photo()
    fixtures.write(folder .. "/people/anna/cut.jpg", photo:sub(1, #photo // 2))
    fixtures.write(folder .. "/people/ben/notes.pdf", "%PDF-1.7")
    local done = train "--dry-run"
    assert.equal(1, done.status)
    has(done.out, "cannot be trained: cut.jpg ")
    has(done.out, "/people/ben: 1 file is left out: notes.pdf (not a photo: a PDF document)\n")
    local single = cli.run({ "train", folder .. "/people/anna", "--prompt", "x", "--dry-run" }, env)
    assert.equal(1, single.status)
    has(single.out, "cannot be trained: cut.jpg ")
    local plan = train("--dry-run", "--json").json
    assert.equal(1, plan.problems)
    assert.equal(1, #plan.lines[2].skipped)
    assert.is_true(#plan.lines[2].findings > 3)
    has(done.out, ("ben: %d more: see novita check with the same --prompt\n")
      :format(#plan.lines[2].findings - 3))
    assert.is_number(plan.balance.usd)
  end)

  it("has trainings that list --name finds by the name of their folder", function()
    cli.photos(folder .. "/people/Zoë & Anna", 1)
    assert.equal(0, train().status)
    local sent = {}
    for _, task in ipairs(service:ledger().tasks) do
      sent[task.name:match "^%x+%-%x+%-(.*)"] = task.name
    end
    for name, count in pairs { anna = 1, ann = 0, ["Zoë & Anna"] = 1, [sent.ben] = 1 } do
      local listed = cli.run({ "list", "--name", name, "--json" }, env)
      assert.equal(count, #listed.json.tasks, name .. listed.err)
    end
    local none = cli.run({ "list", "--name", "anna", "--status", "FAILED", "--json" }, env)
    assert.same({}, none.json.tasks)
    assert.equal(2, cli.run({ "list", "--name", "anna", "--status", "FAILD" }, env).status)
  end)

  it("shows a plan without a key, and without the balance", function()
    local done = cli.run({ "train", folder .. "/people", "--prompt", "x", "--dry-run" }, {
      HOME = folder, XDG_CONFIG_HOME = folder })
    assert.equal(0, done.status, done.err)
    has(done.out, "photos\n" .. AT_SERVICE .. "\nnothing was uploaded or paid for")
  end)

  it("shows what is already paid for, and does not change the journal", function()
    local first = train("--max-trainings", "1", "--json")
    assert.is_true(first.json.stopped, first.err)
    local requests, before = #service:requests(), cli.run({ "status", journal, "--json" }, env).out
    local plan = train("--dry-run", "--json").json
    assert.same({ 2, 1, 1, 0 }, { plan.jobs, plan.to_pay, plan.paid, plan.unclear })
    local shown = train "--dry-run"
    local done, left = shown.out:match "(%w+) +%d photos  done\n", shown.out:match
      "(%w+) +%d photos  to be paid for\n"
    assert.is_true(done == "anna" and left == "ben" or done == "ben" and left == "anna", shown.out)
    has(shown.out, "2 jobs: 1 training to pay for, with " .. (left == "ben" and 3 or 2)
      .. " photos; 1 paid for already\n" .. AT_SERVICE .. "\n100.0000 USD available\n"
      .. "nothing was uploaded or paid for\n")
    assert.equal(shown.out, run("resume", journal, "--dry-run").out)
    for i = requests + 1, #service:requests() do
      assert.equal("balance-detail", service:requests()[i].route)
    end
    assert.equal(before, cli.run({ "status", journal, "--json" }, env).out)
  end)

  it("shows a plan while another process works on the journal", function()
    service:configure { queue_seconds = 1e6 }
    cli.write(folder .. "/script", ([[
      %s >%s/out 2>%s/err & pid=$!
      for i in $(seq 300); do [ $(grep -c queuing %s/err) = 2 ] && break; sleep 0.1; done
      %s; kill $pid; wait $pid]]):format(cli.command({ "train", folder .. "/people", "--prompt",
        "x", "--journal", journal, "--poll", "0.1" }, env), folder, folder, folder,
        cli.command({ "resume", journal, "--dry-run", "--json" }, env)))
    local pipe = assert(io.popen("bash " .. folder .. "/script 2>/dev/null"))
    local plan = cjson.decode(pipe:read "a")
    pipe:close()
    assert.equal(0, plan.to_pay)
    assert.equal(2, plan.paid)
  end)

  local function lines_of(text)
    local list = {}
    for line in text:gmatch "[^\n]+" do
      list[#list + 1] = cjson.decode(line)
    end
    return list
  end

  it("prints each change as a line of JSON with --events, the result last", function()
    local done = train "--events"
    assert.equal(0, done.status, done.err)
    local list, stages = lines_of(done.out), {}
    for i = 1, #list - 1 do
      assert.equal("update", list[i].event)
      assert.is_number(list[i].at)
      if list[i].name == "anna" and stages[#stages] ~= list[i].stage then
        stages[#stages + 1] = list[i].stage
      end
    end
    assert.same({ "preparing", "uploading", "ready", "submitting", "unknown" },
      table.move(stages, 1, 5, 1, {}))
    assert.equal("serving", stages[#stages])
    assert.equal("result", list[#list].event)
    assert.equal(2, list[#list].counts.serving)
    assert.is_nil(done.err:find "uploading")
  end)

  it("status --watch says that no process works on the journal", function()
    local refused = cli.run({ "train", folder .. "/people", "--prompt", "x", "--journal", journal },
      cli.env(service, { NOVITA_API_KEY = "sk_wrong" }))
    assert.equal(1, refused.status)
    assert(os.execute(("ln -s run.db %s/link.db"):format(folder)))
    local pipe = assert(io.popen(("exec timeout 60 %s 2>&1"):format(
      cli.command({ "status", folder .. "/link.db", "--watch" }, env))))
    local line
    repeat line = pipe:read "l" until not line or line:find("no process works", 1, true)
    assert.equal(("no process works on %s/link.db: `novita resume %s/link.db` continues it")
      :format(folder, folder), line)
    local resumed = run("resume", journal, "--same-account") -- the wrong key is of no account
    assert.equal(0, resumed.status, resumed.err)
    assert.equal("2 jobs: 2 serving\n", pipe:read "a":match "[^\n]*\n$")
    pipe:close()
  end)

  it("status --watch watches until all have ended", function()
    service:configure { queue_seconds = 1e6 }
    local function shown(...)
      return cli.command({ "status", journal, ... }, env)
    end
    cli.write(folder .. "/script", ([[cd %s
      until_has() { for i in $(seq 300); do [ "$(grep -c $1 $2)" = 2 ] && break; sleep 0.1; done; }
      root=$OLDPWD; touch out err events
      (cd $root; timeout 90 %s) >out 2>&1 & until_has queuing out
      (cd $root; timeout 90 %s) >events & until_has queuing events
      (cd $root; timeout 90 %s) 2>err & until_has queuing err
      echo now; wait]]):format(folder, cli.command({ "train", folder .. "/people", "--prompt",
        "x", "--journal", journal, "--poll", "0.1" }, env), shown "--events", shown "--watch"))
    local pipe = assert(io.popen("bash " .. folder .. "/script"))
    assert.equal("now", pipe:read "l")
    service:configure { queue_seconds = 0 }
    service:advance(1e7)
    assert.equal("2 jobs: 2 serving\n", pipe:read "a")
    pipe:close()
    local file <close> = assert(io.open(folder .. "/err"))
    local err = file:read "a"
    has(err, "serving anna: model_")
    assert.is_nil(err:find "no process works")
    local events <close> = assert(io.open(folder .. "/events"))
    local list, ended = lines_of(events:read "a"), {}
    for i = 1, #list - 1 do
      ended[#ended + 1] = list[i].stage == "serving" and list[i].name or nil
    end
    table.sort(ended)
    assert.same({ "anna", "ben" }, ended)
    assert.equal(2, list[#list].total.serving)
  end)

  it("status --watch waits for the sample images that are being made", function()
    service:configure { image_queue_seconds = 1e6 }
    os.execute("rm -rf '" .. folder .. "/people/ben'")
    cli.write(folder .. "/script", ([[cd %s
      root=$OLDPWD; touch out err
      (cd $root; timeout 90 %s) >out 2>&1 &
      (cd $root; for i in $(seq 300); do %s 2>&1 | grep -q generating && break; sleep 0.1; done)
      (cd $root; exec timeout 90 %s) 2>err & watch=$!
      for i in $(seq 300); do
        grep -q serving err && break; kill -0 $watch || break; sleep 0.1; done
      echo now; wait]]):format(folder, cli.command({ "train", folder .. "/people", "--prompt", "x",
        "--journal", journal, "--poll", "0.1", "--samples", folder .. "/new", "--samples-prompt",
        "x" }, env), cli.command({ "status", journal, "--json" }, env),
        cli.command({ "status", journal, "--watch" }, env)))
    local pipe = assert(io.popen("bash " .. folder .. "/script"))
    assert.equal("now", pipe:read "l")
    service:configure { image_queue_seconds = 0 }
    service:advance(1e7)
    assert.equal("1 job: 1 serving\n", pipe:read "a")
    pipe:close()
  end)

  it("finds photos that cannot be used in a dry run", function()
    cli.write(folder .. "/people/ben/bad.jpg", "not a photo")
    local shown = train "--dry-run"
    assert.equal(1, shown.status)
    has(shown.out, "cannot be trained: bad.jpg is text")
  end)

  it("refuses more jobs than --max-jobs", function()
    local refused = train("--max-jobs", "1")
    assert.equal(1, refused.status)
    assert.equal(0, #service:ledger().tasks)
  end)

  it("reads a plan from CSV, stops at --max-trainings, and resume does the rest", function()
    cli.write(folder .. "/jobs.csv", "name,images,instance_prompt\n"
      .. "anna,people/anna,a photo of ohwx\nben,people/ben,a photo of ohwx\n")
    local first = run("batch", folder .. "/jobs.csv", journal, "--max-trainings", "1", "--json")
    assert.is_true(first.json.stopped, first.err)
    assert.equal(1, #service:ledger().tasks)
    has(first.err, "novita resume")
    local second = run("resume", journal, "--json")
    assert.equal(0, second.status, second.err)
    assert.equal(2, second.json.counts.serving)
    assert.equal(2, #service:ledger().tasks)
  end)

  it("reports failures, status lists them, and resume --retry retries them", function()
    cli.photos(folder .. "/people/cyd", 1)
    cli.write(folder .. "/people/cyd/bad.jpg", "not a photo")
    local done = train "--json"
    assert.equal(1, done.status, done.err)
    assert.equal("cyd", done.json.failures[1].name)
    has(done.json.failures[1].error.message, "bad.jpg")
    has(done.err, "failed cyd: ")
    local shown = cli.run({ "status", journal }, env)
    assert.equal(0, shown.status)
    has(shown.out, "failed     cyd")
    has(shown.out, "3 jobs: 2 serving, 1 failed")
    has(shown.out, "): cyd\n  ")
    has(shown.out, "`novita resume " .. journal .. " --retry failed`")
    assert.is_nil(shown.out:find "anna")
    has(cli.run({ "status", journal, "--all" }, env).out, "anna")
    os.remove(folder .. "/people/cyd/bad.jpg")
    local again = run("resume", journal, "--retry", "failed", "--json")
    assert.equal(0, again.status, again.err)
    assert.equal(3, again.json.counts.serving)
    assert.equal(3, #service:ledger().tasks)
  end)

  it("stops gracefully on Ctrl-C, and a resume doubles nothing", function()
    service:configure { queue_seconds = 1e6 }
    local err = folder .. "/err"
    local words = { "train", folder .. "/people", "--prompt", "x", "--journal", journal, "--poll",
      "0.1" }
    cli.write(folder .. "/script", ([[
      %s >%s/out 2>%s & pid=$!
      for i in $(seq 300); do
        [ $(grep -c queuing %s) = 2 ] && break; sleep 0.1; done
      kill -INT $pid; wait $pid; echo $?]]):format(cli.command(words, env), folder, err, err))
    local pipe = assert(io.popen("bash -m " .. folder .. "/script 2>/dev/null"))
    local status = pipe:read "n"
    pipe:close()
    local file <close> = assert(io.open(err))
    local messages = file:read "a"
    assert.equal(130, status, messages)
    has(messages, "stopping")
    has(messages, "2 jobs left: novita resume")
    service:configure { queue_seconds = 0 }
    service:advance(1e7)
    local done = run("resume", journal, "--json")
    assert.equal(2, done.json.counts.serving, done.err)
    assert.equal(2, #service:ledger().tasks)
  end)

  it("is wrong use without a journal to resume", function()
    assert.equal(2, run("resume", folder .. "/none.db").status)
    assert.equal(2, cli.run({ "status", folder .. "/none.db" }, env).status)
  end)

  it("says which samples are missing, and orders them again if a person says so", function()
    service:fault { kind = "reset_after", route = "txt2img" }
    local done = train("--samples", folder .. "/samples", "--samples-prompt", "ohwx", "--json")
    assert.equal(3, done.status, done.err)
    assert.same({ 2, 1 }, { done.json.counts.serving, #done.json.samples_missing })
    has(done.err, "may have been generated and billed")
    has(done.err, "sample images of 1 job are missing: novita resume " .. journal
      .. " --retry samples")
    local shown = cli.run({ "status", journal }, env)
    assert.equal(0, shown.status)
    has(shown.out, "2 jobs: 2 serving; sample images of 1 job are missing")
    assert.matches("samples +%w+ +.*may have been generated and billed", shown.out)
    assert.equal(3, run("resume", journal).status)
    assert.equal(2, #service:ledger().image_tasks)
    done = run("resume", journal, "--retry", "samples")
    assert.equal(0, done.status, done.err)
    has(done.err, "retried: sample images of 1 job")
    assert.equal(3, #service:ledger().image_tasks)
    assert.is_nil(cli.run({ "status", journal }, env).out:find "samples")
  end)

  it("warns of sample images with a checkpoint of another family", function()
    local done = train("--base", "stable-diffusion-xl-base-1.0", "--samples", folder .. "/samples",
      "--samples-prompt", "x", "--dry-run")
    local _, count = done.err:gsub("does not work with the other", "")
    assert.equal(1, count, done.err)
  end)

  it("generates samples, and the report shows them", function()
    local done = train("--samples", folder .. "/samples", "--samples-prompt", "ohwx {name}")
    assert.equal(0, done.status, done.err)
    for _, job in ipairs { "anna", "ben" } do
      local _, ends = done.err:gsub("serving " .. job .. ": ", "")
      local samples_line = "samples " .. job .. ": " .. folder .. "/samples/" .. job
      local _, samples = done.err:gsub(samples_line, "")
      assert.same({ 1, 1 }, { ends, samples }, done.err)
    end
    cli.write(folder .. "/run.html", "older, for all to read")
    done = cli.run({ "report", journal, "--out", folder .. "/run.html", "--json" }, env)
    assert.equal("rw-------", lfs.attributes(folder .. "/run.html", "permissions"))
    assert.equal(0, done.status, done.err)
    local file <close> = assert(io.open(folder .. "/run.html"))
    local page = file:read "a"
    assert.equal(done.json.bytes, #page)
    local _, images = page:gsub('src="data:image/jpeg;base64,', "")
    assert.equal(7, images) -- a sample of each model, and the five photos
    has(page, service:ledger().tasks[1].model_name)
  end)
end)
