-- Where a journal may be: in a file, and with a warning where several machines share a folder.

local cli = require "support.cli"
local fixtures = require "support.fixtures"
local lfs = require "lfs"
local novita = require "novita"
local location = require "novita.batch.store.location"
local support = require "support.client"

-- As Linux writes them; a blank in a name is \040.
local MOUNTS <const> = [[
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:44 / /mnt/nas rw,relatime shared:7 - nfs4 nas:/export rw,vers=4.2
41 22 0:45 / /mnt/office rw,relatime - cifs //office/share rw
42 22 0:46 / /home/me/far\040away rw,nosuid shared:9 master:2 - fuse.sshfs me@far: rw
43 40 8:2 / /mnt/nas/local rw - ext4 /dev/sdb1 rw
44 22 8:17 / /mnt/stick rw - fuseblk /dev/sdc1 rw
]]

describe("the place of a journal", function()
  for _, name in ipairs { ":memory:", "file:run.db?mode=memory" } do
    it("is not in memory: " .. name, function()
      local service <close> = fixtures.service()
      local batch, err = novita.batch { journal = name }
      local view, other = novita.batch { journal = name, read_only = true }
      local ok, third = pcall(fixtures.client, service, { journal = name })
      assert.same({ nil, nil, false }, { batch, view, ok })
      for _, each in ipairs { err, other, third } do
        assert.equal("not_file", each.code)
        assert.matches("it must be the path of a file", each.message)
      end
      assert.is_nil(lfs.attributes(name))
    end)
  end

  for folder, kind in pairs { ["/mnt/nas/a"] = "nfs4", ["/mnt/office"] = "cifs",
    ["/home/me/far away/b"] = "fuse.sshfs" } do
    it("may be on a network: " .. folder, function()
      assert.matches("file system of the type " .. kind, location.problem(folder, MOUNTS))
    end)
  end

  for _, folder in ipairs { "/home/me", "/mnt/nasty", "/mnt/nas/local/x", "/mnt/stick", "/" } do
    it("is safe on a local disk: " .. folder, function()
      assert.is_nil(location.problem(folder, MOUNTS))
    end)
  end

  for _, name in ipairs { "Dropbox", "OneDrive - Studio", "iCloud Drive", "Google Drive",
    "GoogleDrive", "Nextcloud" } do
    it("may be copied to other machines: " .. name, function()
      local folder <close> = support.folder()
      local service <close> = fixtures.service()
      assert(lfs.mkdir(folder.path .. "/" .. name))
      local file, warnings = folder.path .. "/" .. name .. "/run.db", {}
      local function log(_, text) warnings[#warnings + 1] = text end
      local client <close> = fixtures.client(service, { log = log })
      for _ = 1, 2 do
        assert(novita.batch { journal = file, client = client }):close()
        fixtures.client(service, { log = log, journal = file }):close()
      end
      assert.equal(1, #warnings)
      assert.matches("run.db: it is in the folder " .. name:gsub("%-", "%%-")
        .. ", which seems to be copied to other machines", warnings[1])
    end)
  end

  it("is warned about on the command line", function()
    local folder <close> = support.folder()
    local service <close> = fixtures.service()
    cli.photos(folder.path .. "/Dropbox/anna", 1)
    local result = cli.run({ "train", folder.path .. "/Dropbox/anna", "--prompt", "x", "--size",
      "64" }, cli.env(service))
    assert.equal(0, result.status, result.err)
    assert.matches("anna.db: it is in the folder Dropbox", result.err)
  end)
end)
