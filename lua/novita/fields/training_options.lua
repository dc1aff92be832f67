--- Params of a training that are for the library: they are not part of the body.

return {
  {
    name = "prepare",
    annotation = "novita.PrepareOptions|false",
    doc = "Options of novita.image.prepare for the photos; by default each is cropped to the "
      .. "training's size (see crop) and sent as JPEG. With false they are sent as they are.",
  },
  {
    name = "again",
    annotation = "boolean",
    doc = "true, for a client with a journal: pay for one more training of the same params, also "
      .. "if another journal has one. Remove it after one run: it pays in each run.",
  },
}
