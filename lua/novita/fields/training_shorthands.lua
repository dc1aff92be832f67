--- Shorthands of a training: params that a script may give besides the API's own fields. A
--- shorthand that expands to other fields has their types and ranges.

return {
  {
    name = "task_type",
    type = "string",
    required = true,
    values = require("novita.fields.task_types").trainings,
    doc = "A subject (a person, a face) or a style.",
  },
  {
    name = "images",
    annotation = "string|(string|novita.Photo)[]|novita.Dataset",
    doc = "The photos: a folder, a list of paths, or a list of { path =, bytes = or "
      .. "assets_id =, caption = }. 1 to 50.",
  },
  {
    name = "preset",
    type = "string",
    values = { "face", "style" },
    doc = "Fills in omitted params with the settings of the Novita playground: face for a "
      .. "subject, style for a style.",
  },
  {
    name = "captions",
    annotation = '"files"|table<string, string>|string[]',
    doc = "\"files\": each photo's caption is in photo.txt or photo.caption next to it; a table "
      .. "of captions by file name, with or without extension; or a list, one for each photo.",
  },
  {
    name = "caption",
    annotation = "string",
    doc = "One caption for every photo without its own.",
  },
  {
    name = "crop",
    annotation = "novita.CropChoice",
    doc = "The part of each photo to use: \"face\", \"top\", \"center\" or a box; \"auto\" for the "
      .. "photos of a subject is around the face if the rock novita-faces is installed, else the "
      .. "top if the prompt speaks of a person, else the centre. For a style it is the centre.",
  },
  {
    name = "crops",
    annotation = "table<string, novita.CropChoice>|string",
    doc = "Crops of single photos, by file name; or lines \"name: crop\". Default: the lines of "
      .. "crops.txt in the folder.",
  },
  {
    name = "size",
    annotation = "integer",
    doc = "Width and height of a square.",
    expands = { "width", "height" },
  },
  {
    name = "face_crop",
    type = "number",
    above = 0,
    doc = "Crops around the face. Above 1 keeps more than the face. The official client "
      .. "uses 1.4.",
    expands = { "components" },
  },
  {
    name = "face_restore",
    type = "boolean",
    doc = "Restores faces with gfpgan_1.4.",
    expands = { "components" },
  },
}
