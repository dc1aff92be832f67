-- Words between a command and the next one: hints, names instead of ids, and --quiet.

local cli = require "support.cli"
local emulator = require "novita.emulator"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

local UNKNOWN <const> = "00000000-0000-4000-8000-000000000000"

describe("the command line", function()
  local service, env, folder
  setup(function()
    service = assert(emulator.start { speed = 20, queue_seconds = 0.2, deploy_seconds = 0.2,
      seconds_per_step = 0.001 })
    env, folder = cli.env(service), cli.folder()
    cli.photos(folder .. "/anna", 2)
  end)
  teardown(function()
    service:stop()
    cli.remove(folder)
  end)

  local function novita(...)
    return cli.run({ ... }, env)
  end

  local function train(...)
    return novita("train", folder .. "/anna", "--prompt", "ohwx", "--steps", "100", "--poll", "0.1",
      ...)
  end

  it("names the next step, and a model by its training", function()
    local first = train()
    local model = first.out:match "serving: (%S+)"
    has(first.err, "try: novita generate --model anna --prompt ohwx\n")
    assert.is_nil(first.err:find("the service says", 1, true), first.err)
    local made = novita("generate", "--model", "anna:0.5", "--prompt", "ohwx", "--out", folder,
      "--poll", "0.1")
    assert.equal(0, made.status, made.err)
    has(novita("check", folder).err, "novita-" .. service:ledger().image_tasks[1].id
      .. "-1.png (generated image: rename it to use it)")
    local request = service:ledger().image_tasks[1].request
    assert.same({ { model_name = model, strength = 0.5 } }, request.loras)
    assert.equal(model, novita("models").out:match "^(%S+)\t")
    has(train("--again").err, "try: novita generate --model model_")
    has(novita("list", "--limit", "1").err,
      "only the latest 1: --limit shows more, --name finds one\n")
    assert.equal("", novita("list", "--limit", "2").err)
    local refused = novita("generate", "--model", "anna", "--prompt", "ohwx")
    assert.equal(2, refused.status)
    has(refused.err, "2 models are named anna, newest first: give one of model_")
    assert.equal(1, #service:ledger().image_tasks)
  end)

  it("copies a journal for its owner only", function()
    local copy = folder .. "/copy.db"
    assert.equal(0, novita("journal", "copy", folder .. "/anna.db", copy).status)
    assert.equal("rw-------", require("lfs").attributes(copy, "permissions"))
    assert.equal(2, novita("journal", "copy", folder .. "/anna.db", copy).status)
  end)

  it("is silent with --quiet but for the result, warnings and errors", function()
    local done = train("--again", "--quiet")
    for line in done.err:gmatch "[^\n]+" do
      assert.matches("^warning: ", line)
    end
    assert.matches("^serving: model_%S+\n$", done.out)
    local failed = novita("wait", UNKNOWN, "--timeout", "1", "--poll", "0.1", "-q")
    assert.equal(1, failed.status)
    assert.equal("error: timed out after 1 s; the service does not know the task " .. UNKNOWN
      .. ", or not yet\n", failed.err)
  end)

  it("shows an unknown id as one that has no status", function()
    local failed = novita("wait", UNKNOWN, "--timeout", "1", "--poll", "0.1")
    has(failed.err, UNKNOWN .. ": waiting the service does not know this task yet; still waiting\n")
  end)
end)
