--- The one place that touches picture files.

local pictures = {}

local SIGNATURES = { "^\137PNG\r\n\26\n", "^\255\216\255", "^RIFF....WEBP" }

--- Why an uploaded file cannot be used for training.
---@param asset table
---@return string? why nil where it can
function pictures.fault_of(asset)
  if asset.seen then return asset.seen.why end
  if asset.uploads == 0 then return "was never uploaded" end
  for _, signature in ipairs(SIGNATURES) do
    if asset.bytes and asset.bytes:find(signature) then return nil end
  end
  return "is not an image"
end

function pictures.compose()
  error("no pictures yet")
end

return pictures
