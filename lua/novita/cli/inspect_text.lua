--- The lines that `novita inspect` prints about a model's file.

local counted = require "novita.base.counted"
local sorted_keys = require "novita.base.sorted_keys"

local inspect_text = {}

local bases = {
  sd15 = "Stable Diffusion 1.5",
  sd2 = "Stable Diffusion 2",
  sdxl = "Stable Diffusion XL",
}

local function contents(facts)
  return ("whole: %s of %s, %s, %d kB"):format(counted(facts.tensors, "tensor"),
    table.concat(sorted_keys(facts.dtypes), " and "), counted(facts.parameters, "value"),
    (facts.size + 999) // 1000)
end

local function lora(facts)
  if not facts.dialect then
    return "no LoRA: its tensors have other names"
  end
  local kinds = {}
  for i, kind in ipairs(facts.modules) do
    kinds[i] = ("rank %d, alpha %.4g in %s"):format(kind.rank, kind.alpha,
      counted(kind.count, "module"))
  end
  return ("LoRA with the names of %s: %s"):format(facts.dialect, table.concat(kinds, "; "))
end

local function made_for(facts)
  if not facts.base then
    return "made for: not known"
  end
  return ("made for %s, by the shapes of its tensors"):format(bases[facts.base])
end

local function loads(facts)
  return facts.programs[1] and "loads in " .. table.concat(facts.programs, ", ")
end

local parts = {
  { "steps", "%s steps" }, { "photos", "%s photos" }, { "seed", "seed %s" },
  { "learning_rate", "learning rate %s" }, { "scheduler", "%s scheduler" },
  { "base_model", "on %s" },
}

local function training(facts)
  local texts = {}
  for _, part in ipairs(parts) do
    local value = facts.training[part[1]]
    texts[#texts + 1] = value and part[2]:format(value) or nil
  end
  return texts[1] and "trained: " .. table.concat(texts, ", ")
end

local NAMES_MOST <const> = 4 -- entries of metadata that are named

local function listed(names)
  local rest = #names - NAMES_MOST
  local text = table.concat(names, ", ", 1, math.min(#names, NAMES_MOST))
  return rest > 0 and ("%s and %d more"):format(text, rest) or text
end

local function privacy(facts)
  local found = facts.privacy
  local what = {}
  what[1] = found.captions and "words of the captions" or nil
  what[#what + 1] = found.folders and "names of the photo folders" or nil
  if found.others[1] then
    what[#what + 1] = listed(found.others)
  end
  return what[1] and ("private? its metadata has %s: --strip FILE saves a copy without")
    :format(table.concat(what, "; "))
end

local function zeros(facts)
  return facts.zero_tensors > 0 and ("%s only zeros"):format(
    facts.zero_tensors == 1 and "1 tensor has" or facts.zero_tensors .. " tensors have")
end

-- The tensors of a LoRA are small changes: values of 2 and more are what a training with too high a
-- rate leaves. A whole model may have them.
local function unusual(facts)
  return facts.dialect and facts.large_tensors > 0 and ("unusual: %s values of 2 or more, as after "
    .. "a training with too high a learning rate"):format(facts.large_tensors == 1
    and "1 tensor has" or facts.large_tensors .. " tensors have")
end

--- Names what a person should check in a sound file.
---@param facts novita.SafetensorsFacts
---@return string[]
function inspect_text.doubts(facts)
  local lines = {}
  lines[1] = zeros(facts) or nil
  lines[#lines + 1] = unusual(facts) or nil
  return lines
end

--- Describes a file, line by line.
---@param facts novita.SafetensorsFacts
---@return string[]
function inspect_text.lines(facts)
  local lines = {}
  for _, write in ipairs { contents, lora, made_for, loads, training, zeros, unusual, privacy } do
    lines[#lines + 1] = write(facts) or nil
  end
  return lines
end

local compared = { contents, lora, made_for }

local function metadata_lines(one, other)
  local names, lines = {}, {}
  for _, values in ipairs { one, other } do
    for name in pairs(values) do
      names[name] = true
    end
  end
  for _, name in ipairs(sorted_keys(names)) do
    if one[name] ~= other[name] then
      lines[#lines + 1] = name
    end
  end
  return lines
end

--- Compares two files, line by line; no line if only values of tensors may differ.
---@param one novita.SafetensorsFacts
---@param other novita.SafetensorsFacts
---@return string[]
function inspect_text.differences(one, other)
  local lines = {}
  for _, write in ipairs(compared) do
    local left, right = write(one), write(other)
    if left ~= right then
      lines[#lines + 1] = ("%s | %s"):format(left, right)
    end
  end
  local names = metadata_lines(one.metadata, other.metadata)
  if names[1] then
    lines[#lines + 1] = "metadata: " .. listed(names)
  end
  return lines
end

return inspect_text
