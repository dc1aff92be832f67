--- A file that was removed between its check and its reading gave neither an image nor an error,
--- and the caller failed with "a bug in novita".

local files = require "novita.dataset.files"
local img2img_request = require "novita.forms.img2img_request"
local support = require "support.client"

it("an image that is removed while it is read is missing", function()
  local path = support.temporary(support.photo(1))
  local plan = img2img_request.plan { model_name = "m.safetensors", prompt = "a bird",
    image = path, image_num = 1, steps = 20, seed = 1, guidance_scale = 7, strength = 0.5,
    sampler_name = "Euler a" }
  local check = files.check
  -- the moment at which another program removes it: when the check has returned
  debug.sethook(function()
    if debug.getinfo(2, "f").func == check then os.remove(path) end
  end, "r")
  local body, err = plan:body()
  debug.sethook()
  assert.is_nil(body)
  assert.equal("missing", err.code)
end)
