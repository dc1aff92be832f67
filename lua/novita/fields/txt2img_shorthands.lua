--- Shorthands of a txt2img call: params that a script may give besides the API's own fields. A
--- shorthand that expands to other fields has their types and ranges.

return {
  {
    name = "size",
    annotation = "integer",
    doc = "Width and height of a square.",
    expands = { "width", "height" },
  },
}
