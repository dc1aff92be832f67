--- The caption of one training image.

return {
  name = "caption",
  type = "string",
  noun = "a caption",
  min = 1,
  max = 1024,
  unit = "characters",
  doc = "What the image shows, worded as prompts for the finished model will be.",
}
