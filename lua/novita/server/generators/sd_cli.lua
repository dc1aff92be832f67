--- The command line of stable-diffusion.cpp, sd-cli: one run makes all images of an order.

local refuse = require "novita.server.generators.refuse"
local samplers = require "novita.server.generators.samplers"

---@type novita.server.GeneratorProgram
local sd_cli = {}

local NAMES <const> = "%04d.png" -- as for printf

local FIELDS <const> = {
  { "checkpoint", "--model" },
  { "negative_prompt", "--negative-prompt" },
  { "width", "--width" },
  { "height", "--height" },
  { "steps", "--steps" },
  { "guidance_scale", "--cfg-scale" },
  { "seed", "--seed" },
  { "image_num", "--batch-count" },
  { "clip_skip", "--clip-skip" },
  { "input", "--init-img" },
  { "strength", "--strength" },
}

function sd_cli.refusal(order)
  return refuse.first(order, { refuse.fields, refuse.tags, refuse.sides, refuse.sampler })
end

-- The folder is that of all LoRAs; a tag names a file in it.
local function with_tags(order)
  local parts = { order.prompt }
  for i, lora in ipairs(order.loras) do
    parts[i + 1] = ("<lora:%s:%g>"):format(lora.name, lora.strength)
  end
  return table.concat(parts, " ")
end

local function text(value)
  return type(value) == "number" and ("%.14g"):format(value) or value
end

function sd_cli.argv(job, command)
  local order = job.order
  local method, schedule = samplers.find(order.sampler_name)
  local argv = table.move(command, 1, #command, 1, {})
  local function add(...)
    table.move({ ... }, 1, select("#", ...), #argv + 1, argv)
  end
  for _, row in ipairs(FIELDS) do
    if order[row[1]] then
      add(row[2], text(order[row[1]]))
    end
  end
  add("--prompt", with_tags(order), "--sampling-method", method, "--scheduler", schedule)
  if order.loras[1] then
    add("--lora-model-dir", order.loras[1].path:match "^(.*)/")
  end
  add("--disable-image-metadata", "--output", ("%s/out/%s"):format(job.folder, NAMES))
  return argv
end

--- "|====>     | 5/20 - 1.24it/s": a bar of the steps of each image, in turn.
function sd_cli.progress(_, line, state, order)
  local done, total = line:match "| (%d+)/(%d+) %- [%d.]+[its]+/[its]+"
  done, total = tonumber(done), tonumber(total)
  if not done or total ~= order.steps then
    return nil
  end
  if done < (state.done or 0) then
    state.images = (state.images or 0) + 1
  end
  state.done = done
  return math.min(1, ((state.images or 0) + done / total) / order.image_num)
end

return sd_cli
