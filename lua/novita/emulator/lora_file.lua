--- The file of a trained model: a safetensors file that is shaped like a LoRA of kohya's trainer
--- for Stable Diffusion 1.5, of any size. It is made piece by piece as it is read, the same each
--- time, so that its size does not matter for memory. Its metadata says that nothing was trained.
--
-- A small file has as many modules as fit, of rank 1; a larger one has all of them, of the rank
-- that fits. The rest of the size is a tensor that belongs to no module.

local crypto = require("novita.service.core").crypto
local json = require "novita.service.json"

local PERIOD <const> = 8192 -- bytes after which the weights repeat
local TEXT <const> = 768 -- width of the text encoder's output

-- The transformer blocks of the U-Net, with their widths.
local BLOCKS <const> = {
  { "down_blocks_0", 2, 320 }, { "down_blocks_1", 2, 640 }, { "down_blocks_2", 2, 1280 },
  { "mid_block", 1, 1280 }, { "up_blocks_1", 3, 1280 }, { "up_blocks_2", 3, 640 },
  { "up_blocks_3", 3, 320 },
}

-- The first one shows the base model: the width of what comes in.
local LAYERS <const> = { "attn2_to_k", "attn2_to_v", "attn2_to_q", "attn2_to_out_0", "attn1_to_k",
  "attn1_to_v", "attn1_to_q", "attn1_to_out_0" }

local function all_modules()
  local modules = {}
  for _, block in ipairs(BLOCKS) do
    for i = 0, block[2] - 1 do
      for _, layer in ipairs(LAYERS) do
        modules[#modules + 1] = {
          name = ("lora_unet_%s_attentions_%d_transformer_blocks_0_%s"):format(block[1], i, layer),
          from = (layer == "attn2_to_k" or layer == "attn2_to_v") and TEXT or block[3],
          to = block[3],
        }
      end
    end
  end
  return modules
end

local modules = all_modules()

-- {====== layout ======

-- Bytes of the first `count` modules, of rank 1, without their alphas.
local function weights_of(count)
  local sum = 0
  for i = 1, count do
    sum = sum + 2 * (modules[i].from + modules[i].to)
  end
  return sum
end

-- Adds a tensor to the header; returns where the next one begins.
local function add(header, name, dtype, shape, at, bytes)
  header[#header + 1] = name
  header[#header + 1] = json.object("dtype", dtype, "shape", json.list(shape),
    "data_offsets", json.list { at, at + bytes })
  return at + bytes
end

local function add_tensors(header, count, rank)
  local at = 0
  for i = 1, count do
    at = add(header, modules[i].name .. ".alpha", "F32", {}, at, 4)
  end
  for i = 1, count do
    local module = modules[i]
    at = add(header, module.name .. ".lora_down.weight", "F16", { rank, module.from }, at,
      2 * rank * module.from)
    at = add(header, module.name .. ".lora_up.weight", "F16", { module.to, rank }, at,
      2 * rank * module.to)
  end
  return at
end

-- The JSON, padded to a multiple of 8.
local function header_of(task, count, rank, rest)
  local header = { "__metadata__", json.object("emulated", "nothing was trained",
    "task_id", task.id, "name", task.name) }
  local at = add_tensors(header, count, rank)
  add(header, "emulated.rest", "U8", { rest }, at, rest)
  local text = json.encode(json.object(table.unpack(header)))
  return text .. (" "):rep(-#text % 8)
end

-- The header's length if the numbers in it have the most digits that they can have.
local function longest_header(task, count, size)
  return #header_of(task, count, size, size)
end

-- How many modules fit.
local function count_of(task, size)
  local low, high = 0, #modules
  while low < high do
    local count = (low + high + 1) // 2
    if 8 + longest_header(task, count, size) + 4 * count + weights_of(count) <= size then
      low = count
    else
      high = count - 1
    end
  end
  return low
end

-- }======

-- Halves of moderate size: never 0, an infinity or not a number.
local function weights(seed)
  local pieces, at = {}, 0
  while #pieces * 32 < PERIOD do
    pieces[#pieces + 1], at = crypto.sha256(seed .. at), at + 1
  end
  return (table.concat(pieces):gsub("(.)(.)", function(low, high)
    return low .. string.char(high:byte() & 0x83 | 0x20)
  end):rep(8))
end

local lora_file = {}

---@class novita.emulator.LoraFile
---@field size integer bytes
---@field read fun(first: integer, most: integer): string bytes from `first` on, at most `most`; fewer
--- when it is convenient, none at the end

local function reader(head, pattern, size)
  local period = #pattern
  return function(first, most)
    most = math.min(most, size - first)
    if first < #head then
      return head:sub(first + 1, first + most)
    end
    local at = (first - #head) % period
    return pattern:sub(at + 1, at + math.max(most, 0))
  end
end

--- Lays a file out.
---@param task table a training, with id, name, model_name
---@param size integer bytes, at least 256
---@return novita.emulator.LoraFile
function lora_file.new(task, size)
  local count = count_of(task, size)
  local length = longest_header(task, count, size)
  local space = size - 8 - length - 4 * count
  local rank = count > 0 and space // weights_of(count) or 0
  local rest = math.max(space - rank * weights_of(count), 0)
  local header = header_of(task, count, rank, rest)
  header = header .. (" "):rep(length - #header)
  local head = string.pack("<I8", length) .. header .. string.pack("<f", rank):rep(count)
  size = math.max(size, #head)
  return { size = size, read = reader(head, weights(task.model_name), size) }
end

return lora_file
