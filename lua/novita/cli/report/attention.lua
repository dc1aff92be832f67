--- The section of a report that a person should read first: jobs without progress, and models whose
--- files are not as usual.

local attention = require "novita.cli.attention"
local html = require "novita.base.html"
local inspect_text = require "novita.cli.inspect_text"
local safetensors = require "novita.safetensors"

local section = {}

-- The file of a model may be gone by now, which says nothing about the model.
local function doubts_of(path)
  local facts, err = safetensors.check(path)
  if facts then
    return inspect_text.doubts(facts)
  end
  return err.code ~= "open" and { err.message } or {}
end

local function add(items, name, text)
  items[#items + 1] = html.fill("<li><b>{{name}}</b> {{text}}</li>\n", { name = name, text = text })
end

local function add_job(items, job)
  if job.quiet then
    add(items, job.name, ("%s: %s"):format(job.stage, attention.quiet_text(job.quiet)))
  end
  local err = job.row.model_error
  if err then
    add(items, job.name, "its model: " .. err.message)
  elseif job.row.model_path then
    for _, text in ipairs(doubts_of(job.row.model_path)) do
      add(items, job.name, "its model: " .. text)
    end
  end
end

--- The section of the page; empty if there is nothing to check.
---@param all table see novita.cli.report.facts
---@return string
function section.section(all)
  local items = {}
  for _, job in ipairs(all.jobs) do
    add_job(items, job)
  end
  return items[1] and '<section class="attention"><h2>Check these</h2>\n<ul>\n'
    .. table.concat(items) .. "</ul></section>\n" or ""
end

return section
