--- Warns of a prompt that does not fit the models, before images are paid for: one without the rare
--- word that a model was trained with, or one with that word and without the model. The journals of
--- the current folder know the words; of other trainings nothing is said.

local beside = require "novita.batch.journal.beside"
local catch_journal = require "novita.batch.catch_journal"
local model_names = require "novita.forms.model_names"
local rare_word = require "novita.dataset.rare_word"

local JOBS_MOST <const> = 200 -- of one journal

local function word_of(job)
  local prompt = job.model_name and job.params.instance_prompt
  return type(prompt) == "string" and rare_word.of(prompt) or nil
end

local function search(journal, found)
  local count = 0
  for job in journal:jobs { stage = "serving" } do
    local word = word_of(job)
    if word then
      found(job.name, model_names.stem(job.model_name), word)
    end
    count = count + 1
    if count == JOBS_MOST then
      break
    end
  end
end

-- Calls `found(name, model, word)` for each training with a rare word. A damaged journal says so
-- when it is used: it must not keep these images from being made.
local function each_training(found)
  for journal in beside.journals "" do
    catch_journal(search, journal, found)
  end
end

local function without_word(name, word)
  return ("the prompt does not have %s, the rare word of the training %s: without it, the model "
    .. "does not know what to show"):format(word, name)
end

local function without_model(name, word)
  return ("the prompt has %s, the rare word of the training %s, but there is no --model: add "
    .. "--model %s"):format(word, name, name)
end

local trained_words = {}

--- The warnings about a prompt.
---@param prompt string
---@param loras? { model_name: string }[]
---@return string[]
function trained_words.warnings(prompt, loras)
  local used, texts, seen = {}, {}, {}
  for _, lora in ipairs(loras or {}) do
    used[model_names.stem(lora.model_name)] = true
  end
  each_training(function(name, model, word)
    local has_word, text = rare_word.is_in(prompt, word), nil
    if used[model] and not has_word then
      text = without_word(name, word)
    elseif not next(used) and has_word then
      text = without_model(name, word)
    end
    texts[#texts + 1] = not seen[word] and text or nil
    seen[word] = seen[word] or text
  end)
  return texts
end

return trained_words
