--- What client.models:list may be asked for. The fields go out as filter.<name>.

local function flag(name, doc)
  return { name = name, type = "boolean", doc = doc }
end

return {
  type = "object",
  noun = "a list of models",
  page = "Get Model",
  fields = {
    {
      name = "visibility",
      type = "string",
      values = { "public", "private" },
      doc = "Everybody's models, or the account's own.",
    },
    {
      name = "source",
      type = "string",
      values = { "civitai", "training", "uploading" },
      doc = "Where they come from.",
    },
    {
      name = "types",
      type = "string",
      values = { "checkpoint", "lora", "vae", "controlnet", "upscaler", "textualinversion" },
      doc = "What they are.",
    },
    flag("is_sdxl", "Only models of the SDXL family, or only others."),
    flag("is_inpainting", "Only models for inpainting, or only others."),
    { name = "query", type = "string", min = 1, doc = "Words to search for." },
    {
      name = "page_size",
      type = "integer",
      min = 1,
      max = 100,
      default = 100,
      unit = "models",
      doc = "Models a page: pagination.limit.",
    },
  },
}
