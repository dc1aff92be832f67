-- To resume a model, the whole partial file was hashed in one go: everything else on the loop
-- stood still for a second per 200 MB.

local co = require "support.coroutines"
local core = require "novita.core"
local errors = require "novita.base.error"
local novita = require "novita"
local ranged_download = require "novita.http.ranged_download"
local support = require "support.client"

local MIB <const> = 1024 * 1024

it("other coroutines continue while a partial file is hashed", function()
  local folder <close> = support.folder()
  local client <close> = novita.client { api_key = "k", base_url = "http://127.0.0.1:9" }
  local path = folder.path .. "/m.safetensors"
  local part <close> = assert(io.open(path .. ".part", "wb"))
  part:write(("x"):rep(16 * MIB))
  part:close()
  local turns, hashed, failed = 0, nil, nil
  local group <close> = co.group()
  group:spawn(function()
    failed = select(2, ranged_download { client = client, what = "model", path = path,
      sha256 = ("0"):rep(64), deadline = core.now() + 60, link = function()
        hashed = turns
        return nil, errors.new { kind = "api", message = "no link" }
      end })
  end)
  group:spawn(function()
    repeat
      turns = turns + 1
      co.sleep(0)
    until failed
  end)
  assert(group:wait())
  assert.equal("no link", failed.message)
  assert.is_true(hashed >= 8, hashed .. " turns in 16 pieces")
end)
