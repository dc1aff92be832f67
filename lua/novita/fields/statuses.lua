--- The words of the service for the state of a task or a model, each with the stage that it becomes
-- in the status of a task. csrc/watch/task_status.c reads the same words; a spec compares the two.
-- Error codes are in novita.http.error_codes.

return {
  -- task_status of GET /v3/training/subject and /style, and of the list of trainings
  training = {
    UNKNOWN = "unknown",
    QUEUING = "queuing",
    TRAINING = "training",
    SUCCESS = "deploying", -- "serving" as soon as one of its models serves
    FAILED = "failed",
    CANCELED = "canceled",
  },
  -- task.status of GET /v3/async/task-result and of webhooks
  image = {
    TASK_STATUS_QUEUED = "queuing",
    TASK_STATUS_PROCESSING = "training",
    TASK_STATUS_SUCCEED = "serving",
    TASK_STATUS_FAILED = "failed",
  },
  -- models[].model_status of a training
  model = {
    DEPLOYING = "deploying",
    SERVING = "serving",
  },
}
