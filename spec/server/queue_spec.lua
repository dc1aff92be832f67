local Slots = require "novita.server.slots"
local co = require "support.coroutines"
local queues = require "novita.server.queue"

local function taken(queue, count)
  local list = {}
  for i = 1, count do list[i] = queue:take() or "nothing" end
  return table.concat(list, " ")
end

describe("the queue", function()
  it("serves the keys in turn, and each key in order", function()
    local queue = queues.new()
    for i = 1, 3 do queue:put("anna", "a" .. i) end
    for i = 1, 2 do queue:put("ben", "b" .. i) end
    assert.equal("a1 b1 a2 b2 a3 nothing", taken(queue, 6))
  end)

  it("serves a new key before one that runs already", function()
    local queue = queues.new()
    for i = 1, 100 do queue:put("anna", "a" .. i) end
    assert.equal("a1 a2", taken(queue, 2))
    queue:put("ben", "b1")
    queue:put("ben", "b2")
    assert.equal("b1 b2 a3", taken(queue, 3))
    for _ = 1, 3 do queue:finish "anna" end
    assert.equal("a4", taken(queue, 1))
  end)

  it("forgets an item that is removed", function()
    local queue = queues.new()
    queue:put("anna", "a1")
    assert.is_true(queue:remove("anna", "a1"))
    assert.is_false(queue:remove("anna", "a1"))
    assert.same({ 0, 0 }, { queue:count(), queue:count "anna" })
    assert.equal("nothing", taken(queue, 1))
  end)
end)

describe("the slots", function()
  it("run as many items as there are, each in its own", function()
    local most, running, used = 0, {}, {}
    local count = 0
    co.run(function()
      local slots <close> = Slots.new(2, function(item, slot)
        assert(not running[slot])
        running[slot], count = item, count + 1
        most = math.max(most, count)
        used[#used + 1] = item
        co.sleep(0.002)
        running[slot], count = nil, count - 1
      end, error)
      for i = 1, 5 do slots:add("anna", i) end
      while #used < 5 or count > 0 do co.sleep(0.001) end
    end)
    assert.same({ 2, { 1, 2, 3, 4, 5 } }, { most, used })
  end)

  it("are free again after an item that raises", function()
    local failed, done = {}, false
    co.run(function()
      local slots <close> = Slots.new(1, function(item)
        if item == 1 then error("a bug", 0) end
        done = true
      end, function(item, raised) failed[item] = raised end)
      slots:add("anna", 1)
      slots:add("anna", 2)
      repeat co.sleep(0.001) until done
    end)
    assert.same({ "a bug" }, failed)
  end)

  it("cancel what runs when they are closed, and start nothing more", function()
    local started, ended = 0, 0
    co.run(function()
      local slots <close> = Slots.new(1, function()
        started = started + 1
        local _ <close> = setmetatable({}, { __close = function() ended = ended + 1 end })
        co.sleep(100)
      end, function() end)
      slots:add("anna", 1)
      slots:add("anna", 2)
      co.sleep(0.01)
    end)
    assert.same({ 1, 1 }, { started, ended })
  end)
end)
