-- examples/darktable/train_lora.lua in darktable, as a person uses it: photos are tagged and
-- exported, darktable is quit in the middle of the training and started again. For
-- `make test-darktable`, because it takes a minute; skipped where a program is missing.

local cli = require "support.cli"
local emulator = require "novita.emulator"
local lfs = require "lfs"
local session = require "support.darktable.session"

local LATE_MOST <const> = 100 -- milliseconds
local QUIET <const> = 20 -- a machine on which a program is late by more is too busy to be measured

local missing = session.missing()
if missing then
  print("# skipped: " .. missing .. " is missing; apt-get install darktable xvfb xdotool perl")
end
local test = missing and pending or it

-- Copies, because darktable writes its sidecar files beside photos.
local function copied_photos(to)
  os.execute(("mkdir %s && cp examples/photos/*.jpg %s"):format(to, to))
  local count = 0
  for name in lfs.dir(to) do
    count = count + (name:find "%.jpg$" and 1 or 0)
  end
  return count
end

local function captions_of(task)
  local captions = {}
  for i, item in ipairs(task.request.image_dataset_items) do
    captions[i] = item.caption
  end
  return captions
end

local function check_late(late, what)
  local of = setmetatable({}, { __index = function(_, name)
    return late[name] and ("%.1f ms"):format(late[name]) or "unknown"
  end })
  print(("# %s: one step of the loop works for at most %s; late at most: the heartbeat of "
    .. "darktable's Lua %s (%s without a training), its window %s, another program %s"):format(
    what, of["step training"], of["lua training"], of["lua idle"], of["gui training"],
    of.reference))
  assert.is_true((late["step training"] or 0) <= LATE_MOST)
  if late.reference <= QUIET then
    local alone = late["lua idle"] or 0 -- what darktable does itself
    assert.is_true((late["lua training"] or 0) <= LATE_MOST + alone)
  else
    print "# this machine is too busy for the limit of the heartbeat"
  end
end

-- Exports the photos. All uploads but six hang, so that darktable is killed in the middle however
-- busy the machine is.
local function export_and_kill(opened, service, folder, count)
  service:fault { kind = "hang", route = "put", skip = 6, forever = true }
  opened:start(service, folder .. "/photos", count)
  opened:press({ "ctrl+a", "ctrl+e" }, function()
    return service:ledger().assets[6]
  end)
  check_late(opened:kill(), "exported")
  service:clear_faults()
end

describe("the example for darktable", function()
  test("trains what is exported, and pays once though darktable is killed and quit", function()
    local folder = cli.folder()
    local count = copied_photos(folder .. "/photos")
    local service <close> = assert(emulator.start { seconds_per_step = 0.04 })
    local opened = session.open(folder)
    finally(function()
      opened:close()
      cli.remove(folder)
    end)

    export_and_kill(opened, service, folder, count)
    assert.same({}, service:ledger().tasks)

    opened:start(service)
    session.wait("the training has begun", function()
      local task = service:ledger().tasks[1]
      return task and task.status == "TRAINING"
    end)
    os.execute "sleep 3"
    check_late(opened:quit(), "killed while it uploaded, started again")
    assert.is_nil(opened:log():find "print anna")

    opened:start(service)
    local text = session.wait("the training has ended", function()
      return opened:log():match "print ([^\n]+)"
    end)
    check_late(opened:quit(), "quit while it trained, started again")
    local path = text:match "^anna: the model is (/.+%.safetensors)$"
    assert.is_true(path and lfs.attributes(path, "size") > 10000, text)

    local ledger = service:ledger()
    assert.equal(1, #ledger.tasks)
    print(("# %d photos, %d uploads, %d training"):format(count, #ledger.assets, #ledger.tasks))
    assert.is_true(#ledger.assets < 2 * count)
    local captions = captions_of(ledger.tasks[1])
    assert.equal(count, #captions)
    assert.matches("^a photo of ohwx person, anna, place%d$", captions[1])
  end)
end)
