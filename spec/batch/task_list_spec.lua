-- The names of tasks, and how far the list of tasks is read.

local backend = require "novita.batch.backend"
local responses = require "support.responses"
local task_list = require "novita.batch.task_list"
local task_names = require "novita.batch.task_names"

local BATCH <const>, HASH <const> = "1a2b3c4d", "0123456789ab"

describe("the name of a task", function()
  for name, words in pairs {
    ["Anna Maria"] = "Anna-Maria",
    ["Zoë"] = "Zo",
    ["東京"] = "model",
    ["../a/b "] = "a-b",
    ["r2"] = "model-r2",
    [("x"):rep(80)] = ("x"):rep(32),
  } do
    it("has words of " .. name, function()
      local made = task_names.new(name, BATCH, HASH .. "cdef", 0)
      assert.equal(("%s-%s-%s"):format(BATCH, HASH, words), made)
      assert.is_true(#made <= 64)
      assert.same({ batch = BATCH, hash = HASH, attempt = 0 }, task_names.read(made))
      local again = task_names.new(name, BATCH, HASH, 12)
      assert.same({ batch = BATCH, hash = HASH, attempt = 12 }, task_names.read(again:upper()))
      assert.same({ batch = BATCH, hash = HASH, attempt = 12 }, task_names.read(again:sub(1, 26)))
      assert.equal(words:lower(), task_names.words(made))
      assert.equal(words:lower(), task_names.words(again))
      assert.is_nil(task_names.words(again:sub(1, 26)))
    end)
  end

  it("is not every name with digits", function()
    for _, name in ipairs { "", BATCH, BATCH .. "-" .. HASH .. "0", "x" .. BATCH .. "-" .. HASH,
      "anna-" .. BATCH .. "-" .. HASH, BATCH .. "-" .. HASH:sub(2) } do
      assert.is_nil(task_names.read(name))
    end
    assert.is_true(task_names.is_older("anna-" .. BATCH .. "-" .. HASH .. "-r1", BATCH))
    assert.is_false(task_names.is_older("anna-" .. BATCH .. "-" .. HASH .. "-r1", "5e6f7081"))
  end)
end)

describe("the list of tasks", function()
  -- `count` tasks of others in pages of 100, one a second, the newest of second `count`.
  local function account(count, is_ascending, ours)
    return responses.client(function(request)
      local offset, tasks = tonumber(request.url:match "cursor=(%d+)" or 0), {}
      for i = offset + 1, math.min(offset + 100, count) do
        local at = is_ascending and i or count + 1 - i
        local name = ours and ours[at] or "other"
        tasks[#tasks + 1] = ('{"task_id":"t%d","task_name":"%s","created_at":%d}')
          :format(at, name, at)
      end
      return ('{"tasks":[%s],"pagination":{"next_cursor":"%s"}}'):format(table.concat(tasks, ","),
        offset + 100 < count and offset + 100 or "")
    end)
  end

  local function open(client, created_at, is_new)
    return task_list.new({ id = BATCH, created_at = created_at,
      has_tasks = function() return not is_new end }, backend.new(client))
  end

  it("is read back to the journal's creation less a day", function()
    local client, requests = account(2000)
    assert(open(client, 86400 + 1750):ready())
    assert.equal(4, #requests) -- 250 tasks that may be ours, and 100 older ones in a row
  end)

  it("is read further back for a new journal", function()
    local client, requests = account(3000)
    assert(open(client, 86400 + 2750, true):ready())
    assert.equal(13, #requests) -- 250 tasks that may be ours, and 1000 older ones in a row
  end)

  it("is read to its end if it is not newest first", function()
    local client, requests = account(1000, true)
    assert(open(client, 86400 + 900):ready())
    assert.equal(10, #requests)
  end)

  it("is read to its end if the journal was made in the future", function()
    local client, requests = account(1000)
    assert(open(client, os.time() + 1e7):ready())
    assert.equal(10, #requests)
  end)

  it("is read beyond tasks of the batch, although the journal's clock was fast", function()
    local ours = {}
    for at = 200, 400 do
      ours[at] = task_names.new("n" .. at, BATCH, ("%012x"):format(at), 0)
    end
    local list = open(account(1000, false, ours), 86400 + 420)
    assert(list:ready())
    assert.equal("t200", list:known({ task_name = ours[200], attempt = 0 }).task_id)
  end)

  it("is read back to a job's intent, although the journal's clock was fast", function()
    local name = task_names.new("anna", BATCH, HASH, 0)
    local list = open(account(1000, false, { [300] = name }), 86400 + 900)
    assert(list:ready())
    local job = { task_name = name, attempt = 0 }
    assert.is_nil(list:known(job))
    job.intent_at = 86400 + 301
    assert.equal("t300", list:find(job).task_id)
  end)

  it("is read once, and anew for a task that it did not have", function()
    local name = task_names.new("anna", BATCH, HASH, 0)
    local ours = {}
    local client, requests = account(50, false, ours)
    local list = open(client, 86400)
    assert(list:ready())
    assert(list:ready())
    assert.equal(1, #requests)
    local job = { task_name = name, attempt = 0 }
    assert.is_nil(list:known(job))
    ours[7] = name:upper()
    assert.equal("t7", list:find(job).task_id)
    assert.equal("t7", list:find(job).task_id)
    assert.equal(2, #requests)
  end)

  it("proves the absence of a task only if it shows another of the batch, as long", function()
    local other = "fedcba987654"
    local job = { task_name = task_names.new("anna", BATCH, HASH, 0), attempt = 0 }
    local restarted = { task_name = task_names.new("anna", BATCH, HASH, 1), attempt = 1 }
    for name, expected in pairs {
      ["other"] = { false, false },
      [task_names.new("anna", "5e6f7081", other, 0)] = { false, false },
      [task_names.prefix(BATCH, other, 0)] = { true, false }, -- cut
      [task_names.new("bert", BATCH, other, 0):upper()] = { true, true },
    } do
      local list = open(account(1, false, { name }), 86400)
      assert.is_nil((list:find(job)))
      assert.same(expected, { list:proves_absence(job), list:proves_absence(restarted) })
    end
  end)

  it("gives a job the task of its last attempt, and no earlier one", function()
    local list = open(account(3, false, { task_names.new("a", BATCH, HASH, 0),
      task_names.new("a", BATCH, HASH, 2), task_names.new("a", BATCH, HASH, 1) }), 86400)
    assert(list:ready())
    local function known(attempt)
      return list:known { task_name = task_names.new("a", BATCH, HASH, attempt), attempt = attempt }
    end
    assert.same({ task_id = "t2", attempt = 2 }, known(0))
    assert.same({ task_id = "t2", attempt = 2 }, known(2))
    assert.is_nil(known(3))
  end)

  it("trusts an older name only if it is plain", function()
    local seen = ("anna-%s-%s"):format(BATCH, HASH)
    local list = open(account(1, false, { seen }), 86400)
    assert(list:ready())
    assert.equal("t1", list:known { task_name = seen, attempt = 0 }.task_id)
    for name, expected in pairs { bert = true, Bert = false, ["Zoë"] = false,
      [("x"):rep(60)] = false } do
      assert.equal(expected, list:proves_absence { attempt = 0,
        task_name = ("%s-%s-%s"):format(name, BATCH, "fedcba987654") }, name)
    end
  end)
end)
