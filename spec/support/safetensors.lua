--- Writes .safetensors files, sound ones and others.

local cjson = require("cjson").new()

local safetensors = {}

local FORMATS <const> = { F32 = "<f", F64 = "<d", U8 = "B", I32 = "<i4" }

--- Values as bytes. F16 and BF16 take the bits of each value.
---@param dtype string
---@param values number[]
---@return string
function safetensors.bytes(dtype, values)
  local parts = {}
  for i, value in ipairs(values) do
    parts[i] = string.pack(FORMATS[dtype] or "<I2", value)
  end
  return table.concat(parts)
end

local function product(shape)
  local count = 1
  for _, size in ipairs(shape) do count = count * size end
  return count
end

--- A tensor whose values are all the same.
---@return table
function safetensors.tensor(name, dtype, shape, value)
  return { name = name, dtype = dtype, shape = shape,
    data = safetensors.bytes(dtype, { value }):rep(product(shape)) }
end

local function entry_text(tensor, from)
  return ('%s:{"dtype":%s,"shape":[%s],"data_offsets":[%d,%d]}'):format(
    cjson.encode(tensor.name), cjson.encode(tensor.dtype), table.concat(tensor.shape, ","), from,
    from + #tensor.data)
end

--- The header's text of tensors in the order of their data.
---@param tensors table[]
---@param metadata? table<string, string>
---@return string
function safetensors.header(tensors, metadata)
  local parts, at = {}, 0
  if metadata then
    parts[1] = '"__metadata__":' .. cjson.encode(metadata)
  end
  for _, tensor in ipairs(tensors) do
    parts[#parts + 1] = entry_text(tensor, at)
    at = at + #tensor.data
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- A file of a header and its data.
---@param header string
---@param data string
---@return string
function safetensors.compose(header, data)
  local length = (#header + 7) // 8 * 8
  return string.pack("<I8", length) .. header .. (" "):rep(length - #header) .. data
end

--- A file of tensors in the order of their data.
---@param tensors table[]
---@param metadata? table<string, string>
---@return string
function safetensors.file(tensors, metadata)
  local data = {}
  for i, tensor in ipairs(tensors) do
    data[i] = tensor.data
  end
  return safetensors.compose(safetensors.header(tensors, metadata), table.concat(data))
end

--- The tensors of a small kohya LoRA: two modules.
---@param p? { rank?: integer, alpha?: number, width?: integer, up?: number }
---@return table[]
function safetensors.kohya(p)
  p = p or {}
  local rank, width, tensors = p.rank or 4, p.width or 768, {}
  for _, name in ipairs { "lora_te_text_model_encoder_layers_0_mlp_fc1",
    "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k" } do
    if p.alpha then
      tensors[#tensors + 1] = safetensors.tensor(name .. ".alpha", "F32", {}, p.alpha)
    end
    tensors[#tensors + 1] = safetensors.tensor(name .. ".lora_down.weight", "F16",
      { rank, width }, 0x3c00)
    tensors[#tensors + 1] = safetensors.tensor(name .. ".lora_up.weight", "F16", { 32, rank },
      p.up or 0xbc00)
  end
  return tensors
end

return safetensors
