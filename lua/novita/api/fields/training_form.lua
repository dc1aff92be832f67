--- The conveniences of a training form: what a script may write besides the API's own fields.
--- One that expands to other fields has their types and ranges.

return {
  {
    name = "kind",
    type = "string",
    required = true,
    values = { "subject", "style" },
    doc = "A subject (a person, a face) or a style.",
  },
  {
    name = "images",
    doc = "The photos: a folder, a list of paths, or a list of { path =, bytes = or "
      .. "assets_id =, caption = }. 1 to 50.",
  },
  {
    name = "captions",
    type = "string",
    values = { "files" },
    doc = "files: each photo's caption is in photo.txt or photo.caption beside it.",
  },
  {
    name = "size",
    doc = "Width and height of a square.",
    expands = { "width", "height" },
  },
  { name = "steps", doc = "Short for max_train_steps.", expands = { "max_train_steps" } },
  { name = "batch_size", doc = "Short for train_batch_size.", expands = { "train_batch_size" } },
  {
    name = "face_crop",
    type = "number",
    above = 0,
    doc = "Crops around the face; above 1 keeps more than the face. The official client "
      .. "uses 1.4.",
    expands = { "components" },
  },
  {
    name = "face_restore",
    type = "boolean",
    doc = "Restores faces with gfpgan_1.4.",
    expands = { "components" },
  },
}
