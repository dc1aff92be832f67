--- The modules of a base model that a LoRA changes, with the names that diffusers and kohya's
--- trainer give them. kohya's names have "_" for ".", so only a list shows which "_" is which. For
--- SDXL its trainer uses the names of the original U-Net, which counts the blocks otherwise.

local module_names = {}

local resnet = { { "conv1", "in_layers.2" }, { "conv2", "out_layers.3" },
  { "time_emb_proj", "emb_layers.1" }, { "conv_shortcut", "skip_connection" } }

local single = { { "conv_in", "input_blocks.0.0" }, { "conv_out", "out.2" },
  { "time_embedding.linear_1", "time_embed.0" }, { "time_embedding.linear_2", "time_embed.2" },
  { "add_embedding.linear_1", "label_emb.0.0" }, { "add_embedding.linear_2", "label_emb.0.2" } }

-- How many transformer blocks the attentions of each block have; 0: it has no attentions.
local depths = {
  sd = { down = { 1, 1, 1, 0 }, mid = 1, up = { 0, 1, 1, 1 } }, -- 1.5 and 2
  sdxl = { down = { 0, 2, 10 }, mid = 10, up = { 10, 2, 0 } },
}

local function add_resnet(add, path, original)
  for _, names in ipairs(resnet) do
    add(path .. "." .. names[1], original .. "." .. names[2])
  end
end

local function add_attention(add, path, original, depth)
  local function both(name)
    add(path .. "." .. name, original .. "." .. name)
  end
  if depth > 0 then
    both "proj_in"
    both "proj_out"
  end
  for i = 0, depth - 1 do
    local block = ("transformer_blocks.%d."):format(i)
    for _, attention in ipairs { "attn1.", "attn2." } do
      for _, name in ipairs { "to_q", "to_k", "to_v", "to_out.0" } do
        both(block .. attention .. name)
      end
    end
    both(block .. "ff.net.0.proj")
    both(block .. "ff.net.2")
  end
end

-- A block of the original has one resnet, and an attention or a change of the size.
local function add_blocks(add, side, original, layers, list)
  local at = side == "down" and 1 or 0
  for i, depth in ipairs(list) do
    local block = ("%s_blocks.%d."):format(side, i - 1)
    for layer = 0, layers - 1 do
      add_resnet(add, ("%sresnets.%d"):format(block, layer), ("%s.%d.0"):format(original, at))
      add_attention(add, ("%sattentions.%d"):format(block, layer),
        ("%s.%d.1"):format(original, at), depth)
      at = at + 1
    end
    if i < #list and side == "down" then
      add(block .. "downsamplers.0.conv", ("%s.%d.0.op"):format(original, at))
      at = at + 1
    elseif i < #list then
      add(block .. "upsamplers.0.conv",
        ("%s.%d.%d.conv"):format(original, at - 1, depth > 0 and 2 or 1))
    end
  end
end

local function unet(depth)
  local paths, originals = {}, {}
  local function add(path, original)
    paths[path], originals[original] = original, path
  end
  for _, names in ipairs(single) do
    add(names[1], names[2])
  end
  add_blocks(add, "down", "input_blocks", 2, depth.down)
  add_resnet(add, "mid_block.resnets.0", "middle_block.0")
  add_attention(add, "mid_block.attentions.0", "middle_block.1", depth.mid)
  add_resnet(add, "mid_block.resnets.1", "middle_block.2")
  add_blocks(add, "up", "output_blocks", 3, depth.up)
  return paths, originals
end

local LAYERS_MOST <const> = 32 -- of a text encoder: the second one of SDXL

local function text_encoder()
  local paths = { text_projection = true }
  for i = 0, LAYERS_MOST - 1 do
    for name in ("self_attn.q_proj self_attn.k_proj self_attn.v_proj self_attn.out_proj mlp.fc1 "
      .. "mlp.fc2"):gmatch "%S+" do
      paths[("text_model.encoder.layers.%d.%s"):format(i, name)] = true
    end
  end
  return paths
end

local function underscored(path)
  return (path:gsub("%.", "_"))
end

-- From names with "_" to paths.
local function by_underscored(paths, of)
  for path, value in pairs(paths) do
    of[underscored(path)] = value == true and path or value
  end
  return of
end

local built

local function build()
  local text = text_encoder()
  built = { text = text, text_of = by_underscored(text, {}), unet = {}, unet_of = {} }
  for family, depth in pairs(depths) do
    local paths, originals = unet(depth)
    local of = {}
    for path in pairs(paths) do
      of[underscored(path)] = path
    end
    built.unet[family] = paths
    built.unet_of[family] = family == "sdxl" and by_underscored(originals, of) or of
  end
end

local function tables()
  if not built then
    build()
  end
  return built
end

---@alias novita.safetensors.Family "sd"|"sdxl" sd is Stable Diffusion 1.5 or 2

--- Whether a family has a module.
---@param family novita.safetensors.Family
---@param component string "unet", "text_encoder" or "text_encoder_2"
---@param path string diffusers' name of the module in it
---@return boolean
function module_names.has(family, component, path)
  local all = tables()
  if component == "unet" then
    return all.unet[family][path] ~= nil
  end
  return all.text[path] ~= nil and (component ~= "text_encoder_2" or family == "sdxl")
end

--- diffusers' name of a module of kohya's, or nil.
---@param family novita.safetensors.Family
---@param component string
---@param name string with "_"
---@return string? path
function module_names.path(family, component, name)
  local all = tables()
  return (component == "unet" and all.unet_of[family] or all.text_of)[name]
end

local prefixes = {
  sd = { unet = "lora_unet_", text_encoder = "lora_te_" },
  sdxl = { unet = "lora_unet_", text_encoder = "lora_te1_", text_encoder_2 = "lora_te2_" },
}

--- kohya's name of a module that the family has.
---@param family novita.safetensors.Family
---@param component string
---@param path string
---@return string
function module_names.kohya(family, component, path)
  if component == "unet" and family == "sdxl" then
    path = tables().unet.sdxl[path]
  end
  return prefixes[family][component] .. underscored(path)
end

return module_names
