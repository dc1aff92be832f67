--- Requests of one kind have one price. A kind is a hash of all fields of a request that may change
--- its price. The service publishes no prices, so only names, texts, seeds and the photos
--- themselves count for nothing.

local core = require "novita.core"
local counted = require "novita.base.counted"
local encoder = require "novita.json.encode"

---@class novita.batch.PriceKind
---@field kind string 16 hex digits
---@field title string for people, without anything personal
---@field what "training"|"images"

local price_kind = {}

local function copy_without(fields, names)
  local copy = {}
  for name, value in pairs(fields) do
    copy[name] = value
  end
  for name in names:gmatch "%S+" do
    copy[name] = nil
  end
  return copy
end

local function hash_of(facts)
  local text = encoder.encode(facts, { keep_empty = true })
  return core.sha256():add(text):hex():sub(1, 16)
end

--- Of a training.
---@param training novita.TrainingPlan
---@param photos integer
---@return novita.batch.PriceKind
function price_kind.training(training, photos)
  local body = training.partial_body
  local facts = copy_without(body, "name image_dataset_items")
  facts.expert_setting = copy_without(body.expert_setting or {},
    "instance_prompt class_prompt seed")
  facts.photos, facts.task_type = photos, training.task_type
  local steps = facts.expert_setting.max_train_steps
  return { what = "training", kind = hash_of(facts), title = ("%s of %s, %d x %d%s, %s"):format(
    training.task_type, body.base_model, body.width, body.height,
    steps and (", %d steps"):format(steps) or "", counted(photos, "photo")) }
end

--- Of sample images.
---@param samples table the option
---@return novita.batch.PriceKind
function price_kind.images(samples)
  local facts = copy_without(samples, "folder prompt negative_prompt seed strength")
  return { what = "images", kind = hash_of(facts), title = ("%s with %s"):format(
    counted(samples.image_num or 1, "sample image"), samples.model_name) }
end

return price_kind
