--- Names of files, trainings and tasks that contain line breaks made an error's message longer than
--- one line.

local novita = require "novita"
local responses = require "support.responses"
local GeneratedImage = require "novita.client.generated_image"
local support = require "support.client"

local function assert_line(err)
  assert.is_string(err.kind)
  assert.is_nil(tostring(err):find "%c", tostring(err))
end

describe("an error is a single line", function()
  it("whatever the name of the file that is saved or uploaded", function()
    local client <close> = novita.client { api_key = "sk_test", base_url = "http://127.0.0.1:9" }
    local folder <close> = support.folder()
    local generated = GeneratedImage.new(client, { image_url = "http://127.0.0.1:9/a.png" })
    assert_line(select(2, generated:save(folder.path .. "/none/a\nb.png")))
    for _, source in ipairs { folder.path .. "/a\nb.png",
      { path = folder.path .. "/a\nb.png", extension = "png" } } do
      assert_line(select(2, client.assets:upload(source)))
    end
  end)

  it("whatever the id from the service", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    service:fault { kind = "status", status = 200, route = "txt2img",
      body = [[{"task_id":"a\nb"}]] }
    service:fault { kind = "status", status = 200, route = "task-result", forever = true,
      body = '{"task":{"status":"TASK_STATUS_SUCCEED"},"images":[]}' }
    local generated,
      err = client:generate { model_name = "realisticVisionV51_v51VAE_94301.safetensors",
      prompt = "a bird", size = 128, image_num = 1 }:wait()
    assert.is_nil(generated)
    assert_line(err)
    assert.equal("a\nb", err.task_id)
  end)

  it("whatever the name of the training", function()
    local client = responses.client { status = 503, body = "" }
    local task = assert(client:train { task_type = "subject", name = "a\nb", size = 512,
      images = { { assets_id = "0123456789abcdef0123456789abcdef" } }, class_prompt = "person",
      base_model = "v1-5-pruned-emaonly", instance_prompt = "a photo of ohwx woman" })
    local model, err = task:wait()
    assert.is_nil(model)
    assert_line(err)
    assert.matches([[the training "a\nb" may exist]], err.message, 1, true)
  end)
end)
