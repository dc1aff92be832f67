--- The upload of a named pipe blocked the whole program until another process wrote to the pipe.

local core = require "novita.core"
local novita = require "novita"
local support = require "support.client"

describe("an upload from a pipe", function()
  it("is rejected at once", function()
    local folder <close> = support.folder()
    local client <close> = novita.client { api_key = "sk_test", base_url = "http://127.0.0.1:9" }
    local path = folder.path .. "/pipe"
    assert(os.execute(("mkfifo %s && { sleep 1; : <>%s; } 2>/dev/null &"):format(path, path)))
    os.execute("until [ -p " .. path .. " ]; do sleep 0.01; done")
    local began = core.now()
    local id, err = client.assets:upload({ path = path, extension = "png" }, 1)
    assert.is_true(core.now() - began < 0.5)
    assert.is_nil(id)
    assert.equal("file", err.kind)
    assert.matches("is not a file", err.message)
  end)
end)
