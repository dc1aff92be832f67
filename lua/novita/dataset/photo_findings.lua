--- Finds problems of one prepared photo: its size, sharpness, exposure and crop.

local photo_findings = {}

local function check_size(add, facts, o)
  if facts.scale > o.max_scale then
    add("too_small", "is too small: %d x %d pixels are enlarged %.2f times to %d x %d",
      facts.source_width, facts.source_height, facts.scale, facts.width, facts.height)
  end
end

local function check_focus(add, facts, o)
  if facts.sharpness < o.min_sharpness then
    add("blurred", "is blurred: its sharpness is %.0f, sharp photos have %g and more",
      facts.sharpness, o.min_sharpness)
  end
end

local function check_exposure(add, facts, o)
  if facts.brightness < o.min_brightness then
    add("dark", "is dark: its mean brightness is %.0f %%, below %.0f %%",
      facts.brightness * 100, o.min_brightness * 100)
  elseif facts.dark > o.max_dark then
    add("dark", "is dark: %.0f %% of it are black, above %.0f %%",
      facts.dark * 100, o.max_dark * 100)
  elseif facts.brightness > o.max_brightness then
    add("over_exposed",
      "is over-exposed: its mean brightness is %.0f %%, above %.0f %%", facts.brightness * 100,
      o.max_brightness * 100)
  elseif facts.bright > o.max_bright then
    add("over_exposed", "is over-exposed: %.0f %% of it are white, above %.0f %%",
      facts.bright * 100, o.max_bright * 100)
  end
end

-- A box that a person chose is intended, so it is not reported.
local function check_crop(add, facts, o)
  local chosen = facts.crop and facts.crop.choice == "box"
  local shown = facts.width * facts.height / facts.scale ^ 2
  local lost = 1 - shown / (facts.source_width * facts.source_height)
  if (o.prepare.fit or "cover") == "cover" and not chosen and lost > o.max_crop then
    add("cropped", "loses %.0f %% to the crop: %d x %d pixels become %d x %d",
      lost * 100, facts.source_width, facts.source_height, facts.width, facts.height)
  end
end

--- Checks one photo.
---@param facts novita.Prepared
---@param o novita.ReportOptions in force
---@return { code: string, reason: string }[]
function photo_findings.of(facts, o)
  local found = {}
  local function add(code, text, ...)
    found[#found + 1] = { code = code, reason = text:format(...) }
  end
  check_size(add, facts, o)
  check_crop(add, facts, o)
  check_focus(add, facts, o)
  check_exposure(add, facts, o)
  return found
end

return photo_findings
