--- An ETA of 1e300 seconds reached the script as it was, and a list with a task that was created in
--- the year 31690708807 ended the command line with "a bug in novita".

local cli = require "support.cli"
local support = require "support.client"

local function responds(service, route, body)
  service:fault { kind = "status", status = 200, route = route, body = body, forever = true }
end

describe("a number that cannot be true", function()
  for _, number in ipairs { "1e300", '"1e300"', "1e18", "-1", "-1e300" } do
    it("is unknown: " .. number, function()
      local service <close> = support.service()
      local client <close> = support.client(service)
      local extra = ('"eta_relative":%s,"progress_percent":%s'):format(number, number)
      responds(service, "status", ('{"task_status":"TRAINING","extra":{%s}}'):format(extra))
      responds(service, "task-result", ('{"task":{"status":"TASK_STATUS_PROCESSING","eta":%s,'
        .. '"progress_percent":%s}}'):format(number, number))
      responds(service, "list", ('{"tasks":[{"task_id":"x","task_name":"a","task_type":"subject",'
        .. '"task_status":"TRAINING","created_at":%s}]}'):format(number))

      assert.same({}, assert(client.trainings:get("x", "subject")).extra)
      local image = assert(client.images:get "x").task
      assert.is_nil(image.eta)
      assert.is_nil(image.progress_percent)
      assert.is_nil(assert(client.trainings:list():first()).created_at)

      local task = client:attach { task_id = "x", task_type = "subject" }
      for status in task:updates() do
        if status.stage == "training" then
          assert.is_nil(status.eta)
          assert.is_nil(status.progress_percent)
          assert.matches("^%S*%s*training%s*$", tostring(status))
          break
        end
      end

      local listed = cli.run({ "list" }, cli.env(service))
      assert.equal(0, listed.status, listed.err)
      assert.equal("a\tTRAINING\t-\tx\tsubject\t\n", listed.out)
      local waited = cli.run({ "wait", "x", "--timeout", "0.5", "--poll", "0.05" },
        cli.env(service))
      assert.is_nil((waited.out .. waited.err):find("a bug in novita", 1, true))
    end)
  end
end)
