--- The processing steps that a training runs on its images. Any step and argument can be sent. The
--- three steps that the pages name have shorthands (see novita.forms.components).

local argument = {
  type = "object",
  noun = "a component's argument",
  fields = {
    {
      name = "name",
      type = "string",
      required = true,
      min = 1,
      doc = "Name of the argument, such as width.",
    },
    {
      name = "value",
      type = "string",
      numbers = true,
      required = true,
      doc = "Its value, always a string; a number is written as a string.",
    },
  },
}

local component = {
  type = "object",
  noun = "a component",
  fields = {
    {
      name = "name",
      type = "string",
      required = true,
      min = 1,
      values = { "face_crop_region", "resize", "face_restore" },
      open = true,
      doc = "The step: crop around the face, resize, or restore the face.",
    },
    {
      name = "args",
      type = "list",
      items = argument,
      doc = "face_crop_region: ratio (above 1 keeps more than the face). resize: width, "
        .. "height. face_restore: method (gfpgan_1.4), upscale (1.0).",
    },
  },
}

return {
  name = "components",
  type = "list",
  required = true,
  min = 1,
  items = component,
  doc = "Steps in which the service prepares the images, in this order.",
}
