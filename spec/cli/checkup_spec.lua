--- What `novita doctor` reports about the version of libcurl.

local checkup = require "novita.cli.checkup"

describe("doctor's check of libcurl", function()
  for version, limits in pairs {
    ["7.81.0"] = { "SIGPIPE", "name server", "thread%-safe" },
    ["7.83.1"] = { "SIGPIPE", "name server", "thread%-safe" },
    ["7.84.0"] = { "SIGPIPE", "name server" },
    ["7.86.0-DEV"] = { "SIGPIPE", "name server" },
  } do
    it("names the limits of " .. version, function()
      local finding = checkup.libcurl(version)
      assert.equal("warning", finding.state)
      assert.is_string(finding.advice)
      for _, limit in ipairs(limits) do assert.matches(limit, finding.text) end
      if not limits[3] then assert.not_matches("thread", finding.text) end
    end)
  end

  for _, version in ipairs { "7.87.0", "7.88.1", "8.0.0", "8.11.1-DEV", "10.0.0" } do
    it("is content with " .. version, function()
      assert.equal("ok", checkup.libcurl(version).state)
    end)
  end
end)
