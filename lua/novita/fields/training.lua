--- The fields that the bodies of both kinds of training share.

local caption_rule = require "novita.fields.caption"
local components = require "novita.fields.components"

local training = {
  images_most = 50, -- photos in one training
}

local function item(caption_expected)
  local caption = { expected = caption_expected }
  for key, value in pairs(caption_rule) do
    caption[key] = value
  end
  return {
    type = "object",
    noun = "an image",
    fields = {
      {
        name = "assets_id",
        type = "string",
        required = true,
        min = 1,
        doc = "The uploaded image.",
      },
      caption,
    },
  }
end

local function side(name, doc)
  return { name = name, type = "integer", required = true, min = 1, unit = "pixels", doc = doc }
end

--- The whole body.
---@param options { noun: string, page: string, captions: boolean, expert: novita.Rule }
---@return novita.Rule
function training.body(options)
  return {
    type = "object",
    noun = options.noun,
    page = options.page,
    fields = {
      {
        name = "name",
        type = "string",
        required = true,
        min = 1,
        doc = "Name of the task in lists. It need not be unique. With a journal, unique ids come "
          .. "before it there.",
      },
      {
        name = "base_model",
        type = "string",
        required = true,
        min = 1,
        values = require "novita.fields.base_models",
        aliases = require "novita.fields.base_model_aliases",
        open = true,
        doc = "The model to train on, without .safetensors. v1-5-pruned-emaonly generalises "
          .. "best. Generate images with a checkpoint of the same family.",
      },
      side("width", "Width of the images in the training."),
      side("height", "Height of the images in the training."),
      {
        name = "image_dataset_items",
        type = "list",
        required = true,
        min = 1,
        max = training.images_most,
        items = item(options.captions),
        doc = "The uploaded images, with captions.",
      },
      options.expert,
      components,
    },
  }
end

return training
