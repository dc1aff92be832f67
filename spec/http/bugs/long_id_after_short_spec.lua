-- A poll formatted its URL into the memory of the URL before it. For a longer task id that memory
-- was too small, and the heap was overwritten.

local support = require "support.client"

it("a long task id is polled after a short one", function()
  local service <close> = support.service()
  local client <close> = support.client(service, { connections = 1,
    poll = { not_found_grace = 0 } })
  for _, id in ipairs { "a", ("%"):rep(255), ("b"):rep(255), ("%"):rep(255) } do
    local none, err = client:attach { task_id = id, task_type = "subject" }:wait(5)
    assert.is_nil(none)
    assert.equal("TASK_NOT_FOUND", err.reason or err.code)
  end
  assert.is_true(#support.requests(service, "status") >= 4)
end)
