--- Writes the starting corpus of the fuzz targets: tiny files of every kind that the decoders
--- know, made by ourselves.
--   LUA_PATH="lua/?.lua;lua/?/init.lua;spec/?.lua;;" LUA_CPATH="build/?.so;;" \
--     lua5.4 spec/fuzz/corpus/make.lua

local files = require "support.files"
local heif = require "support.image.heif"
local icc = require "support.icc"
local noise = require "support.noise"
local safetensors = require "support.safetensors"
local Canvas = require "novita.image.canvas"

local here = arg[0]:match "^(.*/)" or "./"

local function write(folder, name, bytes)
  local file = assert(io.open(("%s%s/%s"):format(here, folder, name), "wb"))
  file:write(bytes)
  file:close()
end

local p3 = icc.rgb(icc.primaries.p3, "srgb")
local adobe = icc.rgb(icc.primaries.adobe, 2.2)
local gray = icc.gray(1.8)
local cmyk = icc.cmyk(function(c, m, y, k)
  return 100 - 25 * (c + m + y + k), 20 * (m - c), 20 * (y - m)
end)
local rgb = assert(Canvas.new(9, 7, 3, noise.bytes(9 * 7 * 3, 1)))
local rgba = assert(Canvas.new(9, 7, 4, noise.bytes(9 * 7 * 4, 2)))
local jpeg = assert(rgb:encode { quality = 60 })

local function write_all(folder, list)
  for name, bytes in pairs(list) do
    write(folder, name, bytes)
  end
end

local function fixture(name)
  return files.read("fixtures/" .. name)
end

local jpegs = {
  ["444.jpg"] = jpeg,
  ["420.jpg"] = assert(rgb:encode { quality = 60, chroma = 420 }),
  ["turned.jpg"] = files.jpeg_with_exif(jpeg, files.exif(6)),
  ["profile.jpg"] = icc.in_jpeg(jpeg, p3),
  ["parts.jpg"] = icc.in_jpeg(jpeg, p3, 200),
  ["ink.jpg"] = icc.in_jpeg(fixture "cmyk_adobe.jpg", cmyk),
}
for _, name in ipairs { "gray", "progressive", "ycck_adobe", "cmyk_plain", "arithmetic", "rgb" } do
  jpegs[name .. ".jpg"] = fixture(name .. ".jpg")
end

local function png(depth, type, row, more)
  local p = { width = 8, height = 2, depth = depth, type = type, rows = { row, row } }
  for name, value in pairs(more or {}) do
    p[name] = value
  end
  return files.png(p)
end

local palette = files.chunk("PLTE", noise.bytes(48, 3))
local pngs = {
  ["rgb.png"] = assert(rgb:encode { format = "png" }),
  ["rgba.png"] = assert(rgba:encode { format = "png" }),
  ["gray1.png"] = png(1, 0, "\xa5"),
  ["gray16.png"] = png(16, 0, noise.bytes(16, 4)),
  ["gray_alpha.png"] = png(8, 4, noise.bytes(16, 5)),
  ["palette.png"] = png(4, 3, "\1\35\69\103", { before = palette
    .. files.chunk("tRNS", "\0\255\128") }),
  ["key.png"] = png(8, 2, noise.bytes(24, 6), { before = files.chunk("tRNS", "\0\4\0\5\0\6") }),
  ["rgba16.png"] = png(16, 6, noise.bytes(64, 7)),
  ["interlaced.png"] = files.png { width = 9, height = 7, depth = 8, type = 2, interlace = true,
    rows = files.adam7(noise.bytes(189, 8), 9, 7, 3) },
  ["profile.png"] = icc.in_png(assert(rgba:encode { format = "png" }), p3),
  ["gray_profile.png"] = png(8, 0, noise.bytes(8, 9), { before = icc.iccp(gray) }),
  ["numbers.png"] = png(8, 2, noise.bytes(24, 1), { before = files.chunk("gAMA", "\0\1\x86\xa0")
    .. files.chunk("cHRM", string.pack(">I4I4I4I4I4I4I4I4", 31270, 32900, 68000, 32000, 26500,
      69000, 15000, 6000)) }),
  ["cicp.png"] = png(8, 2, noise.bytes(24, 1), { before = files.chunk("cICP", "\12\13\0\1") }),
  ["turned.png"] = png(8, 2, noise.bytes(24, 2), { after = files.chunk("eXIf", files.exif(8)) }),
}

local webp = assert(rgb:encode { format = "webp", quality = 50 })
local webps = {
  ["lossy.webp"] = webp,
  ["lossless.webp"] = assert(rgba:encode { format = "webp", lossless = true }),
  ["alpha.webp"] = assert(rgba:encode { format = "webp", quality = 50 }),
  ["turned.webp"] = files.webp_with_exif(webp, 9, 7, files.exif(5)),
  ["profile.webp"] = icc.in_webp(webp, 9, 7, adobe),
  ["animated.webp"] = fixture "animated.webp",
}

-- {====== HEIF: the coded images of the fixtures, arranged ======

local coded, hidden = heif.coded("photo.heic")[1], { width = 64, height = 64, hidden = true }
local function tile(change)
  local item = { type = coded.type, data = coded.data, config = coded.config }
  for _, fields in ipairs { hidden, change or {} } do
    for key, value in pairs(fields) do item[key] = value end
  end
  return item
end
local grid = { type = "grid", data = heif.grid(1, 2, 100, 64), width = 100, height = 64 }
local heifs = {
  ["turned.heic"] = heif.single(coded, { heif.clap(32, 20), heif.irot(1), heif.imir(1) }),
  ["colours.heic"] = heif.single(coded, { heif.nclx(12, 13, 6, true), heif.icc(p3) }),
  ["tiles.heic"] = heif.file { items = { grid, tile() },
    references = { { type = "dimg", from = 1, to = { 2, 2 } } } },
  ["many_references.heic"] = heif.file { items = { tile { hidden = false }, tile() },
    references = { { type = "thmb", from = 2, to = { 1, 1 } } } },
}
for _, name in ipairs { "photo.heic", "photo.avif", "alpha.heic", "alpha.avif", "ramp.heic",
  "ramp.avif" } do
  heifs[name] = fixture("heif/" .. name)
end

-- }======

local table_curve = {}
for i = 0, 16 do
  table_curve[i + 1] = (i / 16) ^ 2
end

local models = {
  kohya = safetensors.file(safetensors.kohya { rank = 1, alpha = 1, width = 768 },
    { ss_steps = "300" }),
  peft = safetensors.file({
    safetensors.tensor("base_model.model.a.lora_A.weight", "BF16", { 1, 3 }, 0x3f80),
    safetensors.tensor("base_model.model.a.lora_B.weight", "BF16", { 3, 1 }, 0x3f80),
  }, {}),
  mixed = safetensors.file {
    safetensors.tensor("b", "U8", { 3 }, 7), safetensors.tensor("c", "F64", { 2 }, 1.5),
    safetensors.tensor("d", "F32", { 0 }, 1), safetensors.tensor("e", "I32", {}, 1),
    safetensors.tensor("f", "F32", { 2, 1 }, 1 / 0),
  },
  escaped = safetensors.compose([[{"\u0061":{"shape":[2],"dtype":"F8_E4M3","data_offsets":[0,2]},
    "__metadata__":{"\u00e4\n":"\ud83d\ude00"}}]], "ab"),
}

-- LoRAs whose names can be converted
local convertible = {
  kohya = models.kohya,
  diffusers = safetensors.file({
    safetensors.tensor("unet.conv_in.lora_A.weight", "BF16", { 1, 3 }, 0x3f80),
    safetensors.tensor("unet.conv_in.lora_B.weight", "BF16", { 3, 1 }, 0x3f80),
    safetensors.tensor("unet.up_blocks.3.resnets.0.conv1.lora.down.weight", "F32", { 1, 2 }, 1),
    safetensors.tensor("unet.up_blocks.3.resnets.0.conv1.lora.up.weight", "F32", { 2, 1 }, 1),
  }, { lora_adapter_metadata = '{"unet.r":1,"unet.lora_alpha":1}' }),
  alphas = safetensors.file({
    safetensors.tensor("unet.conv_in.lora_A.weight", "BF16", { 1, 3 }, 0x3f80),
    safetensors.tensor("unet.conv_in.lora_B.weight", "BF16", { 3, 1 }, 0x3f80),
  }, { lora_adapter_metadata =
    '{"unet.lora_alpha":8,"unet.alpha_pattern":{"conv_in":2},"r":1,"lora_alpha":3}' }),
  sdxl = safetensors.file {
    safetensors.tensor("lora_unet_middle_block_2_in_layers_2.alpha", "F16", {}, 0x4000),
    safetensors.tensor("lora_unet_middle_block_2_in_layers_2.lora_down.weight", "F16", { 1, 2 },
      0x3c00),
    safetensors.tensor("lora_unet_middle_block_2_in_layers_2.lora_up.weight", "F16", { 2, 1 },
      0x3c00),
  },
}

local all = {
  safetensors = models,
  convert = convertible,
  jpeg = jpegs,
  png = pngs,
  webp = webps,
  heif = heifs,
  exif = { little = files.exif(6), big = files.exif(3, ">"), marked = "Exif\0\0" .. files.exif(8) },
  icc = { p3 = p3, adobe = adobe, gray = gray, cmyk = cmyk,
    table = icc.rgb(icc.primaries.srgb, table_curve),
    srgb = icc.rgb(icc.primaries.srgb, "srgb") },
}

for folder, list in pairs(all) do
  for name, bytes in pairs(list) do
    write(folder, name, bytes)
    if name:find "%." and folder ~= "heif" then
      write("prepare", name, string.char(12, 9, #name * 5, #bytes % 32) .. bytes)
    end
  end
end

-- A part of these is chosen after a look at them.
for i, bytes in ipairs { jpegs["420.jpg"], jpegs["turned.jpg"], jpegs["gray.jpg"], pngs["rgb.png"],
  webps["alpha.webp"] } do
  write("prepare", "chosen" .. i, string.char(30, 40, i % 3 * 4, 64) .. bytes)
end

-- {====== texts ======

local MODEL = '{"model_name":"m.safetensors","model_status":"SERVING"}'
local STATE = '{"task_id":"d6","task_status":"SUCCESS","models":[' .. MODEL
  .. '],"extra":{"eta_relative":1.5,"progress_percent":50}}'
local RESULT = '{"task":{"task_id":"t","status":"TASK_STATUS_SUCCEED","reason":"r","eta":1,'
  .. '"progress_percent":100},"images":[{"image_url":"https://x.example/1","image_url_ttl":"3600",'
  .. '"image_type":"png","nsfw_detection_result":{"valid":true,"confidence":1}}],'
  .. '"extra":{"seed":"3"}}'
local LINK = '{"assets_id":"3455","upload_url":"https://x.example/y?X-Amz-A=1","method":"PUT",'
  .. '"headers":{"Host":{"values":["x.example"]},"X-Amz-Acl":{"values":["private"]}}}'
local REFUSAL = '{"code":403,"reason":"INVALID_API_KEY","message":"m","metadata":{}}'

write_all("json", { state = STATE, result = RESULT, link = LINK,
  numbers = "[-0.5e-3,1e308,\"\\ud83d\\ude00\"]" })
write_all("task_status", { state = STATE, result = RESULT, refusal = REFUSAL,
  legacy = '{"code":3,"msg":"not found"}', wrapped = '{"code":0,"data":' .. STATE .. "}" })
write_all("presign", { link = LINK,
  wrapped = '{"code":0,"data":' .. LINK:gsub('"3455"', "3455") .. "}" })
write_all("origin", { https = "https://api.novita.ai", port = "https://x.example:8443/a?b=c#d",
  loopback = "http://127.0.0.1:1/", six = "http://[::1]:9/x", number = "http://2130706433/",
  mapped = "https://[::ffff:10.0.0.1]/", user = "https://a:b@c/", octal = "http://0177.0.0.1/" })

-- "name status" and the body: see spec/fuzz/responses.lua
local bodies = {
  find_model = '{"models":[{"id":1,"sd_name":"m.safetensors"}]}',
  webhook = '{"event_type":"ASYNC_TASK_RESULT","payload":' .. RESULT .. "}",
  succeeded_task = RESULT, failed_task = RESULT,
}
for _, case in ipairs(require "support.wire_cases") do bodies[case.name] = case.response end
for name, body in pairs(bodies) do
  write("responses", name, ("%s 200\n%s"):format(name, body))
  write("responses", name .. "_refused", ("%s 403\n%s"):format(name, REFUSAL))
end

local HEAD = "\nAuthorization: Bearer $KEY\nContent-Type: application/json\n\n"
local SUBJECT = '{"name":"a","base_model":"v1-5-pruned-emaonly","width":512,"height":512,'
  .. '"image_dataset_items":[{"assets_id":"$ASSET","caption":"x"}],"expert_setting":{'
  .. '"instance_prompt":"a","class_prompt":"b","max_train_steps":100,"seed":"7"},"components":'
  .. '[{"name":"resize","args":[{"name":"width","value":"512"},{"name":"height","value":"512"}]}]}'
local ORDER = '{"extra":{"webhook":{"url":"http://127.0.0.1:1/"}},"request":{"model_name":'
  .. '"realisticVisionV51_v51VAE_94301.safetensors","prompt":"a","width":128,"height":128,'
  .. '"image_num":1,"steps":5,"guidance_scale":7.5,"sampler_name":"Euler a","seed":7,"loras":[]}}'

-- What follows the path of each endpoint: a query, a body or both.
local queries = {
  get_subject = "?task_id=$TASK", get_style = "?task_id=$TASK", task_result = "?task_id=$IMAGE",
  list_trainings = "?pagination.limit=10&pagination.cursor=c_0&task_type=subject",
  list_models = "?filter.types=lora&filter.source=training&pagination.limit=5",
}
local sent = {
  presign = '{"file_extension":"png"}',
  create_subject = SUBJECT,
  create_style = SUBJECT:gsub('"class_prompt":"b",', ""),
  txt2img = ORDER,
  img2img = ORDER:gsub('"prompt"', '"image_base64":"aGk=","prompt"'),
}
local requests = {
  put = "PUT $PUT\nHost: 127.0.0.1:80\nContent-Length: 3\n\nabc",
  image = "GET $GET\nHost: 127.0.0.1:80\n\n",
}
for name, endpoint in pairs(require "novita.fields.endpoints") do
  requests[name] = ("%s %s%s%s%s"):format(endpoint.method, endpoint.path, queries[name] or "",
    HEAD, sent[name] or "")
end
write_all("emulator", requests)

-- }======

-- {====== a journal of pages as small as they can be ======

local journal = require "novita.batch.journal"
local path = os.tmpname()
local held = assert(journal.open(path))
held:plan {
  { key = "k1", name = "anna", task_name = "anna-1", task_type = "subject",
    params = '{"size":512}' },
  { key = "k2", name = "bo", task_name = "bo-2", task_type = "style",
    params = '{"task_type":"style"}' },
}
local job = held:next({ "planned" }, 0)
held:set(job, { stage = "failed", error = { kind = "api", code = "FAILED", message = "m" } }, {
  photos = { { source = "a.jpg", hash = "h", assets_id = "1", name = "a.jpg",
    crop = { x = 0, y = 8, width = 64, height = 64, choice = "center" } } },
  request = { body = { name = "anna" }, version = "1" },
})
held:close()
local database = assert(require("novita.batch.store.connection").open(path))
database:row "PRAGMA journal_mode = DELETE"
database:run "PRAGMA page_size = 512"
database:run "VACUUM"
database:close()
local file <close> = assert(io.open(path, "rb"))
write("journal", "two_jobs", file:read "a")
os.remove(path)
os.remove(path .. ".lock")

-- }======

-- pixels and options for the JPEGs of fuzz_planes, and bytes for the codes of fuzz_huffman
for i = 1, 6 do
  write("planes", "made" .. i, noise.bytes(60 * i, i))
  write("huffman", "bytes" .. i, noise.bytes(40 * i, i + 9))
  write("faces", "noise" .. i, noise.bytes(300 * i, i + 18))
end
