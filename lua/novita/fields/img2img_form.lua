--- The conveniences of an img2img form: txt2img's, and pictures from files.

local form = {
  {
    name = "image",
    doc = "The picture to start from: a path, or { path = or bytes = }. Stands for image_base64; "
      .. "so it does in controlnet.units and ip_adapters.",
    expands = { "image_base64" },
  },
}

return table.move(require "novita.fields.txt2img_form", 1,
  #require "novita.fields.txt2img_form", #form + 1, form)
