--- "Internal error", "not available" and "timeout" in the older envelope, which comes with HTTP
--- 200, were taken for rejections: the error of a task that may have been created was retryable and
--- not ambiguous.

local responses = require "support.responses"

local calls = {
  create = function(client) return client.trainings:create("subject", { name = "t" }) end,
  txt2img = function(client) return client.images:txt2img { request = {} } end,
}

for name, call in pairs(calls) do
  describe(name, function()
    local function error_of(body)
      local client <close> = responses.client(body)
      local id, err = call(client)
      assert.is_nil(id)
      return err
    end

    for code, ambiguous in pairs { [-1] = true, [5] = true, [9] = true, [77] = true, [500] = true,
      [1] = false, [2] = false, [4] = false, [7] = false, [11] = false } do
      it(("with code %d in an envelope is %s"):format(code, ambiguous and "ambiguous" or "refused"),
        function()
          local err = error_of(('{"code":%d,"msg":"words","data":null}'):format(code))
          assert.equal(ambiguous or nil, err.ambiguous)
        end)
    end

    it("is classified by its name if it has one", function()
      assert.is_true(error_of('{"code":1,"reason":"CREATE_TASK_FAILED"}').ambiguous)
      assert.is_true(error_of('{"code":1,"reason":"NEVER_HEARD_OF"}').ambiguous)
      assert.is_nil(error_of('{"code":500,"reason":"ILLEGAL_PROMPT"}').ambiguous)
    end)
  end)
end
