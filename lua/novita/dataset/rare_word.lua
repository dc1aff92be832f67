--- Finds the word of a prompt that has no meaning yet, such as ohwx, by which the model will know
--- its subject.

local ascii = require "novita.base.ascii"

local rare_word = {}

local common = {}
for word in ([[
  a an the this that my our his her its their one in on at by with and or for to of from up
  photo photograph picture image portrait closeup close shot selfie snapshot studio full body face
  head person people human man woman men women boy girl child kid baby lady guy male female adult
  dog cat pet puppy kitten horse bird animal car bike toy doll house room chair shoe bag bottle
  style painting drawing illustration art artwork sketch color colour black white
  old young new small big beautiful smiling happy]]):gmatch "%S+" do
  common[word] = true
end

local function words_of(text)
  return ascii.lower(text):gmatch "[%w\128-\255]+"
end

--- The only uncommon word of a prompt; nil if it has none or several: then it is unclear which.
---@param prompt string
---@return string?
function rare_word.of(prompt)
  local found
  for word in words_of(prompt) do
    if not common[word] and word ~= found then
      if found then
        return nil
      end
      found = word
    end
  end
  return found
end

--- Whether every word of a prompt has a meaning already.
---@param prompt string
---@return boolean
function rare_word.is_missing(prompt)
  for word in words_of(prompt) do
    if not common[word] then
      return false
    end
  end
  return true
end

--- Whether a text has the word.
---@param text string
---@param word string
---@return boolean
function rare_word.is_in(text, word)
  for other in words_of(text) do
    if other == word then
      return true
    end
  end
  return false
end

return rare_word
