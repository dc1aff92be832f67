-- examples/webhook.lua against an emulator, as its head says.
local cli = require "support.cli"
local interpreter = require "support.interpreter"
local lfs = require "lfs"

describe("the example of a webhook", function()
  it("saves the image that the event names", function()
    if not pcall(require, "socket") then
      pending "luasocket is not installed"
      return
    end
    local folder = cli.folder()
    local top = lfs.currentdir()
    local done = cli.run { "emulator", "--speed", "20", "--", "sh", "-c",
      ('top="$1"; LUA_PATH="$top/lua/?.lua;$top/lua/?/init.lua;;" '
        .. 'LUA_CPATH="$(cd "$3" && pwd)/?.so;;"; export LUA_PATH LUA_CPATH; cd "$2" && exec %s '
        .. '"$top/examples/webhook.lua"'):format(interpreter), "sh", top, folder,
      os.getenv "BUILD" or "build" }
    assert.equal(0, done.status, done.err)
    assert.equal("saved out/webhook-1.png\n", done.out)
    assert.is_true(lfs.attributes(folder .. "/out/webhook-1.png", "size") > 1000)
    cli.remove(folder)
  end)
end)
