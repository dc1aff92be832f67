local files = require "support.files"
local made = require "support.safetensors"
local mutate = require "support.mutate"
local safetensors = require "novita.safetensors"

-- Damaged files: each gives facts or one clear error.

local rounds = tonumber(os.getenv "NOVITA_FUZZ_ROUNDS") or 200
local seed = tonumber(os.getenv "NOVITA_FUZZ_SEED") or 1

local CODES <const> = { invalid = true, truncated = true, too_long = true, nan = true, zero = true,
  pair = true }

local function check(bytes)
  local path = files.temporary(bytes)
  local facts, err = safetensors.check(path)
  os.remove(path)
  if facts then
    assert.equal(#bytes, facts.size)
    return true
  end
  assert.equal("file", err.kind)
  assert(CODES[err.code], err.code)
  assert.is_nil(err.message:find "[%c]")
  return false
end

local function tiny()
  return {
    made.tensor("x.alpha", "F32", {}, 2),
    made.tensor("x.lora_down.weight", "F16", { 2, 3 }, 0x3c00),
    made.tensor("x.lora_up.weight", "F16", { 3, 2 }, 0x3c00), made.tensor("n", "U8", { 3 }, 1),
  }
end

describe("a damaged safetensors file", function()
  math.randomseed(seed)

  it("with another header is refused in words, or sound", function()
    local tensors, data = tiny(), ""
    for _, tensor in ipairs(tensors) do data = data .. tensor.data end
    local next_header = mutate.source(made.header(tensors, { ss_steps = "3" }))
    local sound = 0
    for _ = 1, rounds do
      if check(made.compose(next_header(), data)) then sound = sound + 1 end
    end
    assert.is_true(sound < rounds)
  end)

  it("with other bytes is refused in words, or sound", function()
    local good = made.file(tiny(), { ss_steps = "3" })
    assert.is_true(check(good))
    for _ = 1, rounds do
      local at = math.random(#good)
      check(good:sub(1, at - 1) .. string.char(math.random(0, 255)) .. good:sub(at + 1))
    end
  end)

  it("that ends early is never sound", function()
    local good = made.file(tiny())
    for size = 0, #good - 1 do
      assert.is_false(check(good:sub(1, size)))
    end
  end)
end)
