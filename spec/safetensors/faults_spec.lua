local co = require "support.coroutines"
local files = require "support.files"
local made = require "support.safetensors"
local safetensors = require "novita.safetensors"

-- Every fault is refused, with its reason.

local function check(bytes)
  local path = files.temporary(bytes)
  local facts, err = safetensors.check(path)
  os.remove(path)
  if err then
    assert.equal(path .. ": ", err.message:sub(1, #path + 2))
    assert.is_nil(err.message:find "[%c]")
    err.message = err.message:sub(#path + 3)
  end
  return facts, err
end

local function refused(bytes, code, text)
  local facts, err = check(bytes)
  assert.is_nil(facts)
  assert.same({ code, text }, { err.code, err.message })
  assert.equal("file", err.kind)
end

local function header(text, data)
  return made.compose(text, data or "")
end

local function entry(more)
  return header(('{"a":{%s}}'):format(more), "12345678")
end

local NAMES = "the header is not JSON"

describe("a file", function()
  local good = made.file(made.kohya())

  it("that is missing, or is no file", function()
    local _, err = safetensors.check "/nowhere/m.safetensors"
    assert.equal("/nowhere/m.safetensors: it cannot be opened: No such file or directory",
      err.message)
    _, err = safetensors.check "/tmp"
    assert.equal("not_a_file", err.code)
  end)

  it("that is empty, or another kind of file", function()
    refused("", "truncated", "a safetensors file has at least 10 bytes, this one 0")
    refused("PK\3\4 a zip file of pickles", "invalid",
      "it is not a safetensors file: its header would have 8800140462016121680 bytes")
    refused(string.pack("<I8", 100000001) .. "{}", "invalid",
      "it is not a safetensors file: its header would have 100000001 bytes")
  end)

  it("that is cut off anywhere", function()
    for _, size in ipairs { 9, 10, 60, #good // 2, #good - 1 } do
      local _, err = check(good:sub(1, size))
      assert.equal("truncated", err.code)
    end
    refused(good:sub(1, -11), "truncated", ("the file is cut off: %d of %d bytes of its tensors "
      .. "are there"):format(12800 - 10, 12800))
  end)

  it("that is longer than it says", function()
    refused(good .. "x", "too_long", "the file is 1 bytes longer than its header says")
  end)

  it("whose header is not JSON that begins with {", function()
    refused(header " {}", "invalid", "the header does not begin with {")
    refused(header "[]", "invalid", "the header does not begin with {")
    refused(header '{"a":}', "invalid", NAMES)
    refused(header "{}{}", "invalid", NAMES)
    refused(header '{"\255":{}}', "invalid", NAMES)
    refused(header '{"\237\160\128":{}}', "invalid", NAMES)
  end)

  it("whose entry is not complete", function()
    local wrong = "the tensor 'a' has "
    refused(header '{"a":7}', "invalid", wrong .. "no object as its entry")
    refused(entry '"dtype":"F32","shape":[2]', "invalid",
      wrong .. "no dtype, no shape or no data_offsets")
    refused(entry '"dtype":"F7","shape":[2],"data_offsets":[0,8]', "invalid",
      wrong .. "an unknown dtype")
    refused(entry '"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]', "invalid",
      wrong .. "a field twice")
    for _, shape in ipairs { "2", "[2.0]", "[-2]", "[2e0]", '["2"]', "[[2]]",
      "[99999999999999999999]" } do
      local _, err = check(entry(('"dtype":"F32","shape":%s,"data_offsets":[0,8]'):format(shape)))
      assert.equal("invalid", err.code)
      assert.truthy(err.message:find "shape$")
    end
    for _, offsets in ipairs { "[8]", "[0,8,8]", "[8,0]", '{"a":0,"b":8}', "[0,8.0]", "0" } do
      refused(entry(('"dtype":"F32","shape":[2],"data_offsets":%s'):format(offsets)), "invalid",
        wrong .. "wrong data_offsets")
    end
  end)

  it("whose shape overflows", function()
    refused(entry '"dtype":"U8","shape":[4294967296,4294967296,8],"data_offsets":[0,8]', "invalid",
      "the tensor 'a' has too large a shape")
    refused(entry '"dtype":"F64","shape":[2305843009213693953],"data_offsets":[0,8]', "invalid",
      "the tensor 'a' has too large a shape")
  end)

  it("whose sizes do not agree", function()
    refused(entry '"dtype":"F32","shape":[3],"data_offsets":[0,8]', "invalid",
      "the tensor 'a' has data_offsets that do not match its shape and dtype")
    refused(entry '"dtype":"F4","shape":[15],"data_offsets":[0,8]', "invalid",
      "the tensor 'a' has data_offsets that do not match its shape and dtype")
  end)

  it("with a hole or an overlap", function()
    local two = '{"a":{"dtype":"U8","shape":[4],"data_offsets":[%d,%d]},'
      .. '"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}'
    refused(header(two:format(0, 3):gsub("%[4%]", "[3]", 1), "12345678"), "invalid",
      "the tensor 'b' has a hole in front of its data")
    refused(header(two:format(1, 5), "12345678"), "invalid",
      "the tensor 'a' has a hole in front of its data")
    refused(header(two:format(4, 8), "12345678"), "invalid",
      "the tensor 'a' has a hole in front of its data")
    refused(header(two:format(0, 5):gsub("%[4%]", "[5]", 1), "12345678"), "invalid",
      "the tensor 'b' has data that overlap another tensor's")
  end)

  it("that names a tensor twice, however it is spelled", function()
    local one = '"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}'
    local other = one:gsub("0,4", "4,8")
    refused(header("{" .. one .. "," .. other .. "}", "12345678"), "invalid",
      "the tensor 'a' has two entries")
    refused(header("{" .. one .. "," .. other:gsub('"a"', [["\u0061"]]) .. "}", "12345678"),
      "invalid", "the tensor 'a' has two entries")
    refused(header [[{"a\u0000":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}]], "invalid",
      "a NUL in the name of a tensor")
  end)

  it("whose metadata are not strings by name", function()
    refused(header '{"__metadata__":[]}', "invalid", "__metadata__ is not an object")
    refused(header '{"__metadata__":{"a":1}}', "invalid",
      "a value of __metadata__ is not a string")
    refused(header '{"__metadata__":{"a":"1","b":"2","a":"3"}}', "invalid",
      "a name twice in __metadata__")
    refused(header '{"__metadata__":{},"__metadata__":{}}', "invalid", "__metadata__ twice")
    refused(header [[{"__metadata__":{"a":"\u0000"}}]], "invalid", "a NUL in __metadata__")
  end)

  it("that claims more entries than it has room for", function()
    refused(header("{" .. ('"":0,'):rep(5000) .. '"":0}'), "invalid",
      "the entries of the header are too short")
  end)
end)

describe("a value that is not a number", function()
  local BAD <const> = { F16 = 0x7c00, BF16 = 0xff80, F32 = 0 / 0, F64 = -1 / 0 }
  -- the largest value, and one below 2
  local GOOD <const> = {
    F16 = { 0x7bff, 0x3fff }, BF16 = { 0x7f7f, 0x3fff }, F32 = { 3e38, 1.5 },
    F64 = { 1e308, 1.5 },
  }
  for dtype, bad in pairs(BAD) do
    for _, at in ipairs { 1, 512, 513, 600 } do
      it(("of %s is found at %d of 600"):format(dtype, at), function()
        for _, good in ipairs(GOOD[dtype]) do
          local values = {}
          for i = 1, 600 do values[i] = i == at and bad or good end
          refused(made.file {
            { name = "w", dtype = dtype, shape = { 600 }, data = made.bytes(dtype, values) },
          }, "nan", ("value %d of 600 of the tensor 'w' is not a number: the training has failed")
            :format(at))
        end
      end)
    end
  end

  it("is found where a megabyte ends inside it", function()
    local odd = made.tensor("a", "U8", { 1 }, 1)
    local count = (1 << 18) + 2
    local values = made.bytes("F32", { 1 }):rep((1 << 18) - 1) .. made.bytes("F32", { 0 / 0, 1, 1 })
    refused(made.file { odd, { name = "b", dtype = "F32", shape = { count }, data = values } },
      "nan", ("value %d of %d of the tensor 'b' is not a number: the training has failed"):format(
        1 << 18, count))
  end)
end)

describe("a model that", function()
  it("has no value, or only zeros", function()
    refused(header "{}", "zero", "the file has no value but 0")
    refused(made.file { made.tensor("a", "F16", { 9 }, 0), made.tensor("b", "F16", { 9 }, 0x8000) },
      "zero", "the file has no value but 0")
  end)

  it("changes nothing", function()
    refused(made.file(made.kohya { up = 0 }), "zero",
      "the model changes nothing: all of its up tensors are 0")
  end)

  it("has half of a module", function()
    local tensors = made.kohya()
    local up = table.remove(tensors)
    refused(made.file(tensors), "pair", ("the tensor '%s' has no counterpart of its rank"):format(
      tensors[#tensors].name))
    tensors[#tensors] = up
    refused(made.file(tensors), "pair", ("the tensor '%s' has no counterpart of its rank"):format(
      up.name))
  end)

  it("has halves of different ranks", function()
    refused(made.file {
      made.tensor("x.lora_A.weight", "F32", { 4, 9 }, 1),
      made.tensor("x.lora_B.weight", "F32", { 9, 5 }, 1),
    }, "pair", "the tensor 'x.lora_A.weight' has no counterpart of its rank")
  end)
end)

it("a check can be canceled, and leaves nothing", function()
  local path = files.temporary(made.file { made.tensor("a", "F32", { 1 << 20 }, 1) })
  local group <close> = co.group()
  local fiber = group:spawn(function()
    return safetensors.check(path)
  end)
  co.sleep(0)
  fiber:cancel()
  assert(group:wait())
  assert.equal("novita.Fiber (canceled)", tostring(fiber))
  os.remove(path)
end)
