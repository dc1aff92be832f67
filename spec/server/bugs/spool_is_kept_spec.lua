--- A start removed the folder of incomplete uploads and made it again. Where that failed once, as
--- on a full disk, the server ran without it and refused every upload.

local cli = require "support.cli"
local fake = require "server.fake_trainers"
local lfs = require "lfs"
local servers = require "novita.server"
local support = require "support.client"

local function start(folder)
  return assert(servers.start { data = folder.path .. "/data", keys = { anna = "sk_anna" },
    trainer = { "sh", "-c", 'cp "$MODEL" out/m.safetensors', "sh" },
    environment = { MODEL = folder.path .. "/model" },
    base_models = { ["v1-5-pruned-emaonly"] = { path = "/models/sd15", family = "sd15" } } })
end

it("the folder of uploads is emptied at a start, and stays", function()
  local folder <close> = support.folder()
  cli.write(folder.path .. "/model", fake.model)
  start(folder):stop()
  local spool = folder.path .. "/data/spool"
  assert(os.execute("chmod 711 " .. spool)) -- a new one would be 700
  cli.write(spool .. "/half", "the first half of a photo")
  local server <close> = start(folder)
  assert.is_nil(lfs.attributes(spool .. "/half"))
  assert.equal("rwx--x--x", lfs.attributes(spool, "permissions"))
  assert(server)
end)
