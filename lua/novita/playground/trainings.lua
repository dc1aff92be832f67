--- The trainings that were started here, and those of the account. Each has a folder with its
--- params and its photos, so that it can be continued after a restart.

local core = require "novita.core"
local errors = require "novita.base.error"
local forms = require "novita.playground.forms"
local json = require "novita.playground.json"
local lfs = require "lfs"
local novita = require "novita"
local training_record = require "novita.playground.training_record"

---@class novita.playground.Trainings
---@field package app novita.playground.App
---@field package list novita.playground.TrainingRecord[] the newest first
---@field package account novita.ListedTraining[]
local Trainings = {}
Trainings.__index = Trainings

local LISTED_MOST <const> = 200 -- trainings of the account
local PAGE <const> = 100
local REPORT <const> = "report.html"
local COVER <const> = "cover.jpg" -- the thumbnail of the first photo

function Trainings:get(id)
  for _, record in ipairs(self.list) do
    if record.id == id then return record end
  end
  error("This training is not known here.", 0)
end

--- The thumbnail of a training's first photo.
---@param id string
---@return table?
function Trainings:cover(id)
  local path = self.app.folder:at("trainings", id, COVER)
  local size = lfs.attributes(path, "size")
  return size and { path = path, size = size, type = "image/jpeg" }
end

function Trainings:count_active()
  local count = 0
  for _, record in ipairs(self.list) do count = count + (record.task and 1 or 0) end
  return count
end

--- Whether a paid request is under way, or the id in its response is not saved yet.
---@return boolean
function Trainings:is_paying()
  for _, record in ipairs(self.list) do
    local task = record.task
    local is_unsaved = task and task.task_id and task.task_id ~= record.task_id
    if task and (is_unsaved or task:status().stage == "submitting") then return true end
  end
  return false
end

local function save(self, record)
  self.app.folder:save("trainings/" .. record.id .. "/training.json", training_record.saved(record))
end

-- A failure is only shown: the task is paid for, and continues.
local function keep(self, record)
  record.unsaved = not self.app:try(save, self, record)
end

--- Writes what could not be written before.
function Trainings:save_again()
  for _, record in ipairs(self.list) do
    if record.unsaved then keep(self, record) end
  end
end

-- {====== watching ======

local function ended(self, record, client, value, err)
  record.task = nil
  if self.app.stopped or client ~= self.app.session.client then
    return -- only our wait has ended
  end
  training_record.set_end(record, value, err)
  keep(self, record)
  self.app:touch "trainings"
  self.app.session:refresh()
  self.app.models:refresh()
end

local function follow(self, record, task, client)
  for status in task:updates(1) do
    local is_new = status.task_id and status.task_id ~= record.task_id
    training_record.set_status(record, status)
    if is_new then
      keep(self, record)
      self.app:spawn(function() self.app.session:refresh() end)
    end
    self.app:touch "trainings"
  end
  ended(self, record, client, task:result())
end

local function watch(self, record, task, client)
  record.task, record.error, record.ended_at = task, nil, nil
  self.app:touch "trainings"
  self.app:spawn(follow, self, record, task, client)
end

local function train(self, record, again)
  local client = self.app.session:connected()
  local form = training_record.form(record, self.app.folder)
  form.again = again or nil
  watch(self, record, client:train(form), client)
end

-- Whether the journal knows the task of a training: then it is watched through the journal, which
-- notes its end.
local function is_recorded(self, task_id)
  local batch <close> = novita.batch { journal = self.app.session.journal, read_only = true }
  for job in batch and batch:jobs() or function() end do
    if job.task_id == task_id then return true end
  end
  return false
end

local function watch_again(self, record)
  local client = self.app.session:connected()
  if is_recorded(self, record.task_id) then
    train(self, record)
  else
    watch(self, record, client:attach(record), client)
  end
end

-- }======

-- {====== starting ======

local function link_photos(self, record, photos)
  local folder = "trainings/" .. record.id
  self.app.folder:make(folder)
  if photos[1].thumb then
    lfs.link(photos[1].thumb.path, self.app.folder:at(folder, COVER))
  end
  for index, photo in ipairs(photos) do
    local file = ("%03d.%s"):format(index, photo.format)
    local linked, why = lfs.link(photo.path, self.app.folder:at(folder, file))
    if not linked then
      error(("%s cannot be kept: %s"):format(photo.name, why), 0)
    end
    record.photos[index] = { file = file, caption = photo.caption, crop = photo.crop }
  end
end

local function signature_of(self, form, photos)
  local used = json.list {}
  for index, photo in ipairs(photos) do
    used[index] = { id = photo.id, caption = photo.caption, crop = photo.crop }
  end
  local text = json.encode { form = form, photos = used, service = self.app.session.service }
  return core.sha256():add(text):hex()
end

local function photos_of(app)
  local photos = app.photos.list
  if not photos[1] then
    error("Add photos first.", 0)
  end
  for _, photo in ipairs(photos) do
    if photo.error then
      error(("%s cannot be used: remove it first."):format(photo.name), 0)
    end
  end
  return photos
end

-- The same training: in progress, or it has its model.
local function earlier(self, signature)
  for _, record in ipairs(self.list) do
    if record.signature == signature and (record.task or record.stage == "serving") then
      return record
    end
  end
end

local function trained(record)
  return errors.new { kind = "file", code = "trained", message = ("These photos and settings are "
    .. "trained already: the model is %s."):format(record.model_name) }
end

local function start_new(self, form, signature, photos, again)
  local record = training_record.new { id = self.app.folder.new_id(), form = form,
    signature = signature, service = self.app.session.service }
  table.insert(self.list, 1, record)
  local ok, err = pcall(function()
    link_photos(self, record, photos)
    save(self, record)
    train(self, record, again)
  end)
  if not ok then
    table.remove(self.list, 1)
    self.app.folder:remove("trainings/" .. record.id)
    error(err, 0)
  end
  return record
end

--- Starts the training of the setup, which costs money. The same training in progress is not
--- started again; one that has its model only with `again`. Another tab may have changed the setup
--- since the page has shown it: `seen` is the signature of what was confirmed.
---@param given { again?: boolean, seen?: string }
---@return table? started
---@return novita.Error? err
function Trainings:start(given)
  self.app.session:connected()
  if given.seen and given.seen ~= self.app.setup:order().signature then
    error("Photos or settings were changed meanwhile, perhaps in another tab: confirm again.", 0)
  end
  local form, photos = forms.training(self.app.setup.settings), photos_of(self.app)
  local signature = signature_of(self, form, photos)
  local same = earlier(self, signature)
  if same and same.task then
    return { id = same.id }
  elseif same and not given.again then
    return nil, trained(same)
  end
  return { id = start_new(self, form, signature, photos, given.again).id }
end

--- Continues a training that was interrupted. It is paid for if it was not yet.
---@param id string
---@param again? boolean pay for one more, although an earlier one may exist
function Trainings:continue(id, again)
  local record = self:get(id)
  self.app.session:connected()
  if record.service ~= self.app.session.service then
    error("This training belongs to another service.", 0)
  elseif not record.task then
    train(self, record, again)
  end
end

--- Watches the trainings of an earlier run that the service has. The others wait for the user.
function Trainings:resume()
  for _, record in ipairs(self.list) do
    local ours = record.service == self.app.session.service and not record.task
    if ours and record.task_id and not training_record.has_ended(record) then
      watch_again(self, record)
    end
  end
  self:refresh()
end

-- }======

--- Writes a page about a training that was started here: its photos, with crops, captions and
--- findings.
---@param id string
---@return { id: string }
function Trainings:report(id)
  local record = self:get(id)
  local form = training_record.form(record, self.app.folder)
  local set = assert(novita.dataset(form.images))
  local page = assert(set:contact_sheet { format = "html", title = form.name,
    check = { prepare = { size = form.size }, prompt = form.instance_prompt } })
  self.app.folder:write(self.app.folder:at("trainings", id, REPORT), page)
  return { id = id }
end

--- The page that `report` has written.
---@param id string
---@return table?
function Trainings:report_file(id)
  local path = self.app.folder:at("trainings", id, REPORT)
  local size = lfs.attributes(path, "size")
  return size and { path = path, size = size, type = "text/html; charset=utf-8",
    name = "training-" .. id .. ".html" }
end

--- Asks for the trainings of the account.
function Trainings:refresh()
  local client, found = self.app.session.client, {}
  if not client then
    return
  end
  for listed in client.trainings:list { page_size = PAGE } do
    found[#found + 1] = listed
    if #found == LISTED_MOST then break end
  end
  self.account = found
  self.app:touch "trainings"
end

--- Forgets the trainings of an account that is not used any more.
function Trainings:clear()
  self.account = {}
  self.app:touch "trainings"
end

--- Forgets a training that is not in progress: its copy of the photos is removed. Its model stays
--- at the service, and the journal still knows that it was paid for.
---@param id string
function Trainings:forget(id)
  local record = self:get(id)
  if record.task then
    error("This training is in progress.", 0)
  end
  for index, one in ipairs(self.list) do
    if one == record then table.remove(self.list, index) end
  end
  self.app.folder:remove("trainings/" .. id)
  self.app:touch "trainings"
end

---@return table
function Trainings:view()
  local ours, others, known = json.list {}, json.list {}, {}
  for index, record in ipairs(self.list) do
    ours[index] = training_record.view(record, self.app.session.service)
    known[record.task_id or ""] = true
  end
  for _, listed in ipairs(self.account) do
    if not known[listed.task_id] then
      others[#others + 1] = training_record.listed_view(listed)
    end
  end
  return { ours = ours, others = others }
end

local trainings = {}

-- The emulator of an earlier run is gone, and its trainings with it.
local function load(self)
  for id in lfs.dir(self.app.folder:at "trainings") do
    local saved = id:find "^%x+$" and self.app.folder:load("trainings/" .. id .. "/training.json")
    if saved and saved.service ~= "emulator" then
      self.list[#self.list + 1] = training_record.load(saved, id)
    elseif id:find "^%x+$" then
      self.app.folder:remove("trainings/" .. id)
    end
  end
  table.sort(self.list, function(a, b) return a.created_at > b.created_at end)
end

---@param app novita.playground.App
---@return novita.playground.Trainings
function trainings.open(app)
  local self = setmetatable({ app = app, list = {}, account = {} }, Trainings)
  load(self)
  return self
end

return trainings
