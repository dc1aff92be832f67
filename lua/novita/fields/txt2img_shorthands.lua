--- Shorthands of a txt2img call: params that a script may give besides the API's own fields. A
--- shorthand that expands to other fields has their types and ranges.

return {
  { name = "base", doc = "Short for model_name.", expands = { "model_name" } },
  {
    name = "size",
    doc = "Width and height of a square.",
    expands = { "width", "height" },
  },
  { name = "count", doc = "Short for image_num.", expands = { "image_num" } },
  {
    name = "format",
    doc = "Short for extra.response_image_type.",
    expands = { "extra.response_image_type" },
  },
  { name = "extra", doc = "The field extra, next to request in the body." },
}
