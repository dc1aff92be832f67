--- Uploaded photos, each in a file. A photo is acknowledged when it is on the disk.

local crypto = require("novita.service.core").crypto
local files = require "novita.server.files"
local identifiers = require "novita.service.identifiers"

local photos = {}

--- Why a key may upload no more photos. Some are removed by their age, so the client waits and asks
--- again.
---@param engine novita.server.Engine
---@param account integer
---@return novita.service.Refusal? refusal
function photos.refusal(engine, account)
  local used = engine.store:photo_bytes(account)
  return used >= engine.options.photo_limit and { status = 429, reason = "RATE_LIMIT_EXCEEDED",
    message = ("the photos of this key take %.3g GB, the limit of this server"):format(used / 1e9) }
    or nil
end

--- Whether a photo fits under the limit of its key; it may replace an earlier one.
---@param engine novita.server.Engine
---@param asset table
---@param size integer
---@return boolean
function photos.fit(engine, asset, size)
  return engine.store:photo_bytes(asset.account) - (asset.size or 0) + size
    <= engine.options.photo_limit
end

---@param engine novita.server.Engine
---@param account integer
---@param extension string
---@return table asset
function photos.create(engine, account, extension)
  local id = identifiers.hex()
  local asset = { id = id, response_id = id, account = account, extension = extension,
    path = ("/training-dataset/prod/%s.%s"):format(id, extension), created_at = engine:now() }
  engine.store:add_asset(asset)
  return asset
end

---@param engine novita.server.Engine
---@param asset table
---@return string
function photos.file(engine, asset)
  return ("%s/photos/%s"):format(engine.folder, asset.id)
end

local function put(engine, asset, upload)
  local file = photos.file(engine, asset)
  if not upload.file then
    return files.replace(file, upload.bytes)
  end
  local done, err = files.sync(upload.file)
  if not done then
    return nil, err
  end
  return files.rename(upload.file, file)
end

---@param engine novita.server.Engine
---@param asset table
---@param upload novita.service.Upload
---@return string? etag nil if it cannot be written, or must not
function photos.store(engine, asset, upload)
  if not photos.fit(engine, asset, upload.size) or not put(engine, asset, upload) then
    return nil
  end
  engine.store:set_uploaded(asset.id, upload.size)
  local _, md5 = crypto.file_digests(photos.file(engine, asset))
  return ('"%s"'):format(crypto.hex(md5))
end

--- The photos of a training for its folder.
---@param engine novita.server.Engine
---@param account integer
---@param body table
---@return novita.server.TaskPhoto[]? photos
---@return string? why one cannot be used
function photos.of(engine, account, body)
  local list = {}
  for i, item in ipairs(body.image_dataset_items) do
    local asset = engine.store:asset(account, item.assets_id)
    if not asset then
      return nil, ("asset %s does not exist"):format(item.assets_id)
    elseif not asset.size then
      return nil, ("asset %s was not uploaded"):format(item.assets_id)
    end
    list[i] = { file = photos.file(engine, asset), caption = item.caption,
      extension = asset.extension == "jpeg" and "jpg" or asset.extension }
  end
  return list
end

return photos
