-- The failures of a batch by their reasons, and checkpoints that do not fit a model.

local attention = require "novita.cli.attention"
local cli = require "support.cli"
local families = require "novita.forms.families"
local journals = require "novita.batch.journal"

local function failures(rows)
  local at = 0
  return attention.failures(function()
    at = at + 1
    return rows[at]
  end, "novita resume run.db")
end

describe("failures", function()
  it("are grouped by reason, the largest group first, with what to do", function()
    local groups = failures {
      { id = 1, name = "a", stage = "failed",
        error = { kind = "image", code = "cut", message = "x" } },
      { id = 2, name = "b", stage = "serving" },
      { id = 3, name = "c", stage = "failed", task_id = "t",
        error = { kind = "api", code = "FAILED", message = "y" } },
      { id = 4, name = "d", stage = "failed", task_id = "u",
        error = { kind = "api", code = "FAILED", message = "z" } },
      { id = 5, name = "e", stage = "needs_review",
        error = { kind = "api", code = "needs_review", message = "v" } },
    }
    local headings = {}
    for i, group in ipairs(groups) do
      headings[i] = attention.heading(group)
    end
    assert.same({ "2 failed (FAILED): c, d", "1 failed (cut): a",
      "1 needs_review (needs_review): e" }, headings)
    assert.equal("y", groups[1].reason)
    assert.matches("paid for: .* `novita resume run.db %-%-retry failed` pays again",
      groups[1].advice)
    assert.equal("correct their photos, then `novita resume run.db --retry failed`",
      groups[2].advice)
    assert.matches("if they are not there, `.*%-%-if%-not%-listed resubmit_anyway` pays again$",
      groups[3].advice)
  end)

  it("say whether something was paid for", function()
    for code, text in pairs { deadline = "they continue", refused = "nothing was paid for",
      INVALID_API_KEY = "check the key", INVALID_REQUEST_BODY = "the service refuses" } do
      local kind = code == "deadline" and "timeout" or code == "refused" and "network" or "api"
      local groups = failures { { id = 1, name = "a", stage = "failed",
        error = { kind = kind, code = code, status = kind == "api" and 400 or nil } } }
      assert.equal(1, (groups[1].advice:find(text, 1, true)), code)
    end
  end)
end)

it("a checkpoint of another family is named", function()
  local sd, sdxl = "v1-5-pruned-emaonly", "stable-diffusion-xl-base-1.0"
  local realistic = "realisticVisionV51_v51VAE_94301.safetensors"
  assert.matches("is of Stable Diffusion XL, .* of Stable Diffusion 1.5",
    families.mismatch(sdxl, realistic))
  assert.is_nil(families.mismatch(sdxl, "epicrealismXL_v10_247189.safetensors"))
  assert.is_nil(families.mismatch(sd, realistic))
  assert.is_nil(families.mismatch(sdxl, "another"))
end)

it("status --exit-status says how the batch is", function()
  local folder = cli.folder()
  local _ <close> = setmetatable({}, { __close = function() cli.remove(folder) end })
  local path = folder .. "/run.db"
  local function after(one, two, more)
    local journal = assert(journals.open(path))
    journal:plan { { key = "a", name = "a", task_name = "a", task_type = "subject", params = "{}" },
      { key = "b", name = "b", task_name = "b", task_type = "subject", params = "{}" } }
    journal:set(journal:job(1), { stage = one })
    more = more or {}
    more.stage = two
    journal:set(journal:job(2), more)
    journal:close()
    return cli.run({ "status", path, "--exit-status" }).status
  end
  assert.equal(1, after("serving", "training"))
  assert.equal(0, cli.run({ "status", path }).status)
  assert.equal(1, after("serving", "failed"))
  assert.equal(3, after("failed", "needs_review"))
  assert.equal(0, after("serving", "abandoned"))
  assert.equal(1, after("serving", "serving", { samples_state = "failed" }))
  assert.equal(3, after("serving", "serving", { samples_state = "submitting" }))
  assert.equal(1, after("serving", "serving", { samples_state = false, model_state = "done",
    model_name = "m", model_path = folder .. "/none.safetensors" }))
end)
