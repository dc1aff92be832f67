local files = require "support.files"
local made = require "support.safetensors"
local mutate = require "support.mutate"
local novita = require "novita"

-- Other names for the tensors of a LoRA: only the header changes, and the way back is exact.

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

-- The converted bytes, or nil and the error.
local function convert(bytes, names)
  local path, out = files.temporary(bytes), os.tmpname()
  local done, err = novita.safetensors.convert(path, out, names)
  local result = done and read(out)
  os.remove(path)
  os.remove(out)
  if not done then
    err.message = err.message:sub(#path + 3)
  end
  return result, err or done
end

local function data_of(bytes)
  return bytes:sub(9 + string.unpack("<I8", bytes))
end

local function header_of(bytes)
  return bytes:sub(9, 8 + string.unpack("<I8", bytes))
end

-- One module of a LoRA, with the endings of its dialect.
local function module(tensors, name, down, up, alpha, width)
  local rank = 4
  if alpha then
    tensors[#tensors + 1] = made.tensor(name .. ".alpha", "F16", {}, alpha)
  end
  tensors[#tensors + 1] = made.tensor(name .. down, "F16", { rank, width or 320 }, 0x3c00)
  tensors[#tensors + 1] = made.tensor(name .. up, "F16", { 32, rank }, 0xbc00)
end

local function kohya(names, alpha, width)
  local tensors = {}
  for _, name in ipairs(names) do
    module(tensors, name, ".lora_down.weight", ".lora_up.weight", alpha, width)
  end
  return tensors
end

local ALPHA_4 <const>, ALPHA_8 <const> = 0x4400, 0x4800 -- F16

local sd15 = { "lora_te_text_model_encoder_layers_11_self_attn_out_proj",
  "lora_te_text_model_encoder_layers_0_mlp_fc1",
  "lora_unet_down_blocks_0_attentions_1_transformer_blocks_0_attn1_to_out_0",
  "lora_unet_mid_block_attentions_0_proj_in", "lora_unet_mid_block_resnets_1_time_emb_proj",
  "lora_unet_up_blocks_3_attentions_2_transformer_blocks_0_ff_net_0_proj",
  "lora_unet_down_blocks_1_downsamplers_0_conv", "lora_unet_up_blocks_2_resnets_0_conv_shortcut" }

local sdxl = { "lora_te1_text_model_encoder_layers_11_mlp_fc2",
  "lora_te2_text_model_encoder_layers_31_self_attn_q_proj", "lora_te2_text_projection",
  "lora_unet_input_blocks_4_1_transformer_blocks_1_attn2_to_q", "lora_unet_input_blocks_6_0_op",
  "lora_unet_middle_block_1_transformer_blocks_9_ff_net_2", "lora_unet_middle_block_2_in_layers_2",
  "lora_unet_output_blocks_2_2_conv", "lora_unet_output_blocks_5_1_proj_out",
  "lora_unet_output_blocks_8_0_skip_connection", "lora_unet_label_emb_0_2" }

local function there_and_back(bytes, names)
  local converted = assert(convert(bytes))
  assert.equal(data_of(bytes), data_of(converted))
  assert.equal(0, string.unpack("<I8", converted) % 8)
  local back, now = convert(converted)
  assert.equal(names or "kohya", now)
  assert.is_true(back == bytes, "not the same bytes")
  return converted
end

local function has(bytes, ...)
  for _, name in ipairs { ... } do
    assert(header_of(bytes):find('"' .. name .. '"', 1, true), name .. " is not there")
  end
end

describe("convert", function()
  it("gives SD 1.5 the names of diffusers, and back", function()
    local converted = there_and_back(made.file(kohya(sd15, ALPHA_4),
      { ss_steps = "300", a = "ä\n" }))
    has(converted, "text_encoder.text_model.encoder.layers.11.self_attn.out_proj.lora_A.weight",
      "unet.down_blocks.0.attentions.1.transformer_blocks.0.attn1.to_out.0.lora_B.weight",
      "unet.mid_block.resnets.1.time_emb_proj.lora_A.weight",
      "unet.up_blocks.3.attentions.2.transformer_blocks.0.ff.net.0.proj.lora_A.weight",
      "unet.up_blocks.2.resnets.0.conv_shortcut.lora_B.weight", "ss_steps")
    assert.is_nil(header_of(converted):find "lora_adapter_metadata") -- alpha is the rank
  end)

  it("gives SDXL the names of diffusers, and back", function()
    local converted = there_and_back(made.file(kohya(sdxl)))
    has(converted, "text_encoder.text_model.encoder.layers.11.mlp.fc2.lora_A.weight",
      "text_encoder_2.text_projection.lora_A.weight",
      "unet.down_blocks.1.attentions.0.transformer_blocks.1.attn2.to_q.lora_A.weight",
      "unet.down_blocks.1.downsamplers.0.conv.lora_A.weight",
      "unet.mid_block.attentions.0.transformer_blocks.9.ff.net.2.lora_B.weight",
      "unet.mid_block.resnets.1.conv1.lora_A.weight",
      "unet.up_blocks.0.upsamplers.0.conv.lora_A.weight",
      "unet.up_blocks.1.attentions.2.proj_out.lora_A.weight",
      "unet.up_blocks.2.resnets.2.conv_shortcut.lora_A.weight",
      "unet.add_embedding.linear_2.lora_A.weight")
  end)

  -- diffusers refuses a file with a tensor whose name does not have "lora" in it, and reads alphas
  -- from the metadata.
  it("puts alphas where diffusers reads them", function()
    local tensors = kohya(sd15, ALPHA_8)
    module(tensors, "lora_unet_conv_in", ".lora_down.weight", ".lora_up.weight", ALPHA_4)
    local converted = there_and_back(made.file(tensors, { format = "pt" }))
    local path = files.temporary(converted)
    local facts = assert(novita.safetensors.check(path))
    os.remove(path)
    local config = require("cjson").decode(facts.metadata.lora_adapter_metadata)
    assert.same({ 4, 8, 4 }, { config["unet.r"], config["unet.lora_alpha"],
      config["unet.alpha_pattern"].conv_in })
    assert.same({ "text_model.encoder.layers.11.self_attn.out_proj",
      "text_model.encoder.layers.0.mlp.fc1" }, config["text_encoder.target_modules"])
    for name in header_of(converted):gmatch '"([^"]+)":{"dtype"' do
      assert.truthy(name:find "lora", name)
    end
  end)

  it("comes back exactly from unusual headers", function()
    local tensors = kohya(sd15)
    local data = {}
    for i, tensor in ipairs(tensors) do data[i] = tensor.data end
    data = table.concat(data)
    local text = made.header(tensors)
    local entries = text:sub(2, -2)
    for _, header in ipairs {
      text .. "   ", text .. (" "):rep(300), text .. "\n\t",
      "{ " .. entries .. ' , "__metadata__" : { } }',
      "{" .. entries .. ',"__metadata__":{"a": "}" ,"b":"\\u0041\\\\"\n}}',
      (text:gsub('"lora_', '"l\\u006fra_')),
    } do
      local raw = string.pack("<I8", #header) .. header .. data
      there_and_back(raw)
    end
  end)

  -- Programs name the U-Net of SDXL as diffusers does, or leave out a text encoder's number.
  it("comes back to other names of kohya's family", function()
    local names = { "lora_unet_down_blocks_2_attentions_1_transformer_blocks_7_attn1_to_q" }
    has(there_and_back(made.file(kohya(names, ALPHA_8))),
      "unet.down_blocks.2.attentions.1.transformer_blocks.7.attn1.to_q.lora_A.weight")
    there_and_back(made.file(kohya { "lora_te1_text_model_encoder_layers_1_mlp_fc1" }))
  end)

  it("reads every dialect of diffusers, and comes back to it", function()
    local attention = "down_blocks.0.attentions.0.transformer_blocks.0.attn2."
    local text = "text_model.encoder.layers.3.self_attn."
    local wanted = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
    for _, case in ipairs {
      { "unet." .. attention .. "to_k", ".lora_A.weight", ".lora_B.weight" },
      { "unet." .. attention .. "to_k", ".lora.down.weight", ".lora.up.weight" },
      { "unet." .. attention .. "processor.to_k", "_lora.down.weight", "_lora.up.weight" },
      { attention .. "processor.to_k", "_lora.down.weight", "_lora.up.weight" },
      { "base_model.model." .. attention .. "to_k", ".lora_A.weight", ".lora_B.weight" },
      { "text_encoder." .. text .. "to_q", "_lora.down.weight", "_lora.up.weight",
        "lora_te_text_model_encoder_layers_3_self_attn_q_proj" },
      { "text_encoder." .. text .. "q_proj", ".lora_linear_layer.down.weight",
        ".lora_linear_layer.up.weight", "lora_te_text_model_encoder_layers_3_self_attn_q_proj" },
    } do
      local tensors = {}
      module(tensors, case[1], case[2], case[3], nil, 768)
      if case[4] then
        module(tensors, "unet." .. attention .. "to_k", ".lora_A.weight", ".lora_B.weight", nil,
          768)
      end
      has(there_and_back(made.file(tensors, { a = "b" }), "diffusers"),
        (case[4] or wanted) .. ".lora_down.weight", wanted .. ".lora_up.weight")
    end
  end)

  it("moves the metadata that diffusers would read beside alphas", function()
    local tensors = {}
    module(tensors, "unet.conv_in", ".lora_A.weight", ".lora_B.weight")
    module(tensors, "unet.up_blocks.3.resnets.0.conv1", ".lora_A.weight", ".lora_B.weight")
    local function file(alpha)
      return made.file(tensors, { lora_adapter_metadata = ('{"unet.r":4,"unet.lora_alpha":%d}')
        :format(alpha) })
    end
    assert.is_nil(header_of(there_and_back(file(4), "diffusers"))
      :find('"lora_adapter_metadata"', 1, true))
    local _, err = convert(file(8))
    assert.truthy(err.message:find("its alphas are in its metadata", 1, true))
  end)

  it("says which names it writes", function()
    local bytes = made.file(kohya(sd15))
    assert.equal("diffusers", select(2, convert(bytes, "diffusers")))
    assert.equal("its tensors have the names of kohya already",
      select(2, convert(bytes, "kohya")).message)
    local ok, err = pcall(function()
      novita.safetensors.convert("a", "b", "peft")
    end)
    assert.is_false(ok)
    assert.truthy(err:find(
      'convert_spec.lua:%d+: names must be "kohya" or "diffusers", got "peft"'))
  end)
end)

describe("convert refuses", function()
  local function refused(tensors, text)
    local _, err = convert(made.file(tensors))
    assert.same({ "file", "names", text }, { err.kind, err.code, err.message })
  end

  it("what is no LoRA, or another kind", function()
    refused({ made.tensor("x", "U8", { 1 }, 7) }, "the tensor 'x' is no part of a LoRA whose names "
      .. "are known")
    local tensors = kohya(sd15)
    tensors[#tensors + 1] = made.tensor(sd15[1] .. ".dora_scale", "F16", { 1 }, 0x3c00)
    refused(tensors, ("the tensor '%s.dora_scale' is one of DoRA: its names alone cannot be "
      .. "converted"):format(sd15[1]))
  end)

  it("modules that neither family has", function()
    for _, name in ipairs { "lora_unet_down_blocks_7_attentions_0_proj_in", "lora_unet_x",
      "lora_te_text_model_encoder_layers_77_mlp_fc1" } do
      refused(kohya { name }, ("the tensor '%s.lora_down.weight' belongs to no module of Stable "
        .. "Diffusion 1.5 or XL"):format(name))
    end
  end)

  it("names of two dialects, and two tensors of one name", function()
    local tensors = kohya(sd15)
    module(tensors, "unet.conv_in", ".lora_A.weight", ".lora_B.weight")
    refused(tensors, "the tensor 'unet.conv_in.lora_A.weight' has a name of diffusers, others have "
      .. "names of kohya")
    tensors = {}
    module(tensors, "unet.up_blocks.3.resnets.0.conv1", ".lora_A.weight", ".lora_B.weight")
    module(tensors, "up_blocks.3.resnets.0.conv1", ".lora_A.weight", ".lora_B.weight")
    refused(tensors, 'two tensors would have the name "lora_unet_up_blocks_3_resnets_0_conv1'
      .. '.lora_down.weight"')
  end)

  it("to guess the family", function()
    local tensors = {}
    module(tensors, "text_encoder.text_model.encoder.layers.3.mlp.fc1", ".lora_A.weight",
      ".lora_B.weight")
    refused(tensors, "neither its names nor its shapes say whether it is for Stable Diffusion 1.5 "
      .. "or XL")
    refused(kohya({ "lora_unet_down_blocks_1_attentions_0_transformer_blocks_1_attn2_to_k" }, nil,
      768), "its names are those of Stable Diffusion XL, the shapes of its tensors are not")
  end)

  it("a broken file, and leaves nothing", function()
    local out = os.tmpname()
    os.remove(out)
    local path = files.temporary(made.file(kohya(sd15)):sub(1, -2))
    assert.equal("truncated", select(2, novita.safetensors.convert(path, out)).code)
    os.remove(path)
    assert.is_nil(io.open(out))
    assert.is_nil(io.open(out .. ".part"))
  end)
end)

it("a damaged header converts there and back, or is refused in words", function()
  math.randomseed(tonumber(os.getenv "NOVITA_FUZZ_SEED") or 1)
  local tensors = kohya({ sd15[2], sd15[4] }, ALPHA_8)
  local data = {}
  for i, tensor in ipairs(tensors) do data[i] = tensor.data end
  local once = assert(convert(made.file(tensors, { a = "b" })))
  for _, header in ipairs { made.header(tensors, { a = "b" }), header_of(once) } do
    local next_header = mutate.source(header)
    for _ = 1, (tonumber(os.getenv "NOVITA_FUZZ_ROUNDS") or 200) // 8 do
      local bytes = made.compose(next_header(), table.concat(data))
      local converted, err = convert(bytes)
      if converted then
        assert.equal(data_of(bytes), data_of(converted))
        assert(convert(converted))
      else
        assert.equal("file", err.kind)
        assert.is_nil(err.message:find "%c")
      end
    end
  end
end)
