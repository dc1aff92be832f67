--- The field request of POST /v3/async/img2img. It has the fields of txt2img, without hires_fix,
--- refiner, enable_transparent_background and restore_faces, and with images to start from.

local txt2img = require "novita.fields.txt2img"

local not_here = {
  hires_fix = true,
  refiner = true,
  enable_transparent_background = true,
  restore_faces = true,
}

local function share(name, required, doc)
  return { name = name, type = "number", required = required, min = 0, max = 1, doc = doc }
end

local function image_base64(doc)
  return { name = "image_base64", type = "string", required = true, min = 1, doc = doc }
end

local function model_name(doc, values)
  return {
    name = "model_name",
    type = "string",
    required = true,
    min = 1,
    values = values,
    doc = doc,
  }
end

local controlnet = {
  name = "controlnet",
  type = "object",
  noun = "controlnet",
  fields = {
    {
      name = "units",
      type = "list",
      items = {
        type = "object",
        noun = "a ControlNet unit",
        fields = {
          model_name "Name of the ControlNet model.",
          image_base64 "The image that guides.",
          share("strength", true, "How strongly it guides."),
          {
            name = "preprocessor",
            type = "string",
            min = 1,
            doc = "Turns the image into a map. The page lists the names.",
          },
          share("guidance_start", nil, "Share of the steps after which it starts to guide."),
          share("guidance_end", nil, "Share of the steps after which it stops."),
        },
      },
      doc = "The images that guide.",
    },
  },
  doc = "Guides the composition by other images.",
}

local ip_adapters = {
  name = "ip_adapters",
  type = "list",
  max = 1,
  items = {
    type = "object",
    noun = "an IP adapter",
    fields = {
      model_name("The adapter for the checkpoint's family.", {
        "ip-adapter_sd15.bin",
        "ip-adapter_sdxl.bin",
      }),
      image_base64 "The image whose style is used.",
      share("strength", nil, "How strongly it is used."),
    },
  },
  doc = "Uses the style of an image.",
}

local fields = {
  image_base64(
    "The image to start from, base64 without a data: prefix. At most 10 MB and 16 megapixels."
  ),
}
for _, field in ipairs(txt2img.fields) do
  if not not_here[field.name] then
    fields[#fields + 1] = field
  end
end
fields[#fields + 1] = share("strength", nil, "How far to depart from the image: 1 keeps nothing "
  .. "of it.")
fields[#fields + 1] = controlnet
fields[#fields + 1] = ip_adapters

return {
  type = "object",
  noun = "an img2img request",
  page = "Image to Image",
  fields = fields,
}
