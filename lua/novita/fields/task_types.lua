--- The kinds of tasks.

return {
  trainings = { "subject", "style" },
  all = { "subject", "style", "image" },
}
