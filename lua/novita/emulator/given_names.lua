--- The name of a task as the service gives it back, which may differ from the name that was sent.

local ascii = require "novita.base.ascii"

-- Per combining mark: letters without it and with it, in turn.
local COMPOSED = {
  ["\u{300}"] = "AÀEÈIÌOÒUÙNǸaàeèiìoòuùnǹ",
  ["\u{301}"] = "AÁCĆEÉGǴIÍLĹNŃOÓRŔSŚUÚYÝZŹaácćeégǵiílĺnńoórŕsśuúyýzź",
  ["\u{302}"] = "AÂCĈEÊGĜHĤIÎJĴOÔSŜUÛWŴYŶaâcĉeêgĝhĥiîjĵoôsŝuûwŵyŷ",
  ["\u{303}"] = "AÃIĨNÑOÕUŨaãiĩnñoõuũ",
  ["\u{304}"] = "AĀEĒIĪOŌUŪaāeēiīoōuū",
  ["\u{306}"] = "AĂEĔGĞIĬOŎUŬaăeĕgğiĭoŏuŭ",
  ["\u{307}"] = "CĊEĖGĠIİZŻcċeėgġzż",
  ["\u{308}"] = "AÄEËIÏOÖUÜYŸaäeëiïoöuüyÿ",
  ["\u{30A}"] = "AÅUŮaåuů",
  ["\u{30B}"] = "OŐUŰoőuű",
  ["\u{30C}"] = "CČDĎEĚNŇRŘSŠTŤZŽcčdďeěnňrřsštťzž",
  ["\u{327}"] = "CÇGĢKĶLĻNŅRŖSŞTŢcçgģkķlļnņrŗsştţ",
  ["\u{328}"] = "AĄEĘIĮUŲaąeęiįuų",
}

local function pairs_of(mark, letters, into)
  for plain, marked in letters:gmatch("(.)(" .. utf8.charpattern .. ")") do
    into[plain .. mark] = marked
  end
end

local composed = {}
for mark, letters in pairs(COMPOSED) do pairs_of(mark, letters, composed) end

local LONGEST = 64 -- bytes of a name that is cut

local change = {}

function change.as_sent(name)
  return name
end

--- Whole characters only: half of one is not JSON.
function change.cut(name)
  if #name <= LONGEST then return name end
  local last = LONGEST
  while last > 0 and name:byte(last + 1) & 0xC0 == 0x80 do last = last - 1 end
  return name:sub(1, last)
end

--- The composed form (NFC) of Latin letters with a mark; other scripts stay as they are.
function change.nfc(name)
  return (name:gsub("[A-Za-z][\xCC\xCD][\x80-\xBF]", composed))
end

function change.lower(name)
  return ascii.lower(name)
end

local given_names = {}

---@param state novita.emulator.State
---@param task table
---@return string
function given_names.of(state, task)
  return change[state.options.given_names](task.name)
end

return given_names
