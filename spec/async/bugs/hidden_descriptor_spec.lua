--- With poll(2), 64 descriptors that were always ready hid all others: a wait reported the first
--- ones of its array.

local fixtures = require "support.fixtures"

it("each descriptor that is ready gets its turn", function()
  local poller = fixtures.c_module "poller"
  assert.equal(64, poller.seen(150, 64, 1))
  assert.equal(128, poller.seen(150, 64, 2))
  assert.equal(150, poller.seen(150, 64, 3))
  assert.equal(10, poller.seen(10, 64, 1))
end)
