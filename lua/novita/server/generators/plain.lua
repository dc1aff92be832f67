--- A generator that is called by our contract: `CMD FOLDER`.

local json = require "novita.json"
local refuse = require "novita.server.generators.refuse"

---@type novita.server.GeneratorProgram
local plain = {}

function plain.refusal(order)
  return refuse.fields(order)
end

--- The order as a file.
function plain.files(job)
  return { ["request.json"] = json.encode(job.order, { keep_empty = true }) .. "\n" }
end

function plain.argv(job, command)
  local argv = table.move(command, 1, #command, 1, {})
  argv[#argv + 1] = job.folder
  return argv
end

function plain.progress(stream, line)
  if stream ~= 2 then
    return nil
  end
  local done, total = line:match "^progress (%d+)/(%d+)%s*$"
  total = tonumber(total)
  return total and total > 0 and math.min(1, tonumber(done) / total) or nil
end

return plain
