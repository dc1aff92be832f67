-- A budget with the emulator, whose ledger says what was really paid: the command line, a kill
-- between a reservation and its request, and what plans and reports say afterwards. The balance is
-- read with pauses, so these specs take seconds, but little work.

local cli = require "support.cli"
local emulator = require "novita.emulator"
local interpreter = require "support.interpreter"
local novita = require "novita"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

-- Kills itself instead of the second paid request, or before it reads the balance after the first.
local PROGRAM <const> = [[
  local backends, novita = require "novita.batch.backend", require "novita"
  local new, count = backends.new, 0
  function backends.new(client)
    local backend = new(client)
    local create, balance = backend.create, backend.balance
    function backend:create(...)
      count = count + 1
      if count == 2 then os.execute "kill -9 $PPID" end
      return create(self, ...)
    end
    function backend:balance()
      if arg[2] == "balance" and count == 1 then os.execute "kill -9 $PPID" end
      return balance(self)
    end
    return backend
  end
  local client <close> = novita.client { poll = { first = 0.05, min = 0.05, max = 1 } }
  local batch <close> = assert(novita.batch { journal = arg[1], client = client })
  print(batch:run({ budget = 2.2, concurrency = 2 }):wait())
]]

describe("--budget", function()
  local service, env, folder, journal
  before_each(function()
    service = assert(emulator.start { speed = 50, slots = 8, queue_seconds = 0, deploy_seconds = 0,
      seconds_per_step = 0.001, balance = 1000000, training_price = 10000, image_price = 25 })
    env, folder = cli.env(service), cli.folder()
    journal = folder .. "/run.db"
    for _, name in ipairs { "anna", "ben", "cyd", "dora" } do
      cli.photos(folder .. "/people/" .. name, 1)
    end
  end)
  after_each(function()
    service:stop()
    cli.remove(folder)
  end)

  local function train(...)
    return cli.run({ "train", folder .. "/people", "--prompt", "a photo of ohwx", "--steps", "100",
      "--journal", journal, "--poll", "1", ... }, env)
  end

  it("says of one folder, too, that the first price was above it", function()
    local done = cli.run({ "train", folder .. "/people/anna", "--prompt", "ohwx", "--steps", "100",
      "--poll", "1", "--budget", "0.5" }, env)
    assert.equal(0, done.status, done.err)
    has(done.out, "budget 0.5000 USD: 1.0001 paid or reserved, 0.5001 above it: only the first "
      .. "payment shows the price\n")
    local assets = #service:ledger().assets
    local after = cli.run({ "train", folder .. "/people/ben", "--prompt", "ohwx", "--steps", "200",
      "--poll", "1", "--journal", folder .. "/people/anna.db" }, env)
    has(after.err, "the budget of 0.5000 USD allows no more: 1.0001 USD are paid or reserved")
    has(after.err, "ben is not paid for: it needs a larger --budget\n")
    assert.same({ 1, assets }, { #service:ledger().tasks, #service:ledger().assets })
  end)

  it("pays for what fits; plan and report show prices with their uncertainty", function()
    local plan = train("--dry-run", "--budget", "3.2")
    has(plan.out, "budget 3.2000 USD: 0.0000 paid or reserved, 3.2000 left")
    has(plan.out, "only that one may cost more than what is left")
    local done = train("--budget", "3.2", "--samples", folder .. "/samples", "--samples-prompt",
      "ohwx", "--json")
    assert.equal(0, done.status, done.err)
    assert.same({ 3, 1 }, { done.json.counts.serving, done.json.counts.ready })
    assert.equal(1000000 - 3 * 10025, service:ledger().balance)
    local budget = done.json.budget
    assert.same({ 3.2, 6, 0 }, { budget.usd, budget.payments, budget.unpriced })
    assert.is_true(math.abs(budget.paid - 3.0081) < 1e-6, tostring(budget.paid))
    has(done.err, "warning: the budget of 3.2000 USD allows no more: ")
    has(done.err, "warning: the price of subject of v1-5-pruned-emaonly, 512 x 512, 100 steps, "
      .. "1 photo is not known yet: its first payment shows it, and may be more than the 3.2000 "
      .. "USD that are left of the budget")
    plan = train "--dry-run"
    has(plan.out, "budget 3.2000 USD: 3.0081 paid or reserved, 0.1919 left\n"
      .. "the budget allows 0 of 1 training: all need a budget of 4.0082 USD\n")
    has(plan.out, "price of subject of v1-5-pruned-emaonly, 512 x 512, 100 steps, 1 photo: 1.0000 "
      .. "USD (+/- 0.0001), seen on ")
    has(plan.out, "to pay: 1.0000 USD (+/- 0.0001)")
    assert.equal(0, cli.run({ "report", journal, "--sheets", "0" }, env).status)
    local file <close> = assert(io.open(folder .. "/run.html"))
    local page = file:read "a"
    has(page, "<h2>Paid</h2>")
    has(page, "0.0025 ± 0.0001")
    has(page, "<b>3.0081</b><span>USD paid at most<")
  end)

  it("is kept by later runs until --no-budget", function()
    assert.equal(0, train("--budget", "1.5", "--max-trainings", "0").status)
    local kept = train "--json" -- the hint at the end of a run has no --budget
    assert.same({ 1.5, 1 }, { kept.json.budget.usd, kept.json.counts.serving })
    assert.equal(1, #service:ledger().tasks)
    local free = train("--no-budget", "--json")
    assert.same({ 4 }, { free.json.counts.serving, free.json.budget })
    assert.equal(4, #service:ledger().tasks)
    for _, option in ipairs { "--dry-run", "--quiet" } do
      has(train("--budget", "9", option).out, "; 3 trainings paid for without a budget are not in "
        .. "it\n")
    end
    assert.equal(2, train("--no-budget", "--budget", "2").status)
  end)

  local function killed(what)
    cli.write(folder .. "/program.lua", PROGRAM)
    local command = cli.command({}, env):gsub("%s%S*bin/novita.*$", " ")
    assert(command:find(interpreter, 1, true))
    os.execute(command .. ("%s/program.lua %s %s >/dev/null 2>&1"):format(folder, journal, what))
  end

  it("is kept if kills and money that comes in hide prices", function()
    assert.equal(0, train("--max-trainings", "0").status)
    killed "balance"
    assert.equal(1, #service:ledger().tasks)
    service:configure { balance = 999000 } -- 0.9 USD have come in
    killed "balance"
    assert.equal(2, #service:ledger().tasks)
    local plan = cli.run({ "resume", journal, "--dry-run", "--budget", "2.2" }, env)
    has(plan.out, "1 photo: 0.1000 USD (+/- 0.0001), seen on ")
    has(plan.out, " after a kill, so it may be more\n")
    local done = cli.run({ "resume", journal, "--poll", "1", "--json" }, env)
    assert.equal(0, done.status, done.err)
    assert.same({ 2, 989000 }, { #service:ledger().tasks, service:ledger().balance })
    has(done.err, "allows no more: 2.0002 USD are paid or reserved")
  end)

  it("counts what a kill between reservation and request has left", function()
    assert.equal(0, train("--max-trainings", "0").status) -- plans, and uploads the photos
    killed ""
    assert.equal(1, #service:ledger().tasks)
    local batch <close> = assert(novita.batch { journal = journal, read_only = true })
    local states = {}
    for job in batch:jobs() do
      local payment = batch.journal:last_payment(job.id, "training")
      states[#states + 1] = payment and payment.state
    end
    assert.same({ "made", "sent" }, states)
    batch:close()
    local done = cli.run({ "resume", journal, "--list-delay", "0", "--poll",
      "1", "--json" }, env)
    assert.equal(0, done.status, done.err)
    assert.same({ 2, 980000 }, { #service:ledger().tasks, service:ledger().balance })
    assert.same({ 2, 2 }, { done.json.budget.payments, done.json.counts.serving })
  end)
end)
