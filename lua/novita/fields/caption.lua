--- The caption of one training image.

return {
  name = "caption",
  type = "string",
  noun = "a caption",
  min = 1,
  max = 1024,
  unit = "characters",
  doc = "Describes the image, in the words of later prompts for the finished model.",
}
