--- One photo as a script gives it, with exactly one of path, bytes and assets_id.

local caption = require "novita.fields.caption"

return {
  type = "object",
  noun = "a photo",
  fields = {
    { name = "path", type = "bytes", doc = "Path of the file." },
    { name = "bytes", type = "bytes", doc = "The file's contents." },
    {
      name = "assets_id",
      type = "string",
      numbers = true,
      min = 1,
      doc = "An image that is already uploaded.",
    },
    caption,
    {
      name = "crop",
      type = "any", -- novita.dataset.image_items
      annotation = "novita.CropChoice",
      doc = "The part of the photo to use, in place of the training's `crop`.",
    },
  },
}
