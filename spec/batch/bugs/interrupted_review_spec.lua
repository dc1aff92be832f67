-- A training that needed review is looked for when it is asked for again, and not paid for. If that
-- search was interrupted, the next one paid.

local emulator_support = require "support.emulator"
local fixtures = require "support.fixtures"
local lfs = require "lfs"
local support = require "support.client"

describe("a training that needs review", function()
  local service, folder
  before_each(function()
    service, folder = support.service(), support.folder()
    assert(lfs.mkdir(folder.path .. "/photos"))
    for n = 1, 2 do
      fixtures.write(("%s/photos/%d.png"):format(folder.path, n), emulator_support.photo(n))
    end
  end)
  after_each(function()
    service:stop()
    os.execute("rm -rf " .. folder.path)
  end)

  local function open()
    return support.client(service, { journal = folder.path .. "/x.db", list_delay = 0.2 })
  end

  local function train(client, name, again)
    return client:train { task_type = "subject", name = name, size = 64,
      images = folder.path .. "/photos", base_model = "v1-5-pruned-emaonly",
      instance_prompt = "x", again = again }
  end

  -- Leaves "anna" in review, with another task of its batch in the list.
  local function leave_in_review()
    local client <close> = open()
    assert(train(client, "ben"):wait(30))
    service:fault { kind = "reset_before", route = "create", times = 3 }
    local _, err = train(client, "anna"):wait(30)
    assert.equal("needs_review", err.code)
  end

  local function interrupt()
    service:fault { kind = "hang", route = "list", forever = true }
    local client <close> = open()
    train(client, "anna"):wait(0.3)
    service:clear_faults()
  end

  it("is not paid for after an interrupted search, until a person decides", function()
    leave_in_review()
    interrupt()
    local client <close> = open()
    local _, err = train(client, "anna"):wait(30)
    assert.equal("needs_review", err.code)
    assert.equal(1, #service:ledger().tasks)
    client:close()
    interrupt()
    local again <close> = open()
    assert(train(again, "anna", true):wait(30))
    assert.equal(2, #service:ledger().tasks)
  end)
end)
