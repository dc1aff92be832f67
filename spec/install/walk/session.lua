-- Types the steps of a journey into one bash, as a person does: what a step sets, the next one has.

local files = require "check.files"

local session = {}

local PERSON <const> = "kim"
local FOLDER <const> = "/walk" -- in the root: of each step its command, output and status

-- Bash that types one step. A program in the background writes into a file: wait until the file
-- has text, as a person would.
local function typed(step, number)
  local base = ("%s/%d"):format(FOLDER, number)
  local waits = step.command:match "> *([%w._/-]+) &\n?$"
  local lines = {
    ("echo; echo %s; sed 's/^/$ /' %s.command"):format(files.quote("# " .. step.where), base),
    ("script=%s.lua"):format(base),
  }
  if step.root then
    lines[#lines + 1] = ("sudo bash -e %s.command >%s.out 2>&1 </dev/null"):format(base, base)
  else
    lines[#lines + 1] = "failures="
    lines[#lines + 1] = ("{ . %s.command; } >%s.out 2>&1 </dev/null"):format(base, base)
  end
  lines[#lines + 1] = ("echo \"$?\" $failures >%s.status"):format(base)
  if waits then
    lines[#lines + 1] = ("for i in $(seq 600); do [ -s %s ] && break; sleep 0.1; done")
      :format(waits)
  end
  lines[#lines + 1] = ("show %s.out"):format(base)
  return table.concat(lines, "\n")
end

local PROLOGUE <const> = [[
show() {
  if [ "$(wc -l <"$1")" -le 60 ]; then cat "$1"; return; fi
  head -n 10 "$1"; echo "... ($(wc -l <"$1") lines)"; tail -n 20 "$1"
}
failures=
trap 'failures="$failures $?"' ERR
trap 'kill $(jobs -p) 2>/dev/null' EXIT
]]

-- The text of the scripts: one, and one more for each shell that a step starts.
local function scripts_of(steps)
  local texts = { PROLOGUE }
  for number, step in ipairs(steps) do
    if step.shell then
      texts[#texts] = texts[#texts]
        .. ("%s %s/shell%d\n"):format(step.command, FOLDER, #texts + 1)
      texts[#texts + 1] = PROLOGUE
    else
      texts[#texts] = texts[#texts] .. typed(step, number) .. "\n"
    end
  end
  return texts
end

local function write_steps(folder, steps)
  for number, step in ipairs(steps) do
    local base = ("%s/%d"):format(folder, number)
    files.write(base .. ".command", (step.command:gsub("\n*$", "\n")))
    if step.lua then
      files.write(base .. ".lua", step.lua)
    end
  end
  for i, text in ipairs(scripts_of(steps)) do
    files.write(("%s/shell%d"):format(folder, i), text)
  end
end

--- Runs the steps in a root, and fills in `out`, `status` and `failures` of each.
---@param root string
---@param steps walk.Step[]
---@param seconds integer for all of them
function session.run(root, steps, seconds)
  local folder = root .. FOLDER
  assert(os.execute(("mkdir -p %s && chmod 777 %s"):format(folder, folder)))
  write_steps(folder, steps)
  os.execute(("timeout %d chroot --userspec=%s --groups= %s env -i HOME=/home/%s USER=%s "
    .. "PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 bash -c 'cd ~/novita; . %s/shell1'")
    :format(seconds, PERSON, files.quote(root), PERSON, PERSON, FOLDER))
  for number, step in ipairs(steps) do
    local base = ("%s/%d"):format(folder, number)
    local ok, status = pcall(files.read, base .. ".status")
    if ok then
      step.out = files.read(base .. ".out")
      step.status, step.failures = status:match "^(%d+) ?(.-)\n"
    end
  end
end

return session
