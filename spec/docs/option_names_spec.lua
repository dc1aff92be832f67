-- Every table of options, params or filters that a public function takes refuses a mistyped name,
-- at the caller's line and with the right name. The functions and the names come from the
-- annotations, so a new function or option without a check is found here.

package.path = "tools/docs/?.lua;" .. package.path

local annotations = require "annotations"
local emulator = require "novita.emulator"
local fixtures = require "support.fixtures"
local novita = require "novita"
local pages = require "pages"

-- {====== what the annotations say ======

local classes, aliases = {}, {}

local function read_annotations()
  local pipe <close> = assert(io.popen "find lua -name '*.lua' | sort")
  for path in pipe:lines() do
    local _, found = annotations.read(path)
    for name, class in pairs(found) do
      classes[name] = class
    end
    local file <close> = assert(io.open(path))
    local text = file:read("a"):gsub("\n%-%-%- ", " "):gsub("\n%-%-%-|", "|")
    for name, written in text:gmatch "%-%-%-@alias (novita[%w_.]+) ([^\n]+)" do
      aliases[name] = written
    end
  end
end

read_annotations()

-- The alternatives of a type, which ends at a blank: then comes a description.
local function alternatives(written)
  local list, depth, from = {}, 0, 1
  for at = 1, #written + 1 do
    local char = written:sub(at, at)
    depth = depth + (char:find "^[%({<]" and 1 or char:find "^[%)}>]" and -1 or 0)
    if depth == 0 and (char == "|" or char == " " or char == "") then
      list[#list + 1] = written:sub(from, at - 1)
      from = at + 1
      if char ~= "|" then break end
    end
  end
  return list
end

-- Objects of the library, which no script writes as a table.
local objects = { ["novita.Client"] = true, ["novita.Dataset"] = true, ["novita.Loop"] = true,
  ["novita.Model"] = true, ["novita.Image"] = true, ["novita.Task"] = true,
  ["novita.core.prepare"] = true }

-- Tables that may have more fields: a box that a detector has found has a score.
local open = { ["novita.Crop"] = true }

local function fields_of(class, into)
  for _, field in ipairs(class.fields) do
    into[field.name] = field.type
  end
  for parent in class.parents:gmatch "[%w_.]+" do
    fields_of(classes[parent], into)
  end
  return into
end

-- The fields of "{ a: string, b?: { c: integer } }".
local function inline_fields(written)
  local fields, inner = {}, written:match "^{(.*)}$"
  local flat = inner:gsub("%b{}", function(braces) return "{" .. (" "):rep(#braces - 2) .. "}" end)
  for name, from in flat:gmatch "([%w_]+)%??: ()" do
    fields[name] = inner:sub(from):match "^%b{}" or inner:sub(from):match "^[^,]+"
  end
  return fields
end

local tables_in

-- What a type names: a list of { fields =, list =, class = }.
local function add_tables(written, list, found)
  local name = written:gsub("%[%]$", "")
  list = list or name ~= written
  if name:find "^%(.*%)$" then
    tables_in(name:sub(2, -2), list, found)
  elseif name:find "^{" then
    found[#found + 1] = { fields = inline_fields(name), list = list, class = name }
  elseif aliases[name] then
    tables_in(aliases[name], list, found)
  elseif classes[name] and not objects[name] and not open[name] then
    found[#found + 1] = { fields = fields_of(classes[name], {}), list = list, class = name }
  end
end

function tables_in(written, list, found)
  for _, alternative in ipairs(alternatives(written)) do
    add_tables(alternative, list, found)
  end
  return found
end

-- Calls `visit` with each table that a parameter of a public function can be, and with the name of
-- the function and the parameter, such as "client:train(form)".
local function each_table(visit)
  for _, page in ipairs(pages) do
    for _, part in ipairs(page.name ~= "core" and page.parts or {}) do
      for _, fn in ipairs((annotations.read(part.source))) do
        for _, param in ipairs(pages.is_public(part, fn) and fn.doc.params or {}) do
          local name, written = param:match "^([%w_.]+)%S* (.*)$"
          for _, found in ipairs(tables_in(written, false, {})) do
            visit(("%s(%s)"):format(pages.shown(part, fn), name), found)
          end
        end
      end
    end
  end
end

-- }======

-- {====== calls ======

local photo = "examples/photos/fig.png"
local source = { path = photo }
local service, client, batch, photos, model, image
local folder

local train = { task_type = "subject", name = "a", images = { photo }, size = 256,
  base_model = "v1-5-pruned-emaonly", instance_prompt = "a photo" }
local style = { task_type = "style", name = "a", images = { photo }, size = 256,
  base_model = "v1-5-pruned-emaonly" }
local text = { model_name = "m.safetensors", prompt = "a" }
local from_image = { model_name = "m.safetensors", prompt = "a", image = photo }

-- What a table must have before its other names are checked, by class or path.
local complete = {
  ["novita.SubjectParams"] = train,
  ["novita.StyleParams"] = style,
  ["novita.Txt2imgParams"] = text,
  ["novita.Img2imgParams"] = from_image,
  ["novita.ClientOptions"] = { api_key = "none" },
  ["novita.Component"] = { name = "resize" },
  ["novita.Webhook"] = { url = "https://example.org" },
  ["batch:run(options).samples"] = { folder = "x", model_name = "m.safetensors", prompt = "a" },
}

local calls = {
  ["novita.client(written)"] = function(o) return novita.client(o) end,
  ["client:train(form)"] = function(o) return client:train(o) end,
  ["client:generate(params)"] = function(o) return client:generate(o) end,
  ["client:attach(which)"] = function(o) return client:attach(o) end,
  ["client:upload(images)"] = function(o) return client:upload(o) end,
  ["client:request(extra)"] = function(o) return client:request("GET", "/v3/user", o) end,
  ["client:group(wanted)"] = function(o) return client:group(o) end,
  ["client.assets:upload(source)"] = function(o) return client.assets:upload(o) end,
  ["client.trainings:create(body)"] = function(o) return client.trainings:create("style", o) end,
  ["client.trainings:list(filter)"] = function(o) return client.trainings:list(o) end,
  ["client.images:txt2img(body)"] = function(o) return client.images:txt2img(o) end,
  ["client.images:img2img(body)"] = function(o) return client.images:img2img(o) end,
  ["client.models:list(filter)"] = function(o) return client.models:list(o) end,
  ["client.models:find(filter)"] = function(o) return client.models:find("m", o) end,
  ["model:save(options)"] = function(o) return model:save("never.safetensors", o) end,
  ["novita.progress(options)"] = function(o) return novita.progress({}, o) end,
  ["novita.dataset(images)"] = function(o) return novita.dataset(o) end,
  ["novita.dataset(options)"] = function(o) return novita.dataset({ photo }, o) end,
  ["dataset:check(options)"] = function(o) return photos:check(o) end,
  ["dataset:contact_sheet(options)"] = function(o) return photos:contact_sheet(o) end,
  ["dataset:buckets(options)"] = function(o) return photos:buckets(o) end,
  ["novita.image.probe(source)"] = function(o) return novita.image.probe(o) end,
  ["novita.image.probe(options)"] = function(o) return novita.image.probe(source, o) end,
  ["novita.image.decode(source)"] = function(o) return novita.image.decode(o) end,
  ["novita.image.decode(options)"] = function(o) return novita.image.decode(source, o) end,
  ["novita.image.prepare(source)"] = function(o) return novita.image.prepare(o) end,
  ["novita.image.prepare(options)"] = function(o) return novita.image.prepare(source, o) end,
  ["image:resize(options)"] = function(o) return image:resize(o) end,
  ["image:encode(options)"] = function(o) return image:encode(o) end,
  ["novita.batch(options)"] = function(o) return novita.batch(o) end,
  ["batch:run(options)"] = function(o) return batch:run(o) end,
  ["batch:jobs(filter)"] = function(o) return batch:jobs(o) end,
  ["batch:retry(filter)"] = function(o) return batch:retry(o) end,
  ["batch:abandon(filter)"] = function(o) return batch:abandon(o) end,
  ["service:client(given)"] = function(o) return service:client(o) end,
  ["service:fault(fault)"] = function(o) return service:fault(o) end,
  ["service:configure(given)"] = function(o) return service:configure(o) end,
  ["novita.emulator.start(given)"] = function(o) return emulator.start(o) end,
}

-- }======

-- {====== one table ======

local function copy(value)
  if type(value) ~= "table" then return value end
  local made = {}
  for key, inner in pairs(value) do made[key] = copy(inner) end
  return made
end

local function refused(call, options, name)
  local ok, err = pcall(function()
    local result = call(options)
    return result
  end)
  if ok then
    return "it is ignored"
  elseif not tostring(err):find "^spec/docs/option_names_spec%.lua:%d+: " then
    return "raised elsewhere: " .. tostring(err)
  elseif not err:find("did you mean [%w_.%[%]]*" .. name .. "%?") then
    return err
  end
end

-- Tries each name of `found` with its first letter twice. `at(value)` puts the table into the
-- options.
local function try(path, call, found, at, wrong, depth)
  local base = complete[found.class] or complete[path] or {}
  for name, written in pairs(found.fields) do
    local value = copy(base)
    value[name:sub(1, 1) .. name] = 1
    local why = refused(call, at(found.list and { value } or value), name)
    if why then
      wrong[#wrong + 1] = ("%s.%s: %s"):format(path, name, why)
    end
    for _, inner in ipairs(depth < 4 and tables_in(written, false, {}) or {}) do
      try(path .. "." .. name, call, inner, function(inside)
        local outer = copy(base)
        outer[name] = inside
        if name == "image_dataset_items" then outer.images = nil end -- another name of it
        return at(found.list and { outer } or outer)
      end, wrong, depth + 1)
    end
  end
end

-- }======

describe("a mistyped name", function()
  setup(function()
    service = fixtures.service()
    client = fixtures.client(service)
    folder = fixtures.folder()
    batch = assert(novita.batch { journal = folder.path .. "/run.db", client = client })
    photos = assert(novita.dataset { photo })
    image = assert(novita.image.decode { path = photo })
    assert(client:train(copy(train)):wait(60))
    model = assert(client.models:list():first())
  end)

  teardown(function()
    batch:close()
    client:close()
    service:stop()
    getmetatable(folder).__close(folder)
  end)

  local seen = {}
  each_table(function(shown, found)
    seen[shown] = (seen[shown] or 0) + 1
    it(("of %s raises (%d)"):format(shown, seen[shown]), function()
      assert(calls[shown], "this spec has no call of it")
      local wrong = {}
      try(shown, calls[shown], found, function(value) return value end, wrong, 1)
      assert.equal("", table.concat(wrong, "\n"))
    end)
  end)

  it("is tried for functions that exist", function()
    for shown in pairs(calls) do
      assert.truthy(seen[shown], shown)
    end
  end)
end)
