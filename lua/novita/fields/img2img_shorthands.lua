--- Shorthands of an img2img call: those of txt2img, and images from files.

local shorthands = {
  {
    name = "image",
    annotation = "string|{ path: string }|{ bytes: string }",
    doc = "The image to start from: a path, or { path = or bytes = }. Replaces image_base64, "
      .. "also in controlnet.units and ip_adapters.",
    expands = { "image_base64" },
  },
}

return table.move(require "novita.fields.txt2img_shorthands", 1,
  #require "novita.fields.txt2img_shorthands", #shorthands + 1, shorthands)
