--- The field extra of POST /v3/async/txt2img and img2img.

local function text(name, doc)
  return { name = name, type = "string", required = true, min = 1, doc = doc }
end

local test_mode = {
  name = "test_mode",
  type = "object",
  noun = "a webhook's test mode",
  fields = {
    {
      name = "enabled",
      type = "boolean",
      required = true,
      doc = "Sends a mock event. No task runs.",
    },
    {
      name = "return_task_status",
      type = "string",
      required = true,
      values = { "TASK_STATUS_SUCCEED", "TASK_STATUS_FAILED" },
      doc = "The status that the mock event reports.",
    },
  },
  doc = "Tests a webhook.",
}

local webhook = {
  name = "webhook",
  type = "object",
  noun = "a webhook",
  page = "Webhook",
  fields = { text("url", "The service sends the end of the task to this URL."), test_mode },
  doc = "Makes the service report the end of the task.",
}

local aws_s3 = {
  name = "aws_s3",
  type = "object",
  noun = "an S3 storage",
  fields = {
    text("region", "Region of the bucket."),
    text("bucket", "Name of the bucket."),
    text("path", "Path in the bucket."),
    {
      name = "save_to_path_directly",
      type = "boolean",
      doc = "Saves directly under the path. The service's default is false.",
    },
  },
  doc = "A bucket that the service may write to.",
}

return {
  name = "extra",
  type = "object",
  noun = "extra",
  page = "Text to Image",
  doc = "How the images are delivered.",
  fields = {
    {
      name = "response_image_type",
      type = "string",
      values = { "png", "webp", "jpeg" },
      doc = "Format of the images. The service's default is png.",
    },
    webhook,
    {
      name = "custom_storage",
      type = "object",
      noun = "a custom storage",
      fields = { aws_s3 },
      doc = "Saves the images in your own bucket.",
    },
    {
      name = "enterprise_plan",
      type = "object",
      noun = "an enterprise plan",
      fields = {
        {
          name = "enabled",
          type = "boolean",
          doc = "Uses dedicated capacity. The service's default is false.",
        },
      },
      doc = "For accounts with an enterprise plan.",
    },
    {
      name = "enable_nsfw_detection",
      type = "boolean",
      doc = "Checks each image, for 0.0015 USD each.",
    },
    {
      name = "nsfw_detection_level",
      type = "integer",
      values = { 0, 1, 2 },
      doc = "How strict the check is.",
    },
  },
}
