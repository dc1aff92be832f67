local co = require "support.coroutines"
local files = require "support.files"
local made = require "support.safetensors"
local safetensors = require "novita.safetensors"

-- The facts about sound files.

local function check(bytes)
  local path = files.temporary(bytes)
  local facts, err = safetensors.check(path)
  os.remove(path)
  return facts, err
end

describe("a sound safetensors file", function()
  it("of kohya's trainer is a LoRA with its rank, alpha and base", function()
    local bytes = made.file(made.kohya { rank = 8, alpha = 32 }, { ss_steps = "300", ["ä"] = "ü" })
    local facts = assert(check(bytes))
    assert.same({
      size = #bytes, header_size = facts.header_size, tensors = 6, zero_tensors = 0,
      large_tensors = 0,
      parameters = 2 * (8 * 768 + 32 * 8 + 1), dtypes = { F16 = 4, F32 = 2 }, base = "sd15",
      dialect = "kohya", rank = 8, alpha = 32, modules = { { rank = 8, alpha = 32, count = 2 } },
      metadata = { ss_steps = "300", ["ä"] = "ü" }, training = { steps = "300" },
      programs = { "AUTOMATIC1111", "Forge", "ComfyUI", "stable-diffusion.cpp", "diffusers" },
      privacy = { captions = false, folders = false, others = { "ä" } },
    }, facts)
    assert.equal("integer", math.type(facts.alpha))
  end)

  -- The alphas, 32, are no values of the model.
  it("counts tensors with values of 2 or more", function()
    local one <const>, below <const> = 0x3c00, 0x3fff
    for dtype, value in pairs { F16 = 0x4000, BF16 = 0xc000, F32 = 2, F64 = -2.5 } do
      local tensors = made.kohya { alpha = 32 }
      tensors[#tensors + 1] = made.tensor("x.lora_down.weight", dtype, { 4, 333 }, value)
      tensors[#tensors + 1] = made.tensor("x.lora_up.weight", "F16", { 600, 4 }, below)
      assert.equal(1, assert(check(made.file(tensors))).large_tensors, dtype)
      tensors[#tensors - 1] = made.tensor("x.lora_down.weight", "F16", { 4, 333 }, one)
      assert.equal(0, assert(check(made.file(tensors))).large_tensors, dtype)
    end
  end)

  -- Together, 1.5 and 2 have all bits of an exponent, as NaN has.
  it("takes two numbers that have the bits of NaN together", function()
    for dtype, pair in pairs { F16 = { 0x3e00, 0x4000 }, BF16 = { 0x3fc0, 0x4000 },
      F32 = { 1.5, 2 }, F64 = { 1.5, 2 } } do
      local data = made.bytes(dtype, pair):rep(600)
      assert(check(made.file { { name = "w", dtype = dtype, shape = { 1200 }, data = data } }))
    end
  end)

  it("without alpha has its rank as alpha", function()
    local facts = assert(check(made.file(made.kohya { rank = 16 })))
    assert.equal(16, facts.alpha)
    assert.same({}, facts.metadata)
  end)

  for width, base in pairs { [768] = "sd15", [1024] = "sd2", [2048] = "sdxl" } do
    it("with cross-attention of width " .. width .. " is for " .. base, function()
      assert.equal(base, assert(check(made.file(made.kohya { width = width }))).base)
    end)
  end

  it("with text encoders 1 and 2 is for sdxl", function()
    local facts = assert(check(made.file {
      made.tensor("lora_te1_x.lora_down.weight", "F16", { 4, 768 }, 0x3c00),
      made.tensor("lora_te1_x.lora_up.weight", "F16", { 9, 4 }, 0x3c00),
    }))
    assert.equal("sdxl", facts.base)
  end)

  for first, dialect in pairs { ["base_model.model."] = "peft", ["unet."] = "diffusers" } do
    it("with the names of " .. dialect .. " is said so", function()
      local facts = assert(check(made.file {
        made.tensor(first .. "attn2.to_k.lora_A.weight", "BF16", { 4, 768 }, 0x3f80),
        made.tensor(first .. "attn2.to_k.lora_B.weight", "BF16", { 9, 4 }, 0x3f80),
      }))
      assert.same({ dialect, 4, "sd15" }, { facts.dialect, facts.rank, facts.base })
    end)
  end

  -- As diffusers' own scripts and PEFT write them: hand-made, with what a broken one may have.
  it("with the names of diffusers has the alphas of its metadata", function()
    local function read(adapter, prefix, more)
      local tensors = { more }
      for i, name in ipairs { "down.0.to_q", "down.0.to_k", "conv_in" } do
        local rank = i == 3 and 2 or 4
        name = (prefix or "unet.") .. name
        tensors[#tensors + 1] = made.tensor(name .. ".lora_A.weight", "F16", { rank, 8 }, 0x3c00)
        tensors[#tensors + 1] = made.tensor(name .. ".lora_B.weight", "F16", { 8, rank }, 0x3c00)
      end
      local facts = assert(check(made.file(tensors, { lora_adapter_metadata = adapter })))
      local texts = {}
      for i, kind in ipairs(facts.modules) do
        texts[i] = ("%d/%s x%d"):format(kind.rank, kind.alpha, kind.count)
      end
      assert.same({ facts.rank, facts.alpha }, { facts.modules[1].rank, facts.modules[1].alpha })
      return table.concat(texts, " ")
    end
    assert.equal("4/8 x2 2/8 x1", read '{"unet.r":4,"unet.lora_alpha":8,"unet.rank_pattern":{}}')
    assert.equal("4/1.5 x2 2/3 x1", read
      '{"unet.r":4,"unet.lora_alpha":1.5,"unet.alpha_pattern":{"conv_in":3}}')
    assert.equal("4/16 x1 4/8 x1 2/8 x1", read
      '{"unet.lora_alpha":8,"unet.alpha_pattern":{"to_q":16,"o_k":1,"conv":1}}')
    assert.equal("4/32 x2 2/32 x1", read('{"r":4,"lora_alpha":32}', "base_model.model."))
    for _, none in ipairs { "{}", "[]", "7", "", "{", '{"text_encoder.lora_alpha":8}',
      '{"unet.lora_alpha":"8"}', '{"unet.lora_alpha":{}}', '{"unet.lora_alpha":1e999}',
      '{"unet.alpha_pattern":{"conv_in":3}}', '{"unet.lora_alpha":8}' .. (" "):rep(1 << 20) } do
      assert.equal("4/4 x2 2/2 x1", read(none), none:sub(1, 50))
    end
    assert.equal("4/8 x2 2/8 x1", read '{"unet.lora_alpha":8,"unet.alpha_pattern":7}')
    assert.equal("4/64 x1 4/4 x1 2/2 x1", read('{"unet.lora_alpha":8}', nil,
      made.tensor("unet.down.0.to_q.alpha", "F16", {}, 0x5400))) -- its tensors count more
  end)

  it("counts modules by their rank, the most frequent first", function()
    local tensors = made.kohya { rank = 8 }
    for i, name in ipairs { "a", "b", "c" } do
      tensors[#tensors + 1] = made.tensor(name .. ".lora_down.weight", "F32", { 2, i }, 0.5)
      tensors[#tensors + 1] = made.tensor(name .. ".lora_up.weight", "F32", { i, 2 }, -0.5)
    end
    local facts = assert(check(made.file(tensors)))
    assert.same({ { rank = 2, alpha = 2, count = 3 }, { rank = 8, alpha = 8, count = 2 } },
      facts.modules)
  end)

  it("may be a whole model, with scalars and empty tensors", function()
    local facts = assert(check(made.file {
      made.tensor("empty", "F32", { 0, 7 }, 0),
      made.tensor("model.diffusion_model.attn2.to_k.weight", "F32", { 320, 768 }, 1),
      made.tensor("step", "I32", {}, 3),
      made.tensor("zeros", "F64", { 2 }, 0),
    }))
    assert.same({ nil, "sd15", 4, 1 },
      { facts.dialect, facts.base, facts.tensors, facts.zero_tensors })
  end)

  it("is read past the first megabyte, and across its edge", function()
    local facts = assert(check(made.file {
      made.tensor("a", "U8", { 3 }, 7),
      made.tensor("b", "F32", { 600000 }, 1.5),
      made.tensor("c", "F64", { 3 }, 0),
    }))
    assert.equal(1, facts.zero_tensors)
  end)

  it("is checked while other coroutines continue", function()
    local path = files.temporary(made.file { made.tensor("a", "F32", { 8 << 20 }, 1) })
    local turns, facts = 0, nil
    local group <close> = co.group()
    group:spawn(function()
      facts = assert(safetensors.check(path))
    end)
    group:spawn(function()
      repeat
        turns = turns + 1
        co.sleep(0) -- a busy machine may wake later than the check ends
      until facts
    end)
    assert(group:wait())
    os.remove(path)
    assert.is_true(turns >= 2, turns .. " turns")
  end)
end)
