--- The body of POST /v3/training/subject.

return require("novita.fields.training").body {
  noun = "a subject training",
  page = "LoRA for Subject Training",
  captions = false,
  expert = require("novita.fields.expert_setting").setting { prompts_required = true },
}
