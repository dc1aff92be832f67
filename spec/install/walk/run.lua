-- Walks one journey in a root that spec/install/journeys has made.
--   lua5.4 spec/install/walk/run.lua ROOT JOURNEY      in the checkout
-- Prints each command with its output; at the end what went wrong, with exit status 1.

package.path = "tools/docs/?.lua;spec/install/?.lua;" .. package.path

local compare = require "walk.compare"
local session = require "walk.session"
local steps = require "walk.steps"

local SECONDS <const> = tonumber(os.getenv "SECONDS_LIMIT") or 3000

local root, name = arg[1], arg[2]
local journey = assert(require("walk.journeys")[name], "there is no such journey")

local function complaint(step)
  if step.shell then
    return nil
  elseif not step.status then
    return "was not reached, or has not ended"
  elseif not step.may_fail and (step.status ~= "0" or step.failures ~= "") then
    return ("fails with status %s: %s"):format(step.status .. step.failures,
      step.out:gsub("%s+$", ""):sub(-300))
  elseif step.printed then
    local missing = compare.missing(step.printed, step.out)
    local extra = not step.lua and compare.extra(step.printed, step.out)
    return missing and "does not print: " .. missing or extra and "also prints: " .. extra
  end
end

local list = steps.of(journey.parts)
session.run(root, list, SECONDS)

local wrong, compared = 0, 0
print(("\n%s"):format(journey.title))
for _, step in ipairs(list) do
  if step.why then print(("added: %s (%s)"):format(step.command, step.why)) end
end
for _, why in ipairs(list.instead) do print("not as it stands: " .. why) end
for _, step in ipairs(list) do
  compared = compared + (step.printed and step.status and 1 or 0)
  local why = complaint(step)
  if why then
    wrong = wrong + 1
    print(("%s: %q %s"):format(step.where, step.command:match "[^\n]*", why))
  end
end
print(("%s: %d steps, %d compared with their page, %d wrong"):format(name, #list, compared, wrong))
os.exit(wrong == 0)
