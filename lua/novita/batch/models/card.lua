--- The card of a model: a JSON file beside its file that says how it was made, so that the same job
--- can be planned again years later, at any service, and the file can be checked. It has no key and
--- no link. novita.cards reads it.

local json = require "novita.json"
local names = require "novita.batch.models.names"
local small_file = require "novita.batch.models.small_file"
local units_per_usd = require "novita.base.units_per_usd"

local card = {
  VERSION = 1, -- of the format
}

-- One line for each, in this order.
local FIELDS <const> = { "card", "name", "task_type", "model_name", "file", "bytes", "sha256",
  "service", "batch", "task_id", "task_name", "novita", "times", "price", "request", "prepare",
  "crop", "photos" }

local TIMES <const> = { "planned_at", "started_at", "submitted_at", "ended_at" }

-- The folder of the photos, if the job was planned with one; otherwise the path of each photo.
local function path_of(params, position, name)
  local images = params.images
  if type(images) == "string" then
    return name and images .. "/" .. name
  end
  local item = type(images) == "table" and images[position]
  return type(item) == "table" and item.path or type(item) == "string" and item or nil
end

-- The photos in the order of the request. One that was given as an id has only that.
local function photos_of(params, body, uploaded)
  local list = {}
  for position, item in ipairs(body.image_dataset_items or {}) do
    local photo = uploaded[position] or {}
    list[position] = { name = photo.name, path = path_of(params, position, photo.name),
      sha256 = photo.hash, crop = photo.crop, assets_id = item.assets_id }
  end
  return list
end

local function times_of(job, now)
  local times = { kept_at = now }
  for _, name in ipairs(TIMES) do
    times[name] = job[name]
  end
  return times
end

---@class novita.batch.CardFacts
---@field service string
---@field batch string the id
---@field now number unix seconds
---@field price? { units: number, uncertain: number } if a run with a budget has seen it

--- The card of a job.
---@param job novita.batch.Row that serves
---@param kept novita.batch.KeptModel
---@param request { body: table, version: string } what was paid for
---@param uploaded table<integer, novita.batch.Photo>
---@param facts novita.batch.CardFacts
---@return table
function card.of(job, kept, request, uploaded, facts)
  return {
    card = card.VERSION,
    name = job.name,
    task_type = job.task_type,
    model_name = job.model_name,
    file = kept.path:match "[^/]*$",
    bytes = kept.bytes,
    sha256 = kept.sha256,
    service = facts.service,
    batch = facts.batch,
    task_id = job.task_id,
    task_name = job.task_name,
    novita = request.version,
    times = times_of(job, facts.now),
    price = facts.price and { usd = facts.price.units / units_per_usd,
      uncertain_usd = facts.price.uncertain / units_per_usd } or nil,
    request = request.body,
    prepare = job.params.prepare,
    crop = job.params.crop,
    photos = photos_of(job.params, request.body, uploaded),
  }
end

--- The card as text, with one field on each line.
---@param made table
---@return string
function card.text(made)
  local lines = {}
  for _, name in ipairs(FIELDS) do
    if made[name] ~= nil then
      lines[#lines + 1] = ("  %s: %s"):format(json.encode(name), json.encode(made[name]))
    end
  end
  return "{\n" .. table.concat(lines, ",\n") .. "\n}\n"
end

--- Whether a file has its card already, to which programs and people may have added something.
---@param kept novita.batch.KeptModel
---@return boolean
function card.is_of(kept)
  local file <close> = io.open(names.beside(kept.path, ".json"), "rb")
  local made = file and json.decode(file:read "a" or "")
  return type(made) == "table" and made.card == card.VERSION and made.sha256 == kept.sha256
end

--- Saves a card beside the file of its model.
---@param made table
---@param model_path string
---@param loop novita.async.Loop
---@return true?
---@return novita.Error? err
function card.save(made, model_path, loop)
  return small_file(names.beside(model_path, ".json"), card.text(made), loop)
end

return card
