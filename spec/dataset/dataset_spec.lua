local core = require "novita.core"
local dataset = require "novita.dataset"
local failure = require "novita.base.error"
local lfs = require "lfs"
local refusal = require "support.refusal"

local folder

local function path(name)
  return folder .. "/" .. name
end

local function write(name, contents)
  local file = assert(io.open(path(name), "wb"))
  file:write(contents or "x")
  file:close()
end

local function names(found)
  local list = {}
  for index, item in ipairs(found) do
    list[index] = item.name
  end
  return list
end

local function skipped_paths(found)
  local list = {}
  for index, file in ipairs(found.skipped) do
    list[index] = file.path
  end
  return list
end

-- The error of a set that must fail.
local function failed(code, ...)
  local found, err = dataset(...)
  assert.is_nil(found)
  assert.is_true(failure.is(err))
  assert.equal("file", err.kind)
  assert.equal(code, err.code)
  assert.falsy(err.message:find "\n")
  return err.message
end

before_each(function()
  folder = os.tmpname()
  os.remove(folder)
  assert(lfs.mkdir(folder))
end)

after_each(function()
  os.execute("rm -rf " .. folder)
end)

describe("natural order", function()
  local function sorted(list)
    table.sort(list, core.before_naturally)
    return table.concat(list, " ")
  end

  it("puts numbers by value, letters regardless of case", function()
    assert.equal(
      "img1 img2 img10 IMG11 img100",
      sorted { "img10", "img100", "img2", "IMG11", "img1" }
    )
    assert.equal("a1b2 a1b10 a2b1 a10b0", sorted { "a10b0", "a1b10", "a2b1", "a1b2" })
    assert.equal("1.jpg 2.jpg 10.jpg a.jpg", sorted { "a.jpg", "10.jpg", "2.jpg", "1.jpg" })
  end)

  it("has one order for names that are equal by value", function()
    assert.equal("IMG1 img001 img01 img1", sorted { "img1", "img01", "IMG1", "img001" })
    assert.equal("IMG1 img001 img01 img1", sorted { "img001", "IMG1", "img01", "img1" })
  end)

  it("takes numbers longer than any integer", function()
    assert.equal(
      "20260101000000000000000001 20260101000000000000000002",
      sorted { "20260101000000000000000002", "20260101000000000000000001" }
    )
  end)

  it("is a strict order over many names", function()
    local list = {}
    for first = 0, 12 do
      for _, tail in ipairs { "", "a", "A", "0", "a0", "a00", "b10" } do
        list[#list + 1] = first .. tail
        list[#list + 1] = "x" .. tail .. first
      end
    end
    table.sort(list, core.before_naturally)
    for left = 1, #list do
      for right = 1, #list do
        local equal = list[left] == list[right]
        assert.equal(left < right and not equal, core.before_naturally(list[left], list[right]))
      end
    end
  end)
end)

describe("a folder", function()
  it("gives its photos in natural order, whatever the case of the ending", function()
    for _, name in ipairs { "img10.jpg", "img2.JPEG", "img1.Png", "IMG3.WebP", "a.JPG" } do
      write(name)
    end
    local found = assert(dataset(folder))
    assert.same({ "a.JPG", "img1.Png", "img2.JPEG", "IMG3.WebP", "img10.jpg" }, names(found))
    assert.same({ name = "a.JPG", path = path "a.JPG" }, found[1])
    assert.same({}, found.skipped)
  end)

  it("ignores hidden files, and reports other files and subfolders", function()
    write "1.jpg"
    write ".hidden.jpg"
    write "notes.md"
    write "2.gif"
    write "1.txt"
    write "jpg"
    assert(lfs.mkdir(path "sub.jpg"))
    write "sub.jpg/3.jpg"
    local found = assert(dataset(folder))
    assert.same({ "1.jpg" }, names(found))
    local text = 'captions are used only with --captions files, in Lua captions = "files"'
    local other = "not a photo"
    assert.same({ { path = path "1.txt", reason = text }, { path = path "2.gif", reason = other },
      { path = path "jpg", reason = other }, { path = path "notes.md", reason = other },
      { path = path "sub.jpg/", reason = "subfolder" } }, found.skipped)
  end)

  it("may be given with slashes at its end", function()
    write "1.jpg"
    assert.equal(path "1.jpg", assert(dataset(folder .. "//"))[1].path)
  end)

  it("may hold links to photos", function()
    write "1.jpg"
    assert(lfs.link("1.jpg", path "2.jpg", true))
    assert.same({ "1.jpg", "2.jpg" }, names(assert(dataset(folder))))
  end)

  it("may hold more photos than a training takes", function()
    for index = 1, 63 do
      write(index .. ".jpg")
    end
    local found = assert(dataset(folder))
    assert.equal(63, #found)
    assert.equal(("novita.Dataset (%s, 63 photos, 0 skipped)"):format(folder), tostring(found))
  end)

  it("that is missing is an error", function()
    assert.equal(
      path "none" .. " is missing: there is no such folder",
      failed("missing", path "none")
    )
  end)

  it("that is a file is an error that says what to give", function()
    write "a.jpg"
    local given = path "a.jpg"
    assert.equal(
      given .. " is a file: give its folder, or a list of files",
      failed("not_folder", given)
    )
  end)

  it("without photos is an error that says what is there", function()
    local none = folder .. " has no photos (JPEG, PNG, WebP, HEIC or AVIF)"
    assert.equal(none, failed("empty", folder))
    write "notes.md"
    assert.equal(none .. "; 1 file is left out: notes.md (not a photo)", failed("empty", folder))
  end)

  it("that cannot be reached is an error with the reason", function()
    assert(lfs.link("loop", path "loop", true))
    assert.equal(
      path "loop" .. " cannot be read: Too many levels of symbolic links",
      failed("unreadable", path "loop")
    )
  end)

  it("with a photo that is a dangling link is an error that names it", function()
    write "1.jpg"
    assert(lfs.link("gone.jpg", path "2.jpg", true))
    assert.equal(
      path "2.jpg" .. " is missing: there is no such file",
      failed("missing", folder)
    )
  end)

  it("is shown on one line whatever its name", function()
    local message = failed("missing", folder .. "/a\nb")
    assert.equal('"' .. folder .. [[/a\nb" is missing: there is no such folder]], message)
  end)
end)

describe("a list", function()
  it("keeps its order and what its items carry", function()
    write "2.jpg"
    write "1.tiff"
    local found = assert(dataset {
      path "2.jpg",
      { path = path "1.tiff", caption = "one" },
      { bytes = "\xFF\xD8\0", caption = "two" },
      { assets_id = 100024.0 },
    })
    assert.same({
      { name = "2.jpg", path = path "2.jpg" },
      { name = "1.tiff", path = path "1.tiff", caption = "one" },
      { name = "images[3]", bytes = "\xFF\xD8\0", caption = "two" },
      { name = "images[4]", assets_id = "100024" },
    }, { table.unpack(found) })
    assert.same({}, found.skipped)
  end)

  it("is neither changed nor kept", function()
    write "1.jpg"
    local given = { { path = path "1.jpg" } }
    local found = assert(dataset(given))
    assert.same({ { path = path "1.jpg" } }, given)
    given[1].path = "other"
    assert.equal(path "1.jpg", found[1].path)
  end)

  it("with a file that is missing is an error that names it", function()
    write "1.jpg"
    assert.equal(
      path "2.jpg" .. " is missing: there is no such file",
      failed("missing", { path "1.jpg", path "2.jpg" })
    )
  end)

  it("with a folder, a pipe or an empty file is an error that says so", function()
    assert.equal(
      folder .. " is not a photo: it is a directory",
      failed("not_file", { folder })
    )
    assert(os.execute("mkfifo " .. path "pipe.jpg"))
    assert.equal(
      path "pipe.jpg" .. " is not a photo: it is a named pipe",
      failed("not_file", { path "pipe.jpg" })
    )
    write("empty.jpg", "")
    assert.equal(
      path "empty.jpg" .. " is not a photo: the file is empty",
      failed("empty_file", { path "empty.jpg" })
    )
  end)

  it("with a file that cannot be reached is an error with the reason", function()
    assert(lfs.link("loop.jpg", path "loop.jpg", true))
    assert.equal(
      path "loop.jpg" .. " cannot be read: Too many levels of symbolic links",
      failed("unreadable", { path "loop.jpg" })
    )
  end)

  it("with a file that may not be read is an error with the reason", function()
    write "1.jpg"
    assert(os.execute("chmod 000 " .. path "1.jpg"))
    local file = io.open(path "1.jpg")
    if file then
      file:close()
      return pending "this user may read every file"
    end
    assert.equal(
      path "1.jpg" .. " cannot be read: Permission denied",
      failed("unreadable", { path "1.jpg" })
    )
  end)
end)

describe("captions from files", function()
  local function caption_of(photo)
    write(photo)
    return assert(dataset({ path(photo) }, { captions = "files" }))[1].caption
  end

  it("are read from photo.txt, else from photo.caption", function()
    write("1.txt", "first")
    write("1.caption", "not this one")
    write("2.caption", "second")
    assert.equal("first", caption_of "1.jpg")
    assert.equal("second", caption_of "2.JPG")
    assert.is_nil(caption_of "3.jpg")
    write("4.TXT", "fourth")
    assert.equal("fourth", caption_of "4.jpg")
  end)

  it("are trimmed, inside they stay as they are", function()
    write("1.txt", "\xEF\xBB\xBF \r\n ohwx  woman,\nsmiling \r\n\n")
    assert.equal("ohwx  woman,\nsmiling", caption_of "1.jpg")
  end)

  it("are read only where asked for, and then are not among the skipped files", function()
    write "1.jpg"
    write("1.txt", "first")
    write("2.txt", "no photo")
    local found = assert(dataset(folder))
    assert.is_nil(found[1].caption)
    assert.same({ path "1.txt", path "2.txt" }, skipped_paths(found))
    found = assert(dataset(folder, { captions = "files" }))
    assert.equal("first", found[1].caption)
    assert.same({ path "2.txt" }, skipped_paths(found))
  end)

  it("give way to a caption in the list", function()
    write "1.jpg"
    write("1.txt", "file")
    local list = { { path = path "1.jpg", caption = "list" } }
    assert.equal("list", assert(dataset(list, { captions = "files" }))[1].caption)
  end)

  it("may have 1 to 1024 characters", function()
    write("1.txt", ("ü"):rep(1024))
    assert.equal(("ü"):rep(1024), caption_of "1.jpg")
    local expected = " must be a string of 1 to 1024 characters, got "
    local bad = {
      { " \n", " is empty: write a caption, or remove it" },
      { "", " is empty: write a caption, or remove it" },
      { "\xFF\xFEa\0b\0", " is UTF-16: save it as UTF-8" },
      { "\xFE\xFF\0a\0b", " is UTF-16: save it as UTF-8" },
      { "a\0b\0", " is UTF-16: save it as UTF-8" },
      { ("ü"):rep(1025), expected .. "1025 characters" },
      { "ab\xFFc", expected .. "invalid UTF-8 (byte 3 of 4)" },
    }
    for _, case in ipairs(bad) do
      write("1.txt", case[1])
      assert.equal(path "1.txt" .. case[2], failed("caption", folder, { captions = "files" }))
    end
  end)

  it("are all counted if several cannot be used", function()
    for i = 1, 3 do
      write(i .. ".jpg")
      write(i .. ".txt", " ")
      local more = ({ "", " (and 1 more caption file is bad)",
        " (and 2 more caption files are bad)" })[i]
      assert.equal(path "1.txt" .. " is empty: write a caption, or remove it" .. more,
        failed("caption", folder, { captions = "files" }))
    end
  end)

  it("are not read without end from a huge file", function()
    write("1.txt", ("x"):rep(1000000))
    write "1.jpg"
    assert.equal(
      path "1.txt" .. " is not a caption: it is over 64 kB",
      failed("caption", folder, { captions = "files" })
    )
  end)
end)

describe("captions by name", function()
  it("match photos that are given as bytes, which are called images[1] and so on", function()
    write "1.jpg"
    local images = { path "1.jpg", { bytes = "x" } }
    local found = assert(dataset(images,
      { captions = { ["1"] = "first", ["images[2]"] = "second" } }))
    assert.same({ "first", "second" }, { found[1].caption, found[2].caption })
  end)

  it("must each match a photo", function()
    write "1.jpg"
    assert.equal('captions["2.jpg"] matches none of the 1 photo',
      failed("caption", { path "1.jpg" }, { captions = { ["2.jpg"] = "x" } }))
  end)

  it("in a list are one for each photo", function()
    write "1.jpg"
    assert.equal("captions must have one entry for each photo: it has 2 for 1 photo",
      failed("caption", { path "1.jpg" }, { captions = { "a", "b" } }))
  end)
end)

describe("wrong use of novita.dataset raises:", function()
  local expected = 'images must be a folder ("photos/anna"), a list of paths, a list of '
    .. "{ path =, caption = }, or a novita.dataset, got "
  local cases = {
    { nil, expected .. "nil" },
    { 5, expected .. "5" },
    { "", expected .. '""' },
    { {}, "images must be a list of at least one photo, got an empty list" },
    {
      { { path = "a", caption = "" } },
      'images[1].caption must be a string of 1 to 1024 characters, got ""',
    },
  }
  for index = 1, 5 do
    local case = cases[index]
    it(case[2], function()
      assert.equal(case[2], refusal(dataset, case[1]))
    end)
  end

  it("an unknown value for captions", function()
    assert.equal(
      'captions must be "files", a table of captions by file name, or a list of '
        .. 'one for each photo, got "file"',
      refusal(dataset, "photos", { captions = "file" })
    )
  end)

  for text, captions in pairs {
    ["a table with keys other than 1 to n"] = { [1.5] = "x" },
    ["a table with the key true"] = { [true] = "x" },
    ["an empty table"] = {},
  } do
    it("captions in " .. text, function()
      assert.equal('captions must be "files", a table of captions by file name, or a list of '
        .. "one for each photo, got " .. text, refusal(dataset, "photos", { captions = captions }))
    end)
  end

  it("a mistyped option", function()
    assert.equal(
      "captons is not an option of novita.dataset: did you mean captions?",
      refusal(dataset, "photos", { captons = "files" })
    )
    assert.equal("the options of novita.dataset must be a table, got 5",
      refusal(dataset, "photos", 5))
  end)
end)
