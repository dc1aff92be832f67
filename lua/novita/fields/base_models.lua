--- The base models for trainings, as the service's pages list them. The list has grown before, so a
--- name that is not in it is sent, with a warning.

return {
  "stable-diffusion-xl-base-1.0",
  "dreamshaperXL09Alpha_alpha2Xl10_91562",
  "protovisionXLHighFidelity3D_release0630Bakedvae_154359",
  "v1-5-pruned-emaonly",
  "epicrealism_naturalSin_121250",
  "chilloutmix_NiPrunedFp32Fix",
  "abyssorangemix3AOM3_aom3a3_10864",
  "dreamshaper_8_93211",
  "WFChild_v1.0",
  "majichenmixrealistic_v10",
  "realisticVisionV51_v51VAE_94301",
  "sdxlUnstableDiffusers_v11_216694",
  "realisticVisionV40_v40VAE_81510",
  "epicrealismXL_v10_247189",
  "somboy_v10_172675",
  "yesmixXL_v10_283329",
  "animagineXLV31_v31_325600",
}
