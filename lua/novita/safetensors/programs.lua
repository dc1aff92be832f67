--- Programs that load a LoRA by the names of its tensors, without a conversion.

---@type table<string, string[]>
return {
  kohya = { "AUTOMATIC1111", "Forge", "ComfyUI", "stable-diffusion.cpp", "diffusers" },
  diffusers = { "ComfyUI", "diffusers" },
  peft = { "ComfyUI", "diffusers" },
}
