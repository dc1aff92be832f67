--- A set of photos: a list of items, with the operations before a training is paid for (check,
--- filter, contact sheet, buckets).

local buckets = require "novita.dataset.buckets"
local contact_sheet = require "novita.dataset.contact_sheet"
local counted = require "novita.base.counted"
local files = require "novita.dataset.files"
local methods = require "novita.base.methods"
local report = require "novita.dataset.report"
local usage_error = require "novita.schema.usage_error"

---@class novita.DatasetItem
---@field name string for messages: the file's name, or images[3]
---@field path? string of the file
---@field bytes? string the file's contents
---@field assets_id? string of an image that is already uploaded
---@field caption? string 1 to 1024 characters
---@field crop? novita.CropChoice the part to use; nil: the default of what prepares it
---@field facts? novita.Prepared once `check` has prepared it; nil if it cannot be used
---@field problems? novita.ReportProblem[] that the last `check` found

---@class novita.SkippedFile
---@field path string it ends with a slash if it is a subfolder
---@field reason string such as "HEIC: export as JPEG"

---@class novita.Dataset
---@field [integer] novita.DatasetItem
---@field folder? string where the photos were found
---@field skipped novita.SkippedFile[] files and subfolders that are not used
local Dataset = { __name = "novita.Dataset" }
Dataset.__index = Dataset

local reports = setmetatable({}, { __mode = "k" }) -- the last report of each set
local drivers = setmetatable({}, { __mode = "k" }) -- the driver of the loop that a set was given

function Dataset:__tostring()
  return ("novita.Dataset (%s%s, %d skipped)"):format(
    self.folder and files.shown(self.folder) .. ", " or "", counted(#self, "photo"),
    #self.skipped)
end

--- Lists the photos worth a second look before you pay. Prepares each photo on a worker thread and
--- keeps the result in `facts`; a training of the same size uploads it and does not prepare it
--- again.
---@param options? novita.ReportOptions
---@return novita.Report report tostring(report) is its text
function Dataset:check(options)
  local read = usage_error.raise_at_caller(1, report.options, options)
  local made = report.new(self, read, drivers[self])
  reports[self] = read.keep and made or nil -- a sheet shows the prepared photos
  return made
end

-- A set has its own items: a later check of one set changes no `problems` of another one. They
-- share the prepared bytes, which nothing changes.
local function copied(item)
  local copy = {}
  for name, value in pairs(item) do
    copy[name] = value
  end
  return copy
end

--- A set of the photos for which `keep(item, index)` is true: `set:filter(function(photo) return
--- #photo.problems == 0 end)`.
---@param keep fun(item: novita.DatasetItem, index: integer): any
---@return novita.Dataset
function Dataset:filter(keep)
  if type(keep) ~= "function" then
    error(usage_error.wrong_value("keep", "a function", keep), 2)
  end
  local kept, skipped = {}, table.move(self.skipped, 1, #self.skipped, 1, {})
  for index, item in ipairs(self) do
    if keep(item, index) then
      kept[#kept + 1] = copied(item)
    else
      skipped[#skipped + 1] = { path = item.path or item.name, reason = "left out by a filter" }
    end
  end
  kept.folder, kept.skipped, drivers[kept] = self.folder, skipped, drivers[self]
  return setmetatable(kept, Dataset)
end

--- Shows all photos as they are uploaded, with their names, captions, scores and problems, in one
--- image or as an HTML page. Checks the photos first, unless `check` did.
---@param options? novita.ContactSheetOptions
---@return string? bytes the image or the page, as a file's contents
---@return novita.Error? err the sheet would be too large, or out of memory
function Dataset:contact_sheet(options)
  local read = usage_error.raise_at_caller(1, contact_sheet.options, options)
  local made = not read.check and reports[self]
  if not made then
    local how = usage_error.raise_at_caller(1, report.options, read.check)
    made = report.new(self, how, drivers[self])
  end
  return contact_sheet.make(made, read, drivers[self])
end

--- Sorts the photos into aspect buckets, for training with other tools. If you prepare photo i with
--- the width and height of `of[i]` and fit "cover", you get the images that kohya's scripts would
--- train on.
---@param options? novita.BucketOptions
---@return { buckets: novita.Bucket[], of: novita.Bucket[] }? arranged all buckets, sorted by
--- width and height, and the bucket of each photo
---@return novita.Error? err a photo that cannot be read
function Dataset:buckets(options)
  local read = usage_error.raise_at_caller(1, buckets.options, options)
  return buckets.arrange(self, read)
end

methods.need_colon(Dataset, "dataset", { "check", "filter", "contact_sheet", "buckets" })

local set = {}

--- Makes a set of checked items. The set owns the list.
---@param items novita.DatasetItem[]
---@param skipped? novita.SkippedFile[]
---@param folder? string
---@param driver? novita.Loop of the loop whose coroutine waits for `check`
---@return novita.Dataset
function set.new(items, skipped, folder, driver)
  items.skipped, items.folder, drivers[items] = skipped or {}, folder, driver
  return setmetatable(items, Dataset)
end

--- The loop that a set was given; nil: novita's own.
---@param dataset novita.Dataset
---@return novita.Loop?
function set.driver(dataset)
  return drivers[dataset]
end

---@param value any
---@return boolean
function set.is(value)
  return getmetatable(value) == Dataset
end

--- Copies of the items of a set, for another set.
---@param dataset novita.Dataset
---@return novita.DatasetItem[]
function set.items(dataset)
  local items = {}
  for index, item in ipairs(dataset) do
    items[index] = copied(item)
  end
  return items
end

--- The photos in the form that a script may write, without `facts` and `problems`.
---@param dataset novita.Dataset
---@return table[]
function set.plain(dataset)
  local list = {}
  for index, item in ipairs(dataset) do
    local uploaded = item.assets_id
    list[index] = { path = not uploaded and item.path or nil,
      bytes = not uploaded and item.bytes or nil, assets_id = uploaded, caption = item.caption,
      crop = item.crop }
  end
  return list
end

return set
