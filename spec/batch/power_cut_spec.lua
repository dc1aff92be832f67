-- A power cut keeps what was synced. strace shows when a batch syncs its journal: before the paid
-- request, after its response, and at the end. Work that a run would
-- repeat for free is not synced by itself: a batch would wait for the disk at each photo.

local fixtures = require "support.fixtures"
local interpreter = require "support.interpreter"
local support = require "support.client"

local PHOTOS <const> = 5

local PROGRAM <const> = [[
local novita = require "novita"
local client <close> = novita.client { api_key = %q, base_url = %q,
  poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1e6 } }
local batch <close> = assert(novita.batch { journal = %q, client = client,
  jobs = { { name = "anna", images = %q, task_type = "style", size = 64, crop = "center",
    base_model = "v1-5-pruned-emaonly" } } })
local summary = assert(batch:run():wait())
assert(summary.counts.serving == 1)
]]

-- The calls of interest, in order: w(rite) and s(ync) of the journal's log, u(pload), P(ayment).
local function letter_of(line)
  local name, rest = line:match "^%d+%s+([%w_]+)%((.*)$"
  if name == "sendto" or name == "write" or name == "sendmsg" then
    return rest:find("POST /v3/training/", 1, true) and "P"
      or rest:find("PUT /", 1, true) and "u" or ""
  elseif name and rest:find("run.db-wal>", 1, true) then
    return name == "fdatasync" and "s" or "w"
  end
  return ""
end

local function letters_of(trace)
  local letters = {}
  for line in io.lines(trace) do
    letters[#letters + 1] = letter_of(line)
  end
  return (table.concat(letters):gsub("w+", "w"))
end

local can_trace = os.execute "strace -o /dev/null -e trace=pwrite64 true 2>/dev/null"

describe("a power cut", function()
  it("leaves the journal with each payment, and costs a sync for nothing else", function()
    if not can_trace then
      return pending "strace is missing, or may not trace here"
    end
    local folder <close> = support.folder()
    local photos <close> = fixtures.folder(PHOTOS)
    local service <close> = fixtures.service()
    local script, trace = folder.path .. "/run.lua", folder.path .. "/trace"
    fixtures.write(script, PROGRAM:format(service.api_key, service.base_url,
      folder.path .. "/run.db", photos.path))
    assert(os.execute(("strace -f -y -s 32 -o %s -e trace=pwrite64,fdatasync,write,sendto,sendmsg "
      .. "%s %s"):format(trace, interpreter, script)))
    local letters = letters_of(trace)
    assert.equal(PHOTOS, select(2, letters:gsub("u", "")), letters)
    local uploads, after = letters:match "(u[^P]*)P(.*)$"
    assert.matches("^[uw]*ws$", uploads, 1, false, letters) -- only the intent
    assert.matches("^ws", after, 1, false, letters) -- the task's id
    assert.matches("^wsw?s", after, 1, false, letters) -- the end
  end)
end)
