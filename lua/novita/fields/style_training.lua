--- The body of POST /v3/training/style. The table of its page lists neither the prompts nor the
--- settings of the network. Its example or the official client sends all of them except
--- train_text_encoder.

return require("novita.fields.training").body {
  noun = "a style training",
  page = "LoRA for Style Training",
  captions = true, -- the table requires them, the example has none: a warning if missing
  expert = require("novita.fields.expert_setting").setting {
    prompts_required = false,
    text_encoder_undocumented = true,
  },
}
