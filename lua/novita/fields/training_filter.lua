--- The filters of client.trainings:list.

local statuses = {}
for word in pairs(require("novita.fields.statuses").training) do
  statuses[#statuses + 1] = word
end
table.sort(statuses)

return {
  type = "object",
  noun = "a list of trainings",
  page = "LoRA for Subject Training",
  fields = {
    {
      name = "task_type",
      type = "string",
      values = require("novita.fields.task_types").trainings,
      doc = "Only this kind. Also sent to the service, as the official client does, although its "
        .. "page does not list it.",
    },
    { name = "name", type = "string", min = 1, doc = "Only tasks of exactly this name." },
    {
      name = "status",
      type = "any", -- novita.api.training_list
      values = statuses,
      annotation = "string|string[]",
      doc = "Only tasks with this task_status, or with one of a list: "
        .. table.concat(statuses, ", ") .. ".",
    },
    {
      name = "created_after",
      type = "number",
      min = 0,
      unit = "unix seconds",
      doc = "Only tasks created at this time or later, by the service's clock.",
    },
    {
      name = "created_before",
      type = "number",
      min = 0,
      unit = "unix seconds",
      doc = "Only tasks created before this time.",
    },
    {
      name = "page_size",
      type = "integer",
      min = 1,
      max = 100,
      default = 100,
      unit = "tasks",
      doc = "Tasks per page: pagination.limit.",
    },
  },
}
