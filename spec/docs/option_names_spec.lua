-- Every table of options, params or filters that a public function takes refuses a mistyped name,
-- at the caller's line and with the right name. The functions and the names come from the
-- annotations, so a new function or option without a check is found here.

local emulator = require "novita.emulator"
local playground = require "novita.playground"
local fixtures = require "support.fixtures"
local novita = require "novita"
local option_tables = require "docs.option_tables"
local schema = require "novita.schema.schema"
local servers = require "novita.server"

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

-- Fields that a table must have before its other names are checked, by class or path.
local complete = {
  ["novita.SubjectParams"] = train,
  ["novita.StyleParams"] = style,
  ["novita.Txt2imgParams"] = text,
  ["novita.Img2imgParams"] = from_image,
  ["novita.ClientOptions"] = { api_key = "none" },
  ["novita.Component"] = { name = "resize" },
  ["novita.Webhook"] = { url = "https://example.org" },
  ["batch:run(options).samples"] = { folder = "x", model_name = "m.safetensors", prompt = "a" },
  ["batch:dry_run(options).samples"] = { folder = "x", model_name = "m.safetensors", prompt = "a" },
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
  ["novita.image.faces(source)"] = function(o) return novita.image.faces(o) end,
  ["novita.image.faces(options)"] = function(o) return novita.image.faces(source, o) end,
  ["novita.image.prepare(source)"] = function(o) return novita.image.prepare(o) end,
  ["novita.image.prepare(options)"] = function(o) return novita.image.prepare(source, o) end,
  ["image:resize(options)"] = function(o) return image:resize(o) end,
  ["image:encode(options)"] = function(o) return image:encode(o) end,
  ["novita.batch(options)"] = function(o) return novita.batch(o) end,
  ["batch:run(options)"] = function(o) return batch:run(o) end,
  ["batch:jobs(filter)"] = function(o) return batch:jobs(o) end,
  ["batch:retry(filter)"] = function(o) return batch:retry(o) end,
  ["batch:abandon(filter)"] = function(o) return batch:abandon(o) end,
  ["batch:dry_run(options)"] = function(o) return batch:dry_run(o) end,
  ["batch:forget(filter)"] = function(o) return batch:forget(o) end,
  ["batch:forget(options)"] = function(o) return batch:forget({ name = "x" }, o) end,
  ["service:client(given)"] = function(o) return service:client(o) end,
  ["service:fault(fault)"] = function(o) return service:fault(o) end,
  ["service:configure(given)"] = function(o) return service:configure(o) end,
  ["novita.playground.start(given)"] = function(o) return playground.start(o) end,
  ["novita.server.start(given)"] = function(o) return servers.start(o) end,
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

-- {====== a class and the rule that the options are checked with ======

-- The rules of options that a call checks with.
local function rules_of(call, options)
  local rules, real = {}, {}
  for _, name in ipairs { "apply", "check", "test" } do
    real[name] = schema[name]
    schema[name] = function(rule, ...)
      if rule.member == "option" then rules[#rules + 1] = rule end
      return real[name](rule, ...)
    end
  end
  pcall(call, options)
  for name, fn in pairs(real) do schema[name] = fn end
  return rules
end

local words = { integer = "integer", number = "number", boolean = "boolean", string = "string",
  ["function"] = "fun(" }

-- How a description may write a default.
local function spellings(default)
  if type(default) ~= "number" then return { tostring(default) } end
  return { ("%.14g"):format(default), ("%.14g KiB"):format(default / 1024),
    ("%.14g MiB"):format(default / 1048576) }
end

local function says(doc, default)
  for _, spelling in ipairs(spellings(default)) do
    if doc:find(spelling, 1, true) then return true end
  end
  return false
end

-- The words that the type of a field must contain.
local function parts(rule)
  local list = {}
  for i, value in ipairs(rule.values or {}) do
    list[i] = type(value) == "string" and ("%q"):format(value) or tostring(value)
  end
  return rule.values and list or { words[rule.type] }
end

-- How a field of a class differs from its rule.
local function difference(rule, written, doc)
  if not written then
    return "is not in the class"
  end
  written = option_tables.alias(written) or written
  for _, part in ipairs(parts(rule)) do
    if not written:find(part, 1, true) then
      return ("is %s, without %s"):format(written, part)
    end
  end
  local default = rule.default
  if default and type(default) ~= "table" and doc and not says(doc, default) then
    return "does not say its default " .. spellings(default)[1]
  end
end

local function compare(shown, found, rule, wrong)
  local names = {}
  for _, field in ipairs(rule.fields) do
    names[field.name] = true
    local why = difference(field, found.fields[field.name], found.docs and found.docs[field.name])
    if why then wrong[#wrong + 1] = ("%s: %s %s"):format(shown, field.name, why) end
  end
  for name in pairs(found.fields) do
    if not names[name] then wrong[#wrong + 1] = ("%s: %s is no option"):format(shown, name) end
  end
end

-- }======

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
    for _, inner in ipairs(depth < 4 and option_tables.within(written, false, {}) or {}) do
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
  option_tables.each(function(shown, found)
    seen[shown] = (seen[shown] or 0) + 1
    it(("of %s raises (%d)"):format(shown, seen[shown]), function()
      assert(calls[shown], "this spec has no call of it")
      local wrong = {}
      try(shown, calls[shown], found, function(value) return value end, wrong, 1)
      if found.class:find "Options$" then
        local options = copy(complete[found.class] or {})
        options[""] = 1 -- so that the call does nothing more than the check
        local rule = rules_of(calls[shown], options)[1]
        compare(shown, found, assert(rule, "its rule is not known"), wrong)
      end
      assert.equal("", table.concat(wrong, "\n"))
    end)
  end)

  it("is tried for functions that exist", function()
    for shown in pairs(calls) do
      assert.truthy(seen[shown], shown)
    end
  end)
end)
