-- novita inspect: files of models on the disk, without a service.

local cli = require "support.cli"
local novita = require "novita"
local safetensors = require "support.safetensors"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

local private = {
  ss_steps = "300", ss_seed = "7", ss_network_dim = "4", ss_learning_rate = "0.0001",
  ss_tag_frequency = '{"anna":{"ohwx woman":12}}',
  ss_dataset_dirs = '{"anna of Example Street":{"n_repeats":1}}',
  ss_output_name = 'anna "the first"\\',
  ["modelspec.architecture"] = "stable-diffusion-v1/lora",
}

describe("inspect", function()
  local folder

  local function model(name, p, metadata)
    local path = folder .. "/" .. name
    cli.write(path, safetensors.file(safetensors.kohya(p), metadata))
    return path
  end

  local function read(path)
    local file <close> = assert(io.open(path, "rb"))
    return file:read "a"
  end

  before_each(function() folder = cli.folder() end)
  after_each(function() cli.remove(folder) end)

  it("shows what a model is and how it was trained", function()
    local done = cli.run { "inspect", model("anna.safetensors", { alpha = 8 }, private) }
    assert.equal(0, done.status, done.err)
    has(done.out, "whole: 6 tensors of F16 and F32")
    has(done.out, "LoRA with the names of kohya: rank 4, alpha 8 in 2 modules")
    has(done.out, "made for Stable Diffusion 1.5")
    has(done.out, "loads in AUTOMATIC1111")
    has(done.out, "trained: 300 steps, seed 7, learning rate 0.0001")
    has(done.out, "private? its metadata has words of the captions; names of the photo folders; "
      .. "ss_output_name: --strip FILE")
  end)

  it("refuses a broken file with the reason, and continues with the others", function()
    local sound, short = model "sound.safetensors", folder .. "/short.safetensors"
    cli.write(short, read(sound):sub(1, -2))
    local done = cli.run { "inspect", short, sound, "--json" }
    assert.equal(1, done.status)
    has(done.err, "short.safetensors: ")
    assert.equal("truncated", done.json.files[1].error.code)
    assert.equal("kohya", done.json.files[2].dialect)
    assert.same({}, done.json.files[2].privacy.others)
  end)

  it("says what differs between two files", function()
    local one = model("one.safetensors", { rank = 4 }, { ss_seed = "1", format = "pt" })
    local other = model("other.safetensors", { rank = 8 }, { ss_seed = "2", format = "pt" })
    local done = cli.run { "inspect", one, other }
    assert.equal(0, done.status, done.err)
    has(done.out, "rank 4, alpha 4 in 2 modules | LoRA with the names of kohya: rank 8")
    has(done.out, "metadata: ss_seed\n")
    has(cli.run({ "inspect", one, one }).out, "they differ in values of tensors at most")
  end)

  describe("--strip", function()
    local function strip(path, out, ...)
      return cli.run { "inspect", path, "--strip", out, ... }
    end

    it("keeps the weights and what programs need, and nothing private", function()
      local path, out = model("anna.safetensors", { alpha = 8 }, private), folder .. "/clean.st"
      local done = strip(path, out)
      assert.equal(0, done.status, done.err)
      local before, after = read(path), read(out)
      assert.equal(#before, #after)
      local start = 8 + string.unpack("<I8", before)
      assert.equal(before:sub(start + 1), after:sub(start + 1))
      assert.is_nil(after:find("Example Street", 1, true))
      assert.is_nil(after:find("ohwx", 1, true))
      assert.is_nil(after:find("the first", 1, true))
      local facts = assert(novita.safetensors.check(out))
      assert.same({ ss_steps = "300", ss_seed = "7", ss_network_dim = "4",
        ss_learning_rate = "0.0001", ["modelspec.architecture"] = "stable-diffusion-v1/lora" },
        facts.metadata)
      assert.equal(8, facts.alpha)
    end)

    -- The members of a header in any order: the commas around the metadata.
    it("finds the metadata anywhere in the header", function()
      local tensor = '"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}'
      local data = '"__metadata__" : {"x":"\\"__metadata__\\":{}}","y":""}'
      for _, header in ipairs { "{" .. data .. "," .. tensor .. "}",
        "{" .. tensor .. " , " .. data .. "}", "{ " .. tensor .. "}" } do
        cli.write(folder .. "/in", safetensors.compose(header, "\1"))
        assert(novita.safetensors.strip(folder .. "/in", folder .. "/out"))
        local facts = assert(novita.safetensors.check(folder .. "/out"))
        assert.same({ 1, {} }, { facts.tensors, facts.metadata })
      end
    end)

    it("replaces a file only with --force, and never by a broken one", function()
      local path = model("anna.safetensors", nil, private)
      local done = strip(path, path)
      assert.equal(2, done.status)
      has(done.err, "exists: --force replaces it")
      assert.equal(0, strip(path, path, "--force").status)
      assert.is_nil(read(path):find("ohwx", 1, true))
      cli.write(folder .. "/broken", "broken")
      assert.equal(1, strip(folder .. "/broken", folder .. "/new").status)
      assert.is_nil(io.open(folder .. "/new"))
      assert.is_nil(io.open(folder .. "/new.part"))
    end)
  end)
end)

describe("convert", function()
  it("writes other names, and replaces a file only with --force", function()
    local folder = cli.folder()
    local path, out = folder .. "/a.safetensors", folder .. "/b.safetensors"
    cli.write(path, safetensors.file(safetensors.kohya()))
    local done = cli.run { "convert", path, out, "--json" }
    assert.same({ 0, { saved = out, names = "diffusers" } }, { done.status, done.json })
    done = cli.run { "convert", out, path }
    assert.equal(2, done.status)
    has(done.err, "exists: --force replaces it")
    assert.equal(0, cli.run({ "convert", out, path, "--force" }).status)
    done = cli.run { "convert", path, out, "--force", "--to", "kohya" }
    assert.equal(1, done.status)
    has(done.err, "its tensors have the names of kohya already")
    cli.remove(folder)
  end)
end)
