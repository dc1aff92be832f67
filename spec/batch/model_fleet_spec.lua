-- Three runners of one journal on a virtual clock (support.model.fleet): pauses longer than a lease
-- and than everything that follows, kills, and faults of the paid request, at every point. In `make
-- test` a part of the cases; `make fleet-model` tries all.

local model = require "support.model.fleet"

-- Longer than a lease; longer than the take-over of a job and its second request.
local PAUSES <const> = { 90, 700 }
local all = os.getenv "NOVITA_MODEL" == "all"

describe("three runners of one journal", function()
  local cases = 0

  teardown(function()
    model.close()
    print(("# model check of a fleet: %d cases, 0 doubled, 0 lost, 0 orphaned"):format(cases))
  end)

  local function try(case)
    cases = cases + 1
    return model.try(case)
  end

  -- Calls `at(point)` for `count` of the points of a runner; `make fleet-model` for all.
  local function each(points, count, at)
    for i = 1, all and points or count do
      at(all and i or i * points // (count + 1))
    end
  end

  for _, fault in ipairs(model.faults) do
    it("pay once if one is paused anywhere, with the fault " .. fault, function()
      local points = model.try { fault = fault, fault_at = 2 }
      for i, pause in ipairs(PAUSES) do
        each(points[i], 3, function(at)
          try { fault = fault, fault_at = 2, [i] = { pause_at = at, pause = pause } }
        end)
      end
    end)

    it("pay once if one is killed and another one paused, with the fault " .. fault, function()
      local points = model.try { fault = fault, fault_at = 1 }
      each(points[1] // 10, 1, function(at)
        each(points[2] // 10, 2, function(other)
          try { fault = fault, fault_at = 1, [1] = { kill_at = at * 10 },
            [2] = { pause_at = other * 10, pause = 700 } }
        end)
      end)
    end)
  end

  it("pay once if one is paused or killed around its first request", function()
    local first = model.try {}.sends
    for at = first - 3, first + 3 do
      for _, pause in ipairs(PAUSES) do try { [1] = { pause_at = at, pause = pause } } end
      try { [1] = { kill_at = at }, fault = "late", fault_at = 1 }
    end
  end)

  it("pay once, and count all, if a connection is lost after any statement", function()
    for _, fault in ipairs { "none", "refused" } do
      local points = model.try { fault = fault, fault_at = 1 }
      each(points[1], 5, function(at)
        local found = try { fault = fault, fault_at = 1, [1] = { lose_at = at } }
        assert.is_true(found.counted >= 0, ("%s, lost at %d"):format(fault, at))
      end)
    end
  end)

  it("send the request later, and wait for no list, if it is unknown whether an intent was written",
    function()
      local calm = model.try {}
      for at = calm.sends - 6, calm.sends + 6 do
        assert.is_true(try { [1] = { lose_at = at } }.seconds < calm.seconds + 60, "lost at " .. at)
        local refused = try { fault = "refused", fault_at = 1, [1] = { lose_at = at } }
        assert.is_true(refused.counted >= 0, "refused, and lost at " .. at)
      end
    end)

  it("pay once if two are paused, the second while the first one wakes up", function()
    local points = model.try { fault = "reset_after", fault_at = 2 }
    each(points[1] // 10, 2, function(at)
      each(points[2] // 10, 2, function(other)
        try { fault = "reset_after", fault_at = 2, [1] = { pause_at = at * 10, pause = 90 },
          [2] = { pause_at = other * 10, pause = 700 } }
      end)
    end)
  end)

  -- How many points around its first request pay twice with a rule broken.
  local function doubled(broken, disturb, name)
    local first, count = model.try {}.sends, 0
    for at = first - 4, first + 4 do
      local case = { [1] = disturb(at) }
      for field, value in pairs(broken) do case[field] = value end
      local _, err = pcall(model.try, case)
      count = count + (tostring(err):find "doubled" and 1 or 0)
    end
    print(("# without %s: %d of 9 points pay twice"):format(name, count))
    return count
  end

  local function pause_long(at) return { pause_at = at, pause = 700 } end

  it("would pay twice if a change did not name its runner and token", function()
    local function unfenced(self, id, changed, _, token)
      local sql, values, count = self.update_statement(changed)
      values[count + 1] = id
      self.connection:run(sql .. " WHERE id = ?", table.unpack(values, 1, count + 1))
      if changed.stage == "submitting" then
        self.held[id].send_by = self.clock() + self.settings.window
      end
      return token
    end
    local store = { update_job = unfenced }
    assert.is_true(doubled({ store = store }, pause_long, "the token") > 0)
  end)

  it("would pay twice if an intent were good for ever", function()
    local store = { check_runner = function() return math.huge end }
    assert.is_true(doubled({ store = store }, pause_long, "the window") > 0)
  end)

  it("would pay twice if a job that was taken over were sent at once", function()
    local broken = { grace = 0, paid = 0, if_not_listed = "resubmit_anyway", fault = "late",
      fault_at = 1 }
    assert.is_true(doubled(broken, function(at) return { kill_at = at } end, "the grace") > 0)
  end)

  it("would pay twice without the check before a request leaves", function()
    assert.is_true(doubled({ unchecked = true }, pause_long, "the last check") > 0)
  end)
end)
