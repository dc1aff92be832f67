--- Shared by the emulator's specs: requests through the program `curl`, independent of the
-- client under test.

local cjson = require("cjson").new()

local COMMAND = "curl -q -s --max-time 20 -o %s -D %s -w '%%{http_code} %%{time_total}' %s"

local helper = {}

local function read_file(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

local function quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

local function header_fields(text)
  local fields = {}
  local last = text:match(".*\r\n\r\n(HTTP.-)$") or text
  if text:find("^HTTP/1.1 100") then last = text:match("\r\n\r\n(.*)$") end
  for name, value in last:gmatch("\r\n([^:\r\n]+): ([^\r\n]*)") do fields[name:lower()] = value end
  return fields
end

--- Runs curl with `arguments`; returns exit (curl's code), status, headers, body, seconds.
function helper.curl(...)
  local words, body, head = {}, os.tmpname(), os.tmpname()
  for i, word in ipairs { ... } do words[i] = quote(word) end
  local pipe = assert(io.popen(COMMAND:format(body, head, table.concat(words, " "))))
  local status, seconds = pipe:read("a"):match("(%d+) ([%d.]+)")
  local _, _, code = pipe:close()
  local response = { exit = code, status = tonumber(status), seconds = tonumber(seconds),
    body = read_file(body), headers = header_fields(read_file(head)) }
  os.remove(body)
  os.remove(head)
  local ok, object = pcall(cjson.decode, response.body)
  response.json = ok and object or nil
  return response
end

local function with_bytes(bytes, use)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(bytes)
  file:close()
  local response = use(path)
  os.remove(path)
  return response
end

--- A call of the API with the service's key. `body` is a table or text; more curl words follow.
function helper.api(service, method, path, body, ...)
  local more = table.pack(...)
  local words = { "-X", method, "-H", "Authorization: Bearer " .. service.api_key, service.base_url
    .. path }
  table.move(more, 1, more.n, #words + 1, words)
  if body == nil then return helper.curl(table.unpack(words)) end
  local text = type(body) == "table" and cjson.encode(body) or body
  return with_bytes(text, function(file)
    return helper.curl("-H", "Content-Type: application/json", "--data-binary", "@" .. file,
      table.unpack(words))
  end)
end

--- PUTs bytes to a link.
function helper.put(url, bytes, ...)
  local more = table.pack(...)
  return with_bytes(bytes, function(file)
    return helper.curl("-T", file, url, table.unpack(more, 1, more.n))
  end)
end

--- Writes a file.
function helper.write(path, bytes)
  local file <close> = assert(io.open(path, "wb"))
  file:write(bytes)
end

local Canvas = require "novita.image.canvas"

--- A real PNG file; each number gives another one.
function helper.photo(number)
  local canvas = Canvas.new(64, 48, 3)
  canvas:fill(0, 0, 64, 48, number * 40 % 256, 90, 160)
  canvas:fill(number % 32, 10, 20, 20, 255, 255, 255)
  return assert(canvas:encode { format = "png" })
end

--- presign; returns the answer's fields
function helper.presign(service, extension)
  local response = helper.api(service, "POST", "/v3/assets/training_dataset",
    { file_extension = extension or "png" })
  assert(response.status == 200, response.body)
  return response.json
end

--- presign and PUT; returns the asset's id
function helper.upload(service, bytes)
  local asset = helper.presign(service)
  local response = helper.put(asset.upload_url, bytes)
  assert(response.status == 200, response.body)
  return asset.assets_id
end

--- A correct subject body for these assets; `change` may edit it.
function helper.subject(ids, change)
  local items = {}
  for i, id in ipairs(ids) do items[i] = { assets_id = id } end
  local body = {
    name = "t1", base_model = "v1-5-pruned-emaonly", width = 512, height = 512,
    image_dataset_items = items,
    expert_setting = { instance_prompt = "a close photo of ohwx man", class_prompt = "person",
      max_train_steps = 100 },
    components = { { name = "resize", args = {
      { name = "width", value = "512" }, { name = "height", value = "512" } } } },
  }
  if change then change(body) end
  return body
end

--- Creates a subject training of `count` photos; returns its id.
function helper.train(service, count, change)
  local ids = {}
  for i = 1, count or 1 do ids[i] = helper.upload(service, helper.photo(i)) end
  local response = helper.api(service, "POST", "/v3/training/subject", helper.subject(ids, change))
  assert(response.status == 200, response.body)
  return response.json.task_id
end

function helper.status(service, id, kind)
  return helper.api(service, "GET", "/v3/training/" .. (kind or "subject") .. "?task_id=" .. id)
end

--- Trains until the model serves; returns its name. The service must have speed = 0.
function helper.model(service, count)
  local id = helper.train(service, count)
  for _ = 1, 2 do service:advance(100) end
  local response = helper.status(service, id).json
  assert(response.models[1].model_status == "SERVING")
  return response.models[1].model_name, id
end

--- A correct txt2img body.
function helper.order(change)
  local body = { request = {
    model_name = "realisticVisionV51_v51VAE_94301.safetensors", prompt = "a photo of ohwx man",
    width = 256, height = 192, image_num = 2, steps = 20, guidance_scale = 7.5,
    sampler_name = "Euler a", seed = 7,
  } }
  if change then change(body.request, body) end
  return body
end

return helper
