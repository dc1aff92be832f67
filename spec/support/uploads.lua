--- Shared by the specs of uploads.

local support = require "support.client"

local shared = {}

function shared.bytes_of(number, size)
  return (("photo %d "):format(number)):rep(size // 8)
end

function shared.source(number, size)
  return { bytes = shared.bytes_of(number, size or 4000), extension = "jpeg" }
end

-- For client:upload, which reads the format from the header: a photo with bytes after its end.
function shared.photo(number, size)
  return { bytes = support.photo(1) .. shared.bytes_of(number, size or 4000) }
end

function shared.ids_of(task)
  local photos, err = task:wait(20)
  if not photos then
    return nil, err
  end
  local ids = {}
  for i, item in ipairs(photos) do
    ids[i] = item.assets_id
  end
  return ids
end

return shared
