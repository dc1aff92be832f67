--- Builds command lines from tables of our fields and a trainer's options.

local arguments = {}

-- 1e-04 as 0.0001, 300 without a fraction.
local function text(value)
  return type(value) == "number" and ("%.14g"):format(value) or tostring(value)
end

--- Adds an option for each field that has a value; a field that is true is an option alone.
---@param argv string[]
---@param fields string[][] rows of our field and their option, in the order of the command line
---@param settings table
function arguments.add(argv, fields, settings)
  for _, row in ipairs(fields) do
    local value = settings[row[1]]
    if value == true then
      argv[#argv + 1] = row[2]
    elseif type(value) == "string" and value:find "^%-" then -- otherwise taken for an option
      argv[#argv + 1] = ("%s=%s"):format(row[2], value)
    elseif value ~= nil and value ~= false then
      table.move({ row[2], text(value) }, 1, 2, #argv + 1, argv)
    end
  end
end

--- The command line of a script, so far.
---@param job novita.server.AdapterJob
---@param script string
---@return string[]
function arguments.of_script(job, script)
  return { job.python, ("%s/%s"):format(job.scripts, script) }
end

--- Adds the operator's own options, which win: a later one replaces an earlier one.
---@param argv string[]
---@param job novita.server.AdapterJob
---@return string[] argv
function arguments.finish(argv, job)
  return table.move(job.more, 1, #job.more, #argv + 1, argv)
end

return arguments
