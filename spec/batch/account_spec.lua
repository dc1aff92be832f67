-- A journal belongs to the account of its trainings: with another key they would be missing, and
-- paid for again.

local emulator_support = require "support.emulator"
local fixtures = require "support.fixtures"
local novita = require "novita"
local support = require "support.client"

describe("the account of a journal", function()
  local one, other, folder -- an emulator accepts one key; all of them count as one service
  before_each(function()
    one = support.service { api_key = "sk_first_key_of_the_account" }
    other = support.service { api_key = "sk_another_key" }
    folder = support.folder()
    os.execute("mkdir -p " .. folder.path .. "/people/anna")
    fixtures.write(folder.path .. "/people/anna/1.png", emulator_support.photo(1))
  end)
  after_each(function()
    one:stop()
    other:stop()
    os.execute("rm -rf " .. folder.path)
  end)

  local function run(service, options)
    local client <close> = support.client(service)
    local batch <close> = assert(novita.batch { journal = folder.path .. "/run.db", client = client,
      jobs = folder.path .. "/people", defaults = { task_type = "subject", size = 64,
        base_model = "v1-5-pruned-emaonly", instance_prompt = "x", class_prompt = "person" } })
    return batch:run(options):wait()
  end

  local function open(service, more)
    local options = { journal = folder.path .. "/script.db" }
    for name, value in pairs(more or {}) do options[name] = value end
    return support.client(service, options)
  end

  it("is known by the key, and another key is refused before anything is sent", function()
    assert(run(one))
    local summary, err = run(other)
    assert.is_nil(summary)
    assert.equal("journal", err.kind)
    assert.equal("other_account", err.code)
    assert.matches("its trainings are at http://127.0.0.1:%d+, with another API key: use "
      .. "that key; if that was an emulator, remove this journal", err.message)
    assert.equal(0, #other:requests())
    assert.equal(1, assert(run(one)).counts.serving)
  end)

  it("is that of a training that may exist", function()
    one:fault { kind = "reset_after", route = "create" }
    one:fault { kind = "status", status = 404, route = "list", forever = true, skip = 1 }
    assert.equal(1, assert(run(one, { list_delay = 0.1 })).counts.needs_review)
    assert.equal("other_account", select(2, run(other)).code)
    assert.equal(1, #one:ledger().tasks)
  end)

  it("is not that of a key with which nothing was paid for", function()
    one:fault { kind = "status", status = 403, route = "list",
      body = '{"code":403,"reason":"INVALID_API_KEY","message":"mistyped"}' }
    assert.equal("INVALID_API_KEY", select(2, run(one)).code)
    assert(run(one, { max_trainings = 0 })) -- uploads the photo, as without a balance
    assert.equal(1, assert(run(other)).counts.serving)
    assert.equal(1, #other:ledger().assets)
    assert.same({}, one:ledger().tasks)
    assert.equal("other_account", select(2, run(one)).code)
  end)

  it("may get another key with same_account", function()
    assert(run(one))
    assert.equal(1, assert(run(other, { same_account = true })).counts.serving)
    assert(run(other))
    assert.equal("other_account", select(2, run(one)).code)
  end)

  it("is that of a client's journal, too", function()
    open(other):close()
    local client = open(one)
    assert(client:train({ task_type = "subject", name = "anna", size = 64, instance_prompt = "x",
      images = folder.path .. "/people/anna", base_model = "v1-5-pruned-emaonly" }):wait(30))
    client:close()
    local ok, err = pcall(open, other)
    assert.is_false(ok)
    assert.equal("other_account", err.code)
    open(other, { same_account = true }):close()
    open(other):close()
  end)

  it("is in the file without the key", function()
    assert(run(one))
    local found = assert(io.popen("cat " .. folder.path .. "/run.db*")):read "a"
    assert.is_nil(found:find("sk_first_key", 1, true))
  end)

  it("needs a journal", function()
    for _, name in ipairs { "same_account", "no_list" } do
      local ok, err = pcall(support.client, one, { [name] = true })
      assert.is_false(ok)
      assert.matches(name .. " needs a journal", err)
    end
  end)
end)
