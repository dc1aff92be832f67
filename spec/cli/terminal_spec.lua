-- The command line on a terminal, as read back from tmux.

local cli = require "support.cli"
local emulator = require "novita.emulator"
local lfs = require "lfs"
local printable = require "novita.base.printable"
local tmux = require "support.tmux"

local function lines_with(lines, text)
  local found = {}
  for _, line in ipairs(lines) do
    if line:find(text, 1, true) then
      found[#found + 1] = line
    end
  end
  return found
end

local function check_width(lines, columns)
  for _, line in ipairs(lines) do
    assert.is_true(printable.columns(line) <= columns - 1, line)
  end
end

-- An emulator whose clock stands still, so that the contents of the screen are predictable.
local function still()
  return assert(emulator.start { speed = 0, queue_seconds = 1, seconds_per_step = 1 })
end

describe("on a terminal", function()
  if not tmux.exists() then
    pending "tmux is missing: apt-get install tmux"
    return
  end

  local service, folder, screen
  before_each(function()
    service = still()
    folder = cli.folder()
  end)
  after_each(function()
    if screen then
      screen:close()
      screen = nil
    end
    service:stop()
    cli.remove(folder)
  end)

  local function start(columns, locale, words, more)
    local env = cli.env(service, { LC_ALL = locale })
    for name, value in pairs(more or {}) do
      env[name] = value
    end
    screen = tmux.open(folder, columns, 24, cli.command(words, env))
  end

  -- The lines on the screen after the findings about the photos and the line with the task's id,
  -- which wraps in 40 columns.
  local function train(columns, locale, more)
    cli.photos(folder .. "/anna", 2)
    start(columns, locale, { "train", folder .. "/anna", "--prompt", "x", "--steps", "100",
      "--poll", "0.1", "--yes" }, more)
    screen:wait "queuing"
    service:advance(1)
    service:advance(50)
    local lines, id_rows = screen:wait "50 %", columns < 50 and 2 or 1
    local at = 1
    while lines[at] and not lines[at]:find "^submitted: " do
      at = at + 1
    end
    assert.is_string(lines[at], "no line with the id")
    return table.move(lines, at + id_rows, #lines, 1, {})
  end

  local function train_all(columns, locale, more)
    for _, name in ipairs { "anna", "ben" } do
      cli.photos(folder .. "/people/" .. name, 2)
    end
    start(columns, locale, { "train", folder .. "/people", "--prompt", "x", "--steps", "100",
      "--poll", "0.1", "--journal", folder .. "/run.db", "--yes" }, more)
    for _ = 1, 300 do
      if #service:ledger().tasks == 2 then
        break
      end
      os.execute "sleep 0.1"
    end
    service:advance(1)
    service:advance(50)
    return screen:wait("50 %", 2)
  end

  it("a job is one line with a bar of blocks, in 80 columns", function()
    local lines = train(80, "C.UTF-8")
    assert.same({ "anna                 training   ██████████░░░░░░░░░░ 50 %, 50 s left" },
      lines)
    assert.is_false(screen:cursor())
  end)

  it("without UTF-8 the bar is ASCII", function()
    assert.same({ "anna                 training   [#########.........] 50 %, 50 s left" },
      train(80, "C"))
  end)

  it("in 40 columns there is no bar, and nothing wraps", function()
    local lines = train(40, "C.UTF-8")
    assert.same({ "anna       training   50 %, 50 s left" }, lines)
    check_width(lines, 40)
  end)

  it("in 40 columns without UTF-8 too", function()
    assert.same({ "anna       training   50 %, 50 s left" }, train(40, "C"))
  end)

  it("the line is replaced by the result, and the cursor is shown", function()
    train(80, "C.UTF-8")
    service:advance(1000)
    local lines = screen:wait "rc 0"
    local text = table.concat(lines, "\n")
    assert.matches("submitted: [^\n]*\nserving: model_[^\n]*\nmodels: they stay at the [^\n]*\n"
      .. "try: novita generate %-%-model anna %-%-prompt x", text)
    assert.is_true(screen:cursor())
  end)

  it("an unknown base model, or a warning, is paid for only if the user says yes", function()
    for _, case in ipairs { { "n", nil, "rc 2" }, { "y", "n", "rc 1" }, { "y", "y", "rc 0" } } do
      cli.photos(folder .. "/anna", 1)
      start(120, "C", { "train", folder .. "/anna", "--prompt", "x", "--base", "sd15",
        "--no-wait" })
      screen:wait "train on it?"
      screen:keys(case[1] .. " Enter")
      if case[2] then
        local lines = screen:wait "(emulator) pay for 1 training, with these warnings? [y/N]"
        assert.equal(1, #lines_with(lines, "there is only 1 photo: that can be trained, but"))
        assert.same({}, service:ledger().tasks)
        screen:keys(case[2] .. " Enter")
      end
      local lines = screen:wait(case[3])
      assert.equal(case[2] == "n" and 1 or 0, #lines_with(lines, "nothing was uploaded or paid"))
      assert.equal(case[2] and 1 or 0, #lines_with(lines, "there is only 1 photo"))
      screen:close()
    end
    assert.equal(1, #service:ledger().tasks)
  end)

  it("a budget that its first payment may exceed is a warning before the question", function()
    cli.photos(folder .. "/anna", 4)
    start(200, "C", { "train", folder .. "/anna", "--prompt", "x", "--budget", "0.2", "--no-wait" })
    local lines = screen:wait "pay for 1 training, with these warnings? [y/N]"
    assert.equal(1, #lines_with(lines, "may be more than the 0.2000 USD that are left of"))
    screen:keys "y Enter"
    lines = screen:wait "rc 0"
    assert.equal(1, #lines_with(lines, "may be more than the 0.2000 USD that are left of"))
    assert.equal(1, #service:ledger().tasks)
  end)

  it("nothing is asked if --max-trainings leaves nothing to pay for", function()
    cli.photos(folder .. "/people/anna", 1)
    start(100, "C", { "batch", folder .. "/people", folder .. "/run.db", "--prompt", "x",
      "--poll", "0.1", "--samples", folder .. "/out", "--samples-prompt", "x",
      "--max-trainings", "0" })
    local lines = screen:wait "rc 0"
    assert.equal(0, #lines_with(lines, "[y/N]"))
    assert.same({ {}, {} }, { service:ledger().tasks, service:ledger().image_tasks })
  end)

  it("only a y or a yes agrees, and only to the jobs that were shown", function()
    cli.photos(folder .. "/people/anna", 1)
    local function type_in(keys)
      start(100, "C", { "batch", folder .. "/people", folder .. "/run.db", "--prompt", "x",
        "--poll", "0.1" })
      screen:wait "with these warnings? [y/N]"
      cli.photos(folder .. "/people/ben", 1)
      screen:keys(keys)
      local lines = screen:wait "rc 1"
      screen:close()
      assert.same({}, service:ledger().tasks)
      return lines
    end
    assert.equal(1, #lines_with(type_in "'yarn build' Enter", "nothing was uploaded or paid"))
    cli.remove(folder .. "/people/ben")
    assert.equal(1, #lines_with(type_in "yes Enter", "and were not shown: ben; nothing was paid"))
  end)

  it("what the user does not agree to leaves the journal as it was", function()
    local words = { "train", cli.photos(folder .. "/anna", 1), "--prompt", "x", "--no-wait" }
    local env, file = cli.env(service), folder .. "/anna.db"
    assert.equal(0, cli.run(words, env).status)
    local before = cli.run({ "status", file }, env).out
    for _, keys in ipairs { "n Enter", "C-c" } do
      start(100, "C", { "train", folder .. "/anna", "--prompt", "y", "--replace", "--no-wait" })
      screen:wait "with these warnings? [y/N]"
      screen:keys(keys)
      screen:wait "rc "
      screen:close()
      assert.equal(before, cli.run({ "status", file }, env).out)
    end
    assert.equal(0, cli.run(words, env).status)
    assert.equal(1, #service:ledger().tasks)
  end)

  local function refuse(words, asked)
    start(100, "C", words)
    screen:wait(asked)
    screen:keys "n Enter"
    screen:wait "rc 1"
    screen:close()
  end

  it("batch and resume ask by the same rule", function()
    local people, file = folder .. "/people", folder .. "/run.db"
    cli.photos(people .. "/anna", 1)
    local words, asked = { "batch", people, file, "--prompt", "x" },
      "pay for 1 training, with these warnings? [y/N]"
    refuse(words, asked)
    assert.is_nil(lfs.attributes(file))
    local env = cli.env(service)
    local planned = cli.run({ "batch", people, file, "--prompt", "x", "--max-trainings", "0" }, env)
    assert.equal(0, planned.status, planned.err) -- a pipe is not asked
    assert.equal(0, cli.run({ "resume", file, "--abandon", "failed", "--max-trainings", "0" },
      env).status)
    local before = cli.run({ "status", file }, env).out
    refuse({ "resume", file }, asked)
    assert.equal(before, cli.run({ "status", file }, env).out)
    assert.same({}, service:ledger().tasks)
    start(100, "C", { "resume", file })
    screen:wait(asked)
    screen:keys "y Enter"
    local lines = screen:wait "0/1 done"
    assert.equal(1, #lines_with(lines, "there is only 1 photo"))
  end)

  it("generate asks about a warning, and only then", function()
    refuse({ "generate", "--prompt", "x", "--base", "v1-5-pruned-emaonly", "--out", folder },
      "pay for 1 image, with these warnings? [y/N]")
    assert.same({}, service:ledger().image_tasks)
    start(100, "C", { "generate", "--prompt", "x", "--out", folder })
    local lines = screen:wait "queuing"
    assert.same({}, lines_with(lines, "[y/N]"))
  end)

  it("Ctrl-C shows the cursor and exits with 130", function()
    train(80, "C.UTF-8")
    screen:keys "C-c"
    local lines = screen:wait "rc 130"
    assert.is_true(screen:cursor())
    assert.equal(0, #lines_with(lines, "50 %"))
  end)

  it("an error shows the cursor", function()
    train(80, "C.UTF-8")
    service:set_status(service:ledger().tasks[1].id, "FAILED")
    screen:wait "rc 1"
    assert.is_true(screen:cursor())
  end)

  for name, status in pairs { HUP = 129, QUIT = 131, TERM = 143 } do
    it(("SIG%s brings it back and ends with %d"):format(name, status), function()
      train(80, "C.UTF-8")
      screen:signal(name)
      local lines = screen:wait("rc " .. status)
      assert.is_true(screen:cursor())
      assert.equal(0, #lines_with(lines, "50 %"))
    end)
  end

  it("a batch ended by a signal shows the cursor and says how to continue", function()
    for name, status in pairs { INT = 130, TERM = 143 } do
      train_all(80, "C.UTF-8")
      screen:signal(name)
      local lines = screen:wait("rc " .. status)
      assert.is_true(screen:cursor())
      assert.equal(1, #lines_with(lines, "novita resume"), table.concat(lines, "\n"))
      assert.equal(0, #lines_with(lines, "50 %"))
      screen:close()
      cli.remove(folder)
      folder = cli.folder()
      service:stop()
      service = still()
    end
  end)

  it("the second Ctrl-C ends a batch at once and shows the cursor", function()
    service:fault { kind = "hang", route = "create" }
    cli.photos(folder .. "/people/anna", 1)
    start(80, "C.UTF-8", { "train", folder .. "/people", "--prompt", "x", "--journal",
      folder .. "/run.db", "--yes" })
    screen:wait "submitting"
    screen:keys "C-c"
    screen:wait "stopping"
    screen:keys "C-c"
    screen:wait "rc 130"
    assert.is_true(screen:cursor())
  end)

  describe("in a shell with jobs", function()
    local function begin()
      cli.photos(folder .. "/anna", 2)
      screen = tmux.open(folder, 80, 12, "exec bash --norc --noprofile -i")
      screen:wait "bash-"
      local env = cli.env(service, { LC_ALL = "C.UTF-8" })
      cli.write(folder .. "/train", "exec " .. cli.command({ "train", folder .. "/anna", "--prompt",
        "x", "--steps", "100", "--poll", "0.1", "--yes" }, env))
      screen:keys(("'sh %s/train' Enter"):format(folder))
      screen:wait "queuing"
      service:advance(51)
      screen:wait "50 %"
    end

    it("Ctrl-Z shows the cursor in the shell, and fg hides it again", function()
      begin()
      screen:keys "C-z"
      screen:wait "Stopped"
      assert.is_true(screen:cursor())
      screen:keys "fg Enter"
      service:advance(10)
      screen:wait "60 %"
      assert.is_false(screen:cursor())
      service:advance(1000)
      screen:wait "serving: model_"
      assert.is_true(screen:cursor())
    end)

    it("in the background nothing is drawn over the user's input", function()
      begin()
      screen:keys "C-z"
      screen:wait "Stopped"
      screen:keys "bg Enter"
      service:advance(10)
      screen:keys "'echo $((6*7)) times' Enter"
      local lines = screen:wait "42 times"
      os.execute "sleep 0.5"
      assert.same(lines_with(lines, "times"), lines_with(screen:lines(), "times"))
      assert.equal(0, #lines_with(screen:lines(), "60 %"))
      assert.is_true(screen:cursor())
      screen:keys "fg Enter"
      screen:wait "60 %"
      assert.is_false(screen:cursor())
      screen:keys "C-c"
      screen:wait "interrupted"
      assert.is_true(screen:cursor())
    end)
  end)

  -- Waits until what is drawn has the width of the screen, so the program has drawn it again, and
  -- nothing is left of what was drawn before.
  local function wait_for_width(columns)
    screen:wait_until(function(lines)
      local names, bars = {}, 0
      for _, line in ipairs(lines) do -- the warnings above them begin otherwise
        local name = line:match "^anna" or line:match "^ben"
        names[#names + 1] = name
        bars = bars + (name and line:find("█", 1, true) and 1 or 0)
      end
      return table.concat(names, " ") == "anna ben" and bars == (columns < 50 and 0 or 2)
        and #lines_with(lines, "0/2 done") == 1
    end)
  end

  for _, sizes in ipairs { { 80, 40 }, { 40, 80 }, { 80, 25 } } do
    it(("is right after a resize from %d to %d columns"):format(sizes[1], sizes[2]), function()
      train_all(sizes[1], "C.UTF-8")
      screen:resize(sizes[2], 12)
      wait_for_width(sizes[2])
    end)
  end

  it("a batch is a line for each running job and a total below", function()
    local lines = train_all(80, "C.UTF-8")
    table.remove(lines, 1) -- "2 jobs planned in ..." may wrap
    local last = lines[#lines]
    assert.truthy(last:find("░░░░░░░░░░░░░░░░░░░░ 0/2 done", 1, true))
    assert.truthy(lines[#lines - 2]:find("^anna +training +█"))
    assert.truthy(lines[#lines - 1]:find("^ben +training +█"))
    service:advance(1000)
    local ended = screen:wait "rc 0"
    assert.equal(1, #lines_with(ended, "serving anna: model_"))
    assert.equal(0, #lines_with(ended, "0/2 done"))
    assert.is_true(screen:cursor())
  end)

  for _, case in ipairs { { 40, "C.UTF-8" }, { 40, "C" }, { 80, "C" } } do
    it(("so it is in %d columns of %s"):format(case[1], case[2]), function()
      local lines = train_all(case[1], case[2])
      lines = table.move(lines, #lines - 2, #lines, 1, {})
      check_width(lines, case[1])
      local bar = case[1] == 80 and "[#########.........] " or ""
      local total = case[1] == 80 and "[..................] " or ""
      local room = case[1] == 80 and 20 or 10
      for i, name in ipairs { "anna", "ben" } do
        assert.equal(("%s training   %s50 %%, 50 s left"):format(printable.pad(name, room), bar),
          lines[i])
      end
      assert.equal(total .. "0/2 done", lines[3])
    end)
  end

  it("status --watch shows another process's batch, and Ctrl-C ends only the watching", function()
    train_all(80, "C.UTF-8")
    local other <close> = setmetatable({ screen = screen, folder = cli.folder() }, {
      __close = function(self)
        self.screen:close()
        cli.remove(self.folder)
      end,
    })
    screen = tmux.open(other.folder, 80, 12, cli.command({ "status", folder .. "/run.db", "--watch"
      }, cli.env(service, { LC_ALL = "C.UTF-8" })))
    local lines = screen:wait "0/2 done"
    assert.same({ "anna                 training", "ben                  training",
      "░░░░░░░░░░░░░░░░░░░░ 0/2 done" }, lines)
    screen:keys "C-c"
    screen:wait "rc 130"
    assert.is_true(screen:cursor())
    other.screen:wait("50 %", 2)
    service:advance(1000)
    other.screen:wait "rc 0"
  end)

  it("there are colours, but not with NO_COLOR", function()
    train_all(80, "C.UTF-8")
    assert.truthy(table.concat(screen:lines(true)):find "\27%[1m")
    screen:close()
    cli.remove(folder)
    folder = cli.folder()
    service:stop()
    service = still()
    train_all(80, "C.UTF-8", { NO_COLOR = "1" })
    assert.is_nil(table.concat(screen:lines(true)):find "\27%[%d*m")
  end)

  it("results that go to a file have no colours", function()
    screen = tmux.open(folder, 100, 24, cli.command({ "doctor" }, cli.env(service)) .. " >"
      .. folder .. "/doctor.txt")
    screen:wait "rc 0"
    local file <close> = assert(io.open(folder .. "/doctor.txt"))
    local text = file:read "a"
    assert.matches("the key is accepted", text)
    assert.is_nil(text:find "\27")
  end)

  it("it is redrawn at most ten times a second, each time in one write", function()
    train(80, "C.UTF-8")
    screen:record(folder .. "/record")
    os.execute "sleep 2"
    local file <close> = assert(io.open(folder .. "/record", "rb"))
    local _, begun = file:read("a"):gsub("\27%[%?25l", "")
    assert.is_true(begun >= 5 and begun <= 21, tostring(begun))
  end)

  it("TERM=dumb gets plain lines", function()
    cli.photos(folder .. "/anna", 2)
    start(80, "C.UTF-8", { "train", folder .. "/anna", "--prompt", "x", "--steps", "100", "--poll",
      "0.1" }, { TERM = "dumb" })
    local lines = screen:wait "anna: queuing"
    assert.equal(1, #lines_with(lines, "anna: submitting"))
    assert.is_true(screen:cursor())
  end)
end)
