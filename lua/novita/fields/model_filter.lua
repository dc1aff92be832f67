--- The filters of client.models:list. They are sent as filter.<name>.

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
      doc = "Public models, or the account's own.",
    },
    {
      name = "source",
      type = "string",
      values = { "civitai", "training", "uploading" },
      doc = "Source of the models.",
    },
    {
      name = "types",
      type = "string",
      values = { "checkpoint", "lora", "vae", "controlnet", "upscaler", "textualinversion" },
      doc = "Type of the models.",
    },
    flag("is_sdxl", "true: only models of the SDXL family. false: only others."),
    flag("is_inpainting", "true: only models for inpainting. false: only others."),
    { name = "query", type = "string", min = 1, doc = "Words to search for." },
    {
      name = "page_size",
      type = "integer",
      min = 1,
      max = 100,
      default = 100,
      unit = "models",
      doc = "Models per page: pagination.limit.",
    },
  },
}
