-- Checks that an installed rock works: `luarocks test` runs this with the name of the rock.

local checks = {}

-- A gray picture of 64 x 64 pixels.
local PNG <const> = ([[
  89504e470d0a1a0a0000000d49484452000000400000004008000000008f022e0200000029494441
  5478daedcc411100000c0220a31bdd10fbed2000e951040281402010080402814020107c0f06df6d
  007970ba79fa0000000049454e44ae426082]]):gsub("%s", ""):gsub("%x%x", function(byte)
  return string.char(tonumber(byte, 16))
end)

checks["novita-core"] = function()
  local novita = require "novita"
  local decoded = assert(novita.image.decode(PNG))
  assert(decoded.width == 64 and decoded.height == 64)
  local client <close> = novita.client { api_key = "test", base_url = "http://127.0.0.1:9" }
  local _, why = pcall(client.train, client, { task_type = "subject" })
  assert(tostring(why):find "is missing", why)
end

checks["novita"] = function()
  assert(require("novita.batch.journal").sqlite_version())
  assert(require("novita.cli") { "version" } == 0)
end

checks["novita-service"] = function()
  assert(require("novita.service.core").crypto)
  assert(require("novita.service").new)
end

checks["novita-emulator"] = function()
  local emulator = require "novita.emulator"
  local service <close> = assert(emulator.start {})
  local client <close> = service:client()
  assert(assert(client.account:balance()).usd > 0)
end

checks["novita-faces"] = function()
  local found = assert(require("novita").image.faces(PNG))
  assert(#found == 0)
end

checks["novita-server"] = function()
  assert(require("novita.server").start)
end

checks["novita-sqlite"] = function()
  local database = assert(require("novita.sqlite").open ":memory:")
  local row = database:prepare("SELECT ? AS n"):bind(math.maxinteger):step()
  assert(row.n == math.maxinteger)
end

checks["novita-postgresql"] = function()
  assert(require "novita.postgresql")
end

checks["novita-playground"] = function()
  assert(require("novita.playground").start)
end

local rock = arg[1]
assert(checks[rock], "name a rock")()
print(rock .. " works")
