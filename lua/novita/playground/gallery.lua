--- Generated images. An order costs money: it has an id from the page and is taken once. Its images
--- are saved in the folder as soon as they are there.

local forms = require "novita.playground.forms"
local json = require "novita.playground.json"
local lfs = require "lfs"

---@class novita.playground.Order
---@field id string
---@field created_at integer unix seconds
---@field params table as the page gave them
---@field state "generating"|"done"|"failed"|"interrupted"
---@field service string
---@field task_id? string
---@field seed? integer
---@field images { id: string, type: string }[]
---@field error? { message: string, code: string, ambiguous?: boolean }
---@field task? novita.Task while it is watched

---@class novita.playground.Gallery
---@field package app novita.playground.App
---@field package orders novita.playground.Order[] the newest first
---@field package unsaved? boolean they could not be written
local Gallery = {}
Gallery.__index = Gallery

local FILE <const> = "images/gallery.json"
local SHOWN_MOST <const> = 300 -- orders
local TYPES <const> = { png = true, jpeg = true, webp = true }

function Gallery:count_active()
  local count = 0
  for _, order in ipairs(self.orders) do count = count + (order.task and 1 or 0) end
  return count
end

--- Whether a paid request is under way, or the id in its response is not saved yet.
---@return boolean
function Gallery:is_paying()
  for _, order in ipairs(self.orders) do
    local task = order.task
    local is_unsaved = task and task.task_id and task.task_id ~= order.task_id
    if task and (is_unsaved or task:status().stage == "submitting") then return true end
  end
  return false
end

local KEPT <const> = { "id", "created_at", "params", "state", "service", "task_id", "seed",
  "images", "error" }

local function copy_of(order)
  local copy = {}
  for _, name in ipairs(KEPT) do copy[name] = order[name] end
  return copy
end

local function save(self)
  local all = json.list {}
  for index, order in ipairs(self.orders) do all[index] = copy_of(order) end
  self.app.folder:save(FILE, { orders = all })
  self.app:touch "gallery"
end

-- A failure is only shown: the task is paid for, and continues.
local function keep(self)
  self.unsaved = not self.app:try(save, self)
end

--- Writes what could not be written before.
function Gallery:save_again()
  if self.unsaved then keep(self) end
end

local function path_of(self, image)
  return self.app.folder:at("images", image.id .. "." .. image.type)
end

--- The file of an image.
---@param id string
---@return table?
function Gallery:file(id)
  for _, order in ipairs(self.orders) do
    for _, image in ipairs(order.images) do
      if image.id == id then
        local path = path_of(self, image)
        local size = lfs.attributes(path, "size")
        return size and { path = path, size = size, type = "image/" .. image.type,
          name = "image-" .. id .. "." .. image.type }
      end
    end
  end
end

-- {====== the images of an order ======

local function fail(self, order, err)
  order.state = "failed"
  order.error = { message = err.message, code = err.code, ambiguous = err.ambiguous }
  keep(self)
end

-- Images that cannot be kept here, as on a full disk, are still at the service: they are fetched
-- when the playground connects again.
local function postpone(self, order, why)
  for _, image in ipairs(order.images) do os.remove(path_of(self, image)) end
  order.images, order.state = json.list {}, "interrupted"
  order.error = { message = ("The images could not be kept: %s. The next start fetches them again.")
    :format(type(why) == "table" and why.message or tostring(why)), code = "file" }
  keep(self)
end

local function keep_images(self, order, generated)
  order.seed = generated.seed
  for _, one in ipairs(generated) do
    local image = { id = self.app.folder.new_id(),
      type = TYPES[one.image_type] and one.image_type or "png" }
    assert(one:save(path_of(self, image)))
    order.images[#order.images + 1] = image
    self.app:touch "gallery"
  end
  order.state = "done"
  save(self)
end

local function follow(self, order, client)
  for status in order.task:updates() do
    order.percent = status.progress_percent
    if status.task_id and not order.task_id then
      order.task_id = status.task_id
      keep(self)
    end
    self.app:touch "gallery"
  end
  local generated, err = order.task:result()
  order.task, order.percent = nil, nil
  if self.app.stopped or client ~= self.app.session.client then
    return
  elseif not generated then
    return fail(self, order, err)
  end
  local ok, why = pcall(keep_images, self, order, generated)
  if not ok then
    postpone(self, order, why)
  end
  self.app.session:refresh()
end

local function watch(self, order, task, client)
  order.task, order.state, order.error = task, "generating", nil
  keep(self)
  self.app:spawn(follow, self, order, client)
end

-- }======

local function find(self, id)
  for index, order in ipairs(self.orders) do
    if order.id == id then return order, index end
  end
end

local function params_of(self, given)
  local params = forms.images(given)
  if given.image_id then
    local file = self:file(tostring(given.image_id))
    if not file then
      error("The image to start from was deleted.", 0)
    end
    params.image, params.strength = file.path, tonumber(given.strength)
  end
  return params
end

-- An order is written before it is paid for, so that none is paid for and forgotten.
local function start(self, client, params, order)
  table.insert(self.orders, 1, order)
  local ok, task = pcall(function()
    save(self)
    return client:generate(params)
  end)
  if not ok then
    table.remove(self.orders, 1)
    pcall(save, self)
    error(task, 0)
  end
  watch(self, order, task, client)
end

--- Orders images. The same id is the same order.
---@param given table the params, and `order`: 16 hexadecimal digits
---@return { id: string }
function Gallery:generate(given)
  local client, id = self.app.session:connected(), tostring(given.order)
  if not id:find "^%x+$" or #id ~= 16 then
    error("The order needs an id.", 0)
  elseif not find(self, id) then
    local params = params_of(self, given)
    given.order = nil
    start(self, client, params, { id = id, created_at = os.time(), params = given,
      images = json.list {}, service = self.app.session.service, state = "generating" })
  end
  return { id = id }
end

--- Waits again for the images of an earlier run.
function Gallery:resume()
  local client = self.app.session:connected()
  for _, order in ipairs(self.orders) do
    if order.state == "interrupted" and order.task_id and not order.task
      and order.service == self.app.session.service then
      watch(self, order, client:attach { task_id = order.task_id, task_type = "image" }, client)
    end
  end
end

local function remove_order(self, order, index)
  if order.task then
    error("These images are being generated.", 0)
  end
  for _, image in ipairs(order.images) do os.remove(path_of(self, image)) end
  table.remove(self.orders, index)
end

local function remove_image(self, order, index, at)
  os.remove(path_of(self, order.images[at]))
  table.remove(order.images, at)
  if not order.images[1] and not order.task then
    table.remove(self.orders, index)
  end
end

--- Deletes an image, or an order with its images.
---@param id string of either
function Gallery:delete(id)
  local order, index = find(self, id)
  if order then
    remove_order(self, order, index)
    return save(self)
  end
  for which, one in ipairs(self.orders) do
    for at, image in ipairs(one.images) do
      if image.id == id then
        remove_image(self, one, which, at)
        return save(self)
      end
    end
  end
end

---@return table
function Gallery:view()
  local orders = json.list {}
  for index, order in ipairs(self.orders) do
    if index > SHOWN_MOST then break end
    orders[index] = copy_of(order)
    orders[index].percent = order.percent
  end
  return { orders = orders }
end

local gallery = {}

local function is_order(saved)
  return type(saved) == "table" and type(saved.id) == "string" and type(saved.images) == "table"
    and type(saved.params) == "table"
end

local function is_image(image)
  return type(image) == "table" and tostring(image.id):find "^%x+$" and TYPES[image.type]
end

-- Names in the file are used as paths only if they are ours.
local function load(self)
  local saved = self.app.folder:load(FILE) or {}
  for _, order in ipairs(type(saved.orders) == "table" and saved.orders or {}) do
    if is_order(order) then
      local images = json.list {}
      for _, image in ipairs(order.images) do
        if is_image(image) then images[#images + 1] = image end
      end
      order.images = images
      order.state = order.state == "generating" and "interrupted" or order.state
      self.orders[#self.orders + 1] = order
    end
  end
end

---@param app novita.playground.App
---@return novita.playground.Gallery
function gallery.open(app)
  local self = setmetatable({ app = app, orders = {} }, Gallery)
  load(self)
  return self
end

return gallery
