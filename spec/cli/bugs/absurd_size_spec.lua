--- `--size 500000` ended a dry run with "novita.UsageError: 0x...", and a training, after its
--- journal was made, with "a bug in novita". The API knows no largest size, but an image has one.

local cli = require "support.cli"
local novita = require "novita"

describe("a size that no image can have", function()
  it("is refused before anything else, at the caller's line", function()
    local folder = cli.folder()
    cli.photos(folder .. "/anna", 1)
    local client <close> = novita.client { api_key = "sk_1" }
    local refused, err = pcall(function()
      client:train { task_type = "subject", name = "a", images = folder .. "/anna",
        base_model = "v1-5-pruned-emaonly", instance_prompt = "x", width = 512, height = 65501 }
    end)
    assert.is_false(refused)
    assert.matches("absurd_size_spec.lua:%d+: height must be an integer from 1 to 65500, got "
      .. "65501$", err)
    local ended = cli.run({ "train", folder .. "/anna", "--prompt", "x", "--size", "500000" },
      { NOVITA_API_KEY = "sk_1", NOVITA_BASE_URL = "http://127.0.0.1:9" })
    assert.same({ 2, "error: width must be an integer from 1 to 65500, got 500000\n" },
      { ended.status, ended.err })
    assert.is_nil(io.open(folder .. "/anna.db"))
    cli.remove(folder)
  end)
end)
