--- An unreadable list entry made its page shorter than the requested limit, which ended the list: a
--- batch did not find its lost task on the next page, and would have paid again.

local responses = require "support.responses"
local backend = require "novita.batch.backend"
local task_list = require "novita.batch.task_list"

local LIMIT <const> = 100 -- the default number of entries on a page

local function name(number)
  return ("1a2b3c4d-%012d-anna"):format(number)
end

local function entry(number)
  return ('{"task_id":"t%d","task_name":"%s"}'):format(number, name(number))
end

-- Looks for a task as a batch does.
local function find(client, task_name)
  local journal = { id = "1a2b3c4d", created_at = 1e9 }
  return task_list.new(journal, backend.new(client)):find { task_name = task_name, attempt = 0 }
end

local function page(entries, cursor)
  return ('{"tasks":[%s],"pagination":{"next_cursor":"%s"}}'):format(table.concat(entries, ","),
    cursor)
end

-- A full page with one unreadable entry, and one more entry after it.
local function pages(odd)
  local first = { odd }
  for i = 2, LIMIT do first[i] = entry(i) end
  return function(request)
    local cursor = request.url:match "cursor=([^&]*)"
    return cursor == "c_1" and page({ entry(500) }, "c_2") or page(first, "c_1")
  end
end

describe("an unreadable list entry", function()
  for _, odd in ipairs { '{"task_name":"no id"}', "7", '{"task_id":1e300}' } do
    it("does not hide the pages after it: " .. odd, function()
      local client <close> = responses.client(pages(odd))
      local found, err = find(client, name(500))
      assert.is_nil(err)
      assert.equal("t500", found and found.task_id)
      assert.equal(LIMIT, #assert(client.trainings:list():all()))
    end)
  end

  it("is not ignored if it has the requested name", function()
    local client <close> = responses.client(page({ entry(1),
      ('{"task_name":"%s"}'):format(name(7)) }, ""))
    local found, err = find(client, name(7))
    assert.is_nil(found)
    assert.equal("malformed", err.code)
    assert.equal("t1", find(client, name(1)).task_id)
  end)

  it("is skipped, unless a page has no other entries", function()
    local client <close> = responses.client(page({ "7", entry(1) }, ""))
    assert.equal(1, #assert(client.trainings:list():all()))
    for _, body in ipairs { page({ "7", "{}" }, ""), '{"tasks":{"n1":{"task_id":"t1"}}}' } do
      local other <close> = responses.client(body)
      local list, err = other.trainings:list():all()
      assert.is_nil(list)
      assert.equal("malformed", err.code)
    end
  end)
end)
