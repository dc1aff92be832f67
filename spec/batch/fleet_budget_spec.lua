-- A budget that several runners share, in PostgreSQL.

local fixtures = require "support.fixtures"
local fleets = require "support.postgresql.fleet"
local journals = require "novita.batch.journal"
local novita = require "novita"
local runner = require "support.postgresql.runner"

local missing = fleets.missing()

if missing then
  return pending("the budget of a fleet: " .. missing)
end

describe("the budget of a fleet", function()
  local postgresql = require "novita.batch.store.postgresql"
  local shared = fleets.new()
  local journal, jobs, tasks = shared.journal, shared.jobs, shared.tasks
  local server, service, client

  setup(function() server, service = shared.start() end)
  teardown(shared.stop)
  before_each(function() client = fixtures.client(service) end)
  after_each(function() client:close() end)

  it("has one budget for all runners, whichever of them is killed", function()
    local uri = journal "runner"
    local batch <close> = assert(novita.batch { journal = uri, client = client, jobs = jobs(1, 6) })
    service:configure { balance = 1000000 }
    local fleet = {}
    for i = 1, 3 do
      fleet[i] = runner.start(service, uri, { run = "budget = 3.5" }):wait_until_begun()
    end
    while server:psql "SELECT COUNT(*) FROM payment" == "0" do os.execute "sleep 0.1" end
    local alone = server:psql "SELECT process FROM pace JOIN runner ON runner.id = alone"
    for i = 1, 3 do
      if fleet[i].pid == alone then fleet[i]:signal "KILL" end
    end
    local said = {}
    for i = 1, 3 do said[i] = fleet[i]:output() end
    assert.matches("the budget of 3.5000 USD allows no more: 3.0003 USD are paid or reserved",
      table.concat(said))
    assert.same({ 3, 30000 }, { tasks(batch.id), 1000000 - service:ledger().balance })
    assert.equal(3, batch.journal:payment_sums()[1].payments)
    local more = assert(batch:run { budget = 4.5 }:wait()) -- a higher one
    assert.same({ 4, 2 }, { more.counts.serving, more.counts.ready + (more.counts.planned or 0) })
    assert.equal(4, tasks(batch.id))
    local other = assert(postgresql.open(uri))
    other:take_over(1)
    local none, err = batch:run({ no_budget = true }):wait()
    assert.same({ nil, "runners" }, { none, err.code })
    local row = assert(other:claim_next({ "planned", "ready" }, 0)) -- as if it had begun before
    none, err = pcall(other.update_job, other, row.id, { stage = "submitting" }, 1, row.token,
      { training = { interval = 0.001 } })
    assert.same({ false, "budget" }, { none, err.code })
    other:leave()
    assert.same({ 6 }, { assert(batch:run({ no_budget = true }):wait()).counts.serving })
    other:close()
  end)
  local function pay(id, kind, reserved, balance)
    server:psql(([[INSERT INTO payment (id, job, what, kind, title, at, state, reserved, balance,
      budget) VALUES (%d, 1, 'training', '%s', 'x', 0, 'made', %s, %s, 5)]]):format(id, kind,
      reserved, balance))
  end

  local function put_price(store, kind, units, verified)
    store:put_price { kind = kind, title = "x", units = units, uncertain = 1, seen_at = 0,
      verified = verified }
  end

  it("counts a payment without a verified price as the dearest known one", function()
    local store = assert(postgresql.open(journal()))
    local function paid() return store:payment_state("a", "training").paid end
    pay(1, "a", "NULL", "NULL") -- hidden
    assert.equal(0, paid())
    pay(2, "b", "NULL", "NULL")
    put_price(store, "b", 10000, 1)
    pay(3, "b", "12000", "NULL") -- what was reserved
    assert.equal(10001 + 10001 + 12000, paid())
    pay(4, "c", "NULL", "7")
    put_price(store, "c", 300, 0)
    assert.equal(10001 * 3 + 12000, paid())
    local state = store:payment_state("c", "training")
    assert.same({ 1, 0, 10001 }, { state.unpriced, state.verified, state.highest })
    put_price(store, "c", 400, 1)
    assert.equal(10001 * 2 + 12000 + 401, paid())
    local sums = 0
    for _, row in ipairs(store:payment_sums()) do sums = sums + row.most end
    assert.equal(paid(), sums)
    store:close()
  end)

  it("hides a payment once, however often its transaction is repeated", function()
    local book <close> = setmetatable({ book = assert(journals.open(journal())) },
      { __close = function(self) self.book:close() end })
    pay(1, "a", "NULL", "7")
    local row = book.book:last_payment(1, "training")
    assert.is_true(book.book:hide_payment(row))
    assert.is_true(book.book:hide_payment(row))
    pay(2, "a", "NULL", "7")
    assert.is_false(book.book:hide_payment(book.book:last_payment(1, "training")))
  end)

  it("is tried again by a runner that begins after another could not see a price", function()
    local one, two = assert(postgresql.open(journal())), assert(postgresql.open(server:uri()))
    one:take_over(1)
    assert.is_true(one:take_turn(one:payment_state("a", "training").turn))
    one:stop_paying "the balance has not moved"
    assert.equal("the balance has not moved", one:payment_state("a", "training").problem)
    two:take_over(1)
    assert.is_nil(two:payment_state("a", "training").problem)
    one:leave()
    two:leave()
    one:close()
    two:close()
  end)
end)
