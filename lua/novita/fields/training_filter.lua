--- What client.training:list may be asked for.

local kinds = { "subject", "style" }

return {
  type = "object",
  noun = "a list of trainings",
  page = "LoRA for Subject Training",
  fields = {
    {
      name = "task_type",
      type = "string",
      values = kinds,
      doc = "Only this kind. Sent to the service too, as the official client does; its page does "
        .. "not name it.",
    },
    { name = "name", type = "string", min = 1, doc = "Only tasks of exactly this name." },
    {
      name = "status",
      type = "any",
      doc = "Only tasks in this task_status, or in one of a list of them: UNKNOWN, QUEUING, "
        .. "TRAINING, SUCCESS, CANCELED, FAILED.",
    },
    {
      name = "created_after",
      type = "number",
      min = 0,
      unit = "unix seconds",
      doc = "Only tasks made at this time or later, by the service's clock.",
    },
    {
      name = "created_before",
      type = "number",
      min = 0,
      unit = "unix seconds",
      doc = "Only tasks made before this time.",
    },
    {
      name = "page_size",
      type = "integer",
      min = 1,
      max = 100,
      default = 100,
      unit = "tasks",
      doc = "Tasks a page: pagination.limit.",
    },
  },
}
