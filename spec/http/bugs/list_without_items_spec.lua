--- A 200 without a list was read as an empty list. A batch that looks for a lost task in it would
--- have concluded that the task does not exist, and paid again.

local backend = require "novita.batch.backend"
local responses = require "support.responses"
local task_list = require "novita.batch.task_list"

local function look(client)
  local journal = { id = "1a2b3c4d", created_at = 1e9 }
  local job = { task_name = "1a2b3c4d-0123456789ab-anna", attempt = 0 }
  return task_list.new(journal, backend.new(client)):find(job)
end

local calls = {
  ["the list of trainings"] = function(client) return client.trainings:list():all() end,
  ["the list of models"] = function(client) return client.models:list():all() end,
  ["a batch that looks for a task"] = look,
}

for name, call in pairs(calls) do
  describe(name, function()
    for _, body in ipairs { '{"unexpected":true}', "{}", '{"tasks":"none","models":7}' } do
      it("is malformed if the list is missing: " .. body, function()
        local client <close> = responses.client(body)
        local value, err = call(client)
        assert.is_nil(value)
        assert.equal("protocol", err.kind)
        assert.equal("malformed", err.code)
      end)
    end

    it("may be empty", function()
      local client <close> = responses.client '{"tasks":[],"models":[]}'
      local value, err = call(client)
      assert.is_nil(err)
      assert.is_true(value == nil or #value == 0)
    end)

    it("may omit an empty list", function()
      local client <close> = responses.client '{"pagination":{"next_cursor":""}}'
      assert.is_nil((select(2, call(client))))
    end)
  end)
end
