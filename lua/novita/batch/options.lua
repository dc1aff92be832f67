--- The options of a run: names, defaults, ranges.

local usage_error = require "novita.schema.usage_error"

local options = {}

local numbers = {
  concurrency = { 8, 1, 10000, integer = true },
  photos = { 16, 1, 256, integer = true },
  rate = { 600, 0.001, 1e9 },
  max_submissions = { nil, 0, 2 ^ 31, integer = true },
  list_delay = { 120, 0, 86400 },
  job_timeout = { nil, 0, 1e9 },
  outage_timeout = { 3600, 0, 1e9 },
}

local others = { if_not_listed = "string", samples = "table", on_update = "function" }

local function check_number(name, value, rule)
  if value == nil then
    return rule[1]
  end
  local fits = type(value) == "number" and (not rule.integer or math.type(value) == "integer")
  if not (fits and value >= rule[2] and value <= rule[3]) then
    usage_error.raise("%s is %s: allowed is %s from %g to %g", name, tostring(value),
      rule.integer and "an integer" or "a number", rule[2], rule[3])
  end
  return value
end

local function check_samples(samples)
  for _, name in ipairs { "folder", "base", "prompt" } do
    if type(samples[name]) ~= "string" or samples[name] == "" then
      usage_error.raise("samples.%s is %s: give a text", name, tostring(samples[name]))
    end
  end
end

--- Checks what was written and fills in the rest. Only for use inside a check.
---@param written novita.BatchRunOptions
---@return table
function options.check(written)
  if type(written) ~= "table" then
    usage_error.raise("the options of a run are a table, not a %s", type(written))
  end
  local made = {}
  for name, value in pairs(written) do
    if others[name] and type(value) ~= others[name] then
      usage_error.raise("%s is a %s: allowed is a %s", name, type(value), others[name])
    elseif not others[name] and not numbers[name] then
      usage_error.raise("%s is not an option of a run", tostring(name))
    end
    made[name] = value
  end
  for name, rule in pairs(numbers) do
    made[name] = check_number(name, written[name], rule)
  end
  made.if_not_listed = written.if_not_listed or "resubmit"
  if made.if_not_listed ~= "resubmit" and made.if_not_listed ~= "needs_review" then
    usage_error.raise('if_not_listed must be "resubmit" or "needs_review", got %q',
      made.if_not_listed)
  end
  if made.samples then
    check_samples(made.samples)
  end
  return made
end

return options
