--- The conveniences of a txt2img form: what a script may write besides the API's own fields.
--- One that expands to other fields has their types and ranges.

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
  { name = "extra", doc = "The field extra beside the request." },
}
