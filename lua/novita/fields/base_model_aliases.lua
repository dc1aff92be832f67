--- Other names that are in use for the plain base models: messages suggest the service's name.

local SDXL <const>, SD15 <const> = "stable-diffusion-xl-base-1.0", "v1-5-pruned-emaonly"

return {
  ["sdxl"] = SDXL,
  ["sdxl-base"] = SDXL,
  ["sdxl-1.0"] = SDXL,
  ["sdxl-base-1.0"] = SDXL,
  ["sd_xl_base_1.0"] = SDXL,
  ["stable-diffusion-xl"] = SDXL,
  ["sd15"] = SD15,
  ["sd1.5"] = SD15,
  ["sd-1.5"] = SD15,
  ["sd-v1-5"] = SD15,
  ["v1-5"] = SD15,
  ["v1-5-pruned"] = SD15,
  ["stable-diffusion-v1-5"] = SD15,
  ["stable-diffusion-1.5"] = SD15,
}
