-- The commands for a journal in PostgreSQL.

local cli = require "support.cli"
local fixtures = require "support.fixtures"
local fleets = require "support.postgresql.fleet"
local journals = require "novita.batch.journal"
local novita = require "novita"
local runner = require "support.postgresql.runner"

local missing = fleets.missing()

if missing then
  return pending("the commands of a fleet: " .. missing)
end

describe("a journal in a database", function()
  local postgresql = require "novita.batch.store.postgresql"
  local shared = fleets.new()
  local journal, jobs = shared.journal, shared.jobs
  local server, service, client, folder

  setup(function() server, service, folder = shared.start() end)
  teardown(shared.stop)
  before_each(function() client = fixtures.client(service) end)
  after_each(function() client:close() end)

  it("is prepared, shown and drained by the command line", function()
    shared.empty()
    local uri, env = server:uri(), cli.env(service)
    assert.matches("is ready", cli.run({ "journal", "init", uri }, env).out)
    assert(novita.batch { journal = uri, jobs = jobs(9, 9) }):close()
    service:configure { queue_seconds = 1e6 }
    local one = runner.start(service, uri):wait_until_begun()
    local rows = assert(journals.view(uri))
    for _ = 1, 200 do
      local runners = rows:runners()
      if runners[1] and runners[1].jobs == 1 then break end
      os.execute "sleep 0.2"
    end
    local shown = cli.run({ "status", uri, "--json" }, env).json
    assert.equal("runs", shown.runners[1].state)
    assert.equal(tonumber(one.pid), shown.runners[1].process)
    assert.equal(0, cli.run({ "fleet", "drain", shown.runners[1].host, uri }, env).status)
    assert.matches("stopped", one:output())
    service:configure { queue_seconds = 1 }
    assert.equal(0, #rows:runners())
    rows:close()
  end)

  it("forgets a person, unless a runner works on the job", function()
    local uri, env = journal(), cli.env(service)
    local batch <close> = assert(novita.batch { journal = uri, client = client, jobs = jobs(1, 2) })
    assert(batch:run():wait())
    local name, kept = batch.journal:job(1).name, folder.path .. "/kept.png"
    fixtures.write(kept, "image")
    server:psql(([[UPDATE job SET samples = '[\"%s\",\"/far/away.png\"]' WHERE id = 1]])
      :format(kept))
    local other = assert(postgresql.open(uri))
    other:take_over(1)
    local row = assert(other:claim_one(1))
    local held = cli.run({ "forget", uri, name, "--yes" }, env)
    assert.matches("a runner on " .. other.host .. " (process " .. other.process .. ") works on it",
      held.err, 1, true)
    assert.is_truthy(io.open(kept))
    other:release(row.id)
    local done = cli.run({ "forget", uri, name, "--yes" }, env)
    assert.matches("not on this machine: /far/away.png", done.out, 1, true)
    assert.matches("forgotten: 1 job", done.out, 1, true)
    assert.is_nil(io.open(kept))
    for _, one in ipairs { "job", "photo", "request", "payment", "event", "meta" } do
      local text = server:psql("SELECT * FROM " .. one)
      for _, trace in ipairs { name, folder.path .. "/1.jpg", "kept.png", "/far/away.png" } do
        assert.is_nil(text:find(trace, 1, true), trace .. " in " .. one)
      end
    end
    assert.equal("0|1", server:psql "SELECT COUNT(*) FILTER (WHERE job = 1), COUNT(*) FROM request")
    local again <close> = assert(novita.batch { journal = uri, client = client, jobs = jobs(1, 2) })
    assert.equal(0, again.added)
    other:close()
  end)

  it("is checked by the doctor", function()
    local checkup = require "novita.cli.journals.checkup"
    local function states(uri)
      local found = {}
      for _, finding in ipairs(checkup(uri)) do
        found[finding.subject] = finding.state
        assert.equal(finding.state ~= "ok", finding.advice ~= nil, finding.subject)
      end
      return found
    end
    local fine = { journal = "ok", server = "ok", commits = "warning", times = "ok", pooler = "ok",
      tls = "ok", rights = "ok", runners = "ok", photos = "ok" } -- a cluster of specs has no fsync
    local uri = journal "runner"
    assert.same(fine, states(uri))
    server:psql "ALTER ROLE runner SET statement_timeout = '5s'"
    server:psql "REVOKE DELETE ON runner FROM novita_runner"
    fine.times, fine.rights = "warning", "failed"
    assert.same(fine, states(uri))
    server:psql "ALTER ROLE runner RESET statement_timeout"
    assert.equal("10s", server:psql "SHOW idle_in_transaction_session_timeout")
    server:psql "ALTER DATABASE postgres RESET idle_in_transaction_session_timeout"
    assert.same(fine, states(uri))
    local found = cli.run({ "doctor", server:uri(), "--json" }, cli.env(service)).json.findings
    assert.same({ "rights", "warning" }, { found[#found - 2].subject, found[#found - 2].state })
    assert.same({ journal = "failed" }, states(server:uri "template1"))
  end)

  it("says what is wrong with a place, and never a password", function()
    for uri, code in pairs {
      ["postgresql://me:s3cret@db/x"] = "password",
      ["postgresql://db/x?password=s3cret"] = "password",
      ["postgresql://me:s3cret%zz@db/x"] = "address",
      [server:uri "nowhere"] = "unreachable",
      [server:uri "template1"] = "empty",
    } do
      local batch, err = novita.batch { journal = uri }
      assert.is_nil(batch)
      assert.same({ "journal", code }, { err.kind, err.code })
      assert.is_nil(err.message:find("s3cret", 1, true))
    end
    local options = assert(require("novita.batch.store.postgresql_address").read
      "postgresql://db.example.com/x")
    assert.equal("verify-full", options.sslmode)
    local file <const> = folder.path .. "/services"
    fixtures.write(file, "[far]\nhost=192.0.2.1\n[near]\nhost=/tmp\n[open]\nhost=192.0.2.1\n"
      .. "sslmode=require\n")
    assert.equal("verify-full nil nil", (fixtures.program([[
      local read = require("novita.batch.store.postgresql_address").read
      io.write(read("postgresql:///x?service=far").sslmode, " ",
        tostring(read("postgresql:///x?service=near").sslmode), " ",
        tostring(read("postgresql:///x?service=open").sslmode))
    ]], "env PGSERVICEFILE=" .. file)))
    os.remove(file)
  end)
end)
