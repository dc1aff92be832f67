--- Finds problems of captions before a training is paid for.

local rare_word = require "novita.dataset.rare_word"

local TOKENS_MOST <const> = 75 -- that CLIP reads

local caption_findings = {}

-- CLIP splits a text into runs of letters, single digits and runs of other characters, and each
-- of these into one or more tokens. The count is therefore a lower bound: every reported caption is
-- too long, but some that are too long are not reported.
local function count_tokens(text)
  local count = 0
  for letters, others in text:gmatch "([A-Za-z\128-\255]*)([^A-Za-z\128-\255]*)" do
    count = count + (letters ~= "" and 1 or 0)
    for _ in others:gmatch "[0-9]" do
      count = count + 1
    end
    for _ in others:gmatch "[^0-9%s]+" do
      count = count + 1
    end
  end
  return count
end

local function count_lines(text)
  return 1 + select(2, text:gsub("\n", "")) + select(2, text:gsub("\r%f[^\r\n]", ""))
end

---@class novita.dataset.CaptionFinding
---@field code string
---@field reason string

--- Checks one caption.
---@param caption string
---@param word? string that it should have
---@return novita.dataset.CaptionFinding[]
function caption_findings.of(caption, word)
  local found = {}
  local function add(code, text, ...)
    found[#found + 1] = { code = code, reason = text:format(...) }
  end
  if word and not rare_word.is_in(caption, word) then
    add("caption_word", "has a caption without %s, the word of the prompt", word)
  end
  local tokens, lines = count_tokens(caption), count_lines(caption)
  if tokens > TOKENS_MOST then
    add("caption_long", "has a caption of at least %d tokens (an estimate): CLIP reads the "
      .. "first %d", tokens, TOKENS_MOST)
  end
  if lines > 1 then
    add("caption_lines", "has a caption of %d lines: many trainers read only the first", lines)
  end
  return found
end

--- Checks the captions of a set. The findings are keyed by the position of the photo.
---@param photos novita.DatasetItem[]
---@param prompt? string
---@return table<integer, novita.dataset.CaptionFinding[]>
function caption_findings.of_all(photos, prompt)
  local word = prompt and rare_word.of(prompt)
  local found, missing, with = {}, {}, 0
  for index, photo in ipairs(photos) do
    if photo.caption then
      with = with + 1
      found[index] = caption_findings.of(photo.caption, word)
    else
      missing[#missing + 1] = index
    end
  end
  for _, index in ipairs(with > 0 and missing or {}) do
    found[index] = { { code = "caption_missing", reason = "has no caption, but others have" } }
  end
  return found
end

return caption_findings
