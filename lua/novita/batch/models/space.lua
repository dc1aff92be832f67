--- Whether the models of a batch have space in their folder. It is checked before each payment: a
--- model that cannot be kept should not be paid for.
--
-- The size of a model is known only when it is there. Until then it is estimated by the rank and
-- the family of base models; afterwards the largest model of the journal counts.

local ascii = require "novita.base.ascii"
local core = require "novita.core"
local errors = require "novita.base.error"
local files = require "novita.dataset.files"
local lfs = require "lfs"

local MB <const> = 1e6
local RANK <const> = 32 -- of a job that names none: what a service uses then is not published
local PER_RANK <const> = 1.2 * MB -- of a LoRA with all layers, as halves
local PER_RANK_XL <const> = 5.5 * MB

local space = {}

--- The expected size of the model of a job.
---@param params table of the job
---@return number bytes
function space.estimate(params)
  local base = ascii.lower(tostring(params.base_model or ""))
  local rank = math.tointeger(params.lora_r) or RANK
  return rank * (base:find("xl", 1, true) and PER_RANK_XL or PER_RANK)
end

--- Bytes for people.
---@param bytes number
---@return string
function space.text(bytes)
  if bytes >= 1000 * MB then
    return ("%.1f GB"):format(bytes / (1000 * MB))
  end
  return ("%.0f MB"):format(math.max(bytes / MB, 1))
end

--- How much space a folder has, or will have when it is created.
---@param folder string absolute
---@return number? bytes nil if that cannot be known
function space.free(folder)
  while not lfs.attributes(folder, "mode") and #folder > 1 do
    folder = folder:match "^(.+)/[^/]*$" or "/"
  end
  return (core.free_space(folder))
end

--- Whether some models fit. The folder exists.
---@param folder string
---@param count integer models that are not kept yet
---@param size number bytes of each
---@return true?
---@return novita.Error? err code "no_space"
function space.check(folder, count, size)
  local free, err = core.free_space(folder)
  if not free then
    return nil, err
  elseif free >= count * size then
    return true
  end
  return nil, errors.new {
    kind = "file",
    code = "no_space",
    message = ("%s has %s free, and %s about %s: free some, or give another folder (--models, "
      .. "models = ...); nothing more is paid for"):format(files.shown(folder), space.text(free),
      count == 1 and "1 model needs" or ("%d models need"):format(count),
      space.text(count * size)),
  }
end

return space
