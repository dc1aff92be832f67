local co = require "support.coroutines"
local support = require "support.client"
local shared = require "support.uploads"

local source, photo, ids_of = shared.source, shared.photo, shared.ids_of

describe("a list of uploads", function()
  it("ends with the first failure, and frees the resources of the others", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { uploads = 2 })
    service:fault { kind = "hang", route = "put", times = 1 }
    local path = support.temporary(support.photo(2))
    local task = client:upload { photo(1), path, photo(3), photo(4) }
    os.remove(path)
    local ids, err = ids_of(task)
    assert.is_nil(ids)
    assert.equal("file", err.kind)
    assert.equal(path .. " does not exist: check the path", tostring(err))
    assert.is_false(require("novita.async.scheduler").own():core():busy())
    service:clear_faults() -- the PUT that should hang may not have begun
    assert.equal(2, #assert(ids_of(client:upload { photo(5), photo(6) })))
  end)

  it("has failed before anything is sent if a photo cannot be used", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    for _, bad in ipairs { "/nowhere/a.jpg", "/tmp" } do
      local task = client:upload { photo(1), bad }
      assert.is_true(task:done())
      assert.equal("novita.Task (upload, failed)", tostring(task))
      local photos, err = task:wait()
      assert.is_nil(photos)
      assert.equal("file", err.kind)
      assert.matches("^" .. bad .. " is ", tostring(err))
    end
    assert.is_true(client:upload("/nowhere"):done())
    assert.equal(0, #service:requests())
  end)

  it("is a task: its status counts, its result can be trained", function()
    local service <close> = support.service()
    local client <close> = support.client(service, { uploads = 1 })
    service:fault { kind = "delay", delay = 0.02, route = "put", forever = true }
    local task = client:upload { photo(1), photo(2), photo(3) }
    local seen, last = {}, nil
    for status in task:updates() do
      last = status.stage .. (status.images_uploaded or "")
      seen[last] = true
    end
    assert.is_true(seen.uploading1 and seen.uploading2)
    assert.equal("succeeded3", last)
    local photos = assert(task:wait())
    assert.equal("novita.Dataset (3 photos, 0 skipped)", tostring(photos))
    service:clear_faults()
    local model = client:train({ task_type = "subject", name = "n", images = photos, size = 64,
      base_model = "v1-5-pruned-emaonly", instance_prompt = "a photo" }):wait(20)
    assert.is_truthy(model)
    assert.equal(3, #service:ledger().assets)
  end)

  it("is stopped when its coroutine is canceled", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    service:fault { kind = "hang", route = "put", forever = true }
    local sources = {}
    for i = 1, 40 do sources[i] = photo(i) end
    co.run(function()
      local group <close> = co.group()
      local fiber = group:spawn(function()
        local task <close> = client:upload(sources)
        task:wait()
      end)
      co.sleep(0.1)
      fiber:cancel()
      co.sleep(0.1)
    end)
    assert.is_false(require("novita.async.scheduler").own():core():busy())
  end)

  it("ends with its client", function()
    local service <close> = support.service()
    local client = support.client(service)
    service:fault { kind = "hang", route = "put", forever = true }
    local sources, ids, err = {}, nil, nil
    for i = 1, 40 do sources[i] = photo(i) end
    co.run(function()
      co.spawn(function() ids, err = client:upload(sources):wait() end)
      co.sleep(0.1)
      client:close()
    end)
    assert.is_nil(ids)
    assert.equal("canceled", err.kind)
  end)

  it("must contain images, or it raises at the caller's line before anything is sent", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    local function raises(call, words)
      local ok, message = pcall(call)
      assert.is_false(ok)
      assert.matches("upload_list_spec.lua:%d+: " .. words, message)
    end
    raises(function() client:upload(5) end, "images must be a folder .*, got 5")
    raises(function() client:upload {} end, "images must be a list of at least one photo")
    raises(function() client:upload { photo(1), 42 } end,
      "images%[2%] must be a path .*, got 42")
    raises(function() client:upload { photo(1), {} } end, "images%[2%] has no photo")
    raises(function() client:upload { { path = "a", captoin = "png" } } end,
      "images%[1%].captoin is not a field of a photo: did you mean images%[1%].caption%?")
    raises(function() client.assets:upload(nil) end, "source must be a path, .*, got nil")
    raises(function() client.assets:upload { path = "a", extension = "gif" } end,
      'source.extension must be "jpeg", "png" or "webp", got "gif"')
    assert.equal(0, #service:requests())
  end)

  it("knows the type of a prepared image", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    local prepared = assert(require("novita.image.prepare_op").op(support.photo(1),
      { size = 64, format = "png" }, client.loop))
    assert(client.assets:upload { prepared = prepared })
    assert.equal("png", service:ledger().assets[1].extension)
  end)
end)

describe("an upload's progress", function()
  it("is counted in bytes", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    local size, op, seen = 40000000, nil, {}
    co.run(function()
      local group <close> = co.group()
      local up = group:spawn(function()
        return assert(client.assets:upload(source(1, size), nil, function(started)
          op = started
        end))
      end)
      while not up:done() do
        if op then
          local moved, all = op:sent_bytes()
          assert.equal(size, all)
          seen[#seen + 1] = moved
        end
        co.sleep(0)
      end
    end)
    assert.equal(size, (op:sent_bytes()))
    local between = 0
    for i, moved in ipairs(seen) do
      assert.is_true(moved >= (seen[i - 1] or 0) and moved <= size)
      if moved > 0 and moved < size then between = between + 1 end
    end
    assert.is_true(between >= 2, "looks between start and end: " .. between)
  end)

  it("is reported by the task", function()
    local service <close> = support.service { speed = 100 }
    local client <close> = support.client(service)
    local task = assert(client:train {
      task_type = "subject", name = "ohwx", prepare = false, max_train_steps = 10,
      images = { { bytes = support.photo(1) }, { bytes = support.photo(2) } },
      base_model = "v1-5-pruned-emaonly", size = 512, instance_prompt = "a photo of ohwx",
      class_prompt = "person",
    })
    assert(task:wait())
    local status, size = task:status(), #support.photo(1) + #support.photo(2)
    assert.equal(size, status.bytes_uploaded)
    assert.equal(size, status.bytes)
    assert.equal(2, status.images_uploaded)
  end)
end)
