--- Photos that cameras and phones write, but that are not supported, were called videos, text or
--- unknown data: Canon's CR3, those of Fujifilm, Panasonic and Olympus.

local image = require "novita.image"

describe("a file that is refused", function()
  for name, case in pairs {
    ["Canon's raw image"] = { "\0\0\0\24ftypcrx \0\0\0\1crx isom", "a raw camera image" },
    ["Fujifilm's"] = { "FUJIFILMCCD-RAW 0201FF383501", "a raw camera image" },
    ["Panasonic's"] = { "IIU\0\24\0\0\0", "a raw camera image" },
    ["Olympus's"] = { "IIRO\8\0\0\0", "a raw camera image" },
    ["a video"] = { "\0\0\0\24ftypmp42\0\0\0\0", "a video" },
    ["a web page in small letters"] = { "<!doctype html><html></html>", "a web page" },
  } do
    it("is named correctly: " .. name, function()
      local decoded, err = image.decode(case[1])
      assert.is_nil(decoded)
      assert.equal("unsupported", err.code)
      assert.equal("is " .. case[2] .. ": export it as JPEG, PNG or WebP", err.message)
    end)
  end
end)
