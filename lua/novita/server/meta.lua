---@meta novita.server.core
-- Declares the C module `novita.server.core` for editors. Nothing requires this file.
-- luacheck: ignore 212 241

local core = {}

--- Starts a program; novita.server.process is what to use.
---@param loop novita.core.loop
---@param continuation table gets events with a list of stream, line, stream, line, ...
---@param options novita.server.ProcessOptions with `mark` and `environment`
---@return novita.server.core.process? op
---@return novita.Error? err
function core.process(loop, continuation, options) end

--- Kills every process whose environment has this mark, as all have that a program started.
---@param mark string at least 16 characters
---@return integer count of those that were there: call it again until it returns 0
function core.kill_marked(mark) end

--- Makes this process the parent of processes whose own parent has ended, so that it can reap them.
--- For programs, not for libraries: it also reaps the processes of other parts of the program
--- that have left our session.
---@return boolean done false where the system has no such thing
function core.reap_orphans() end

--- Writes a file, or the names in a folder, to the disk.
---@param path string
---@return boolean? done
---@return novita.Error? err
function core.sync(path) end

--- Makes a folder that only its owner can open; one that exists is left as it is.
---@param path string
---@return boolean? done
---@return novita.Error? err
function core.make_folder(path) end

--- Renames a file or a folder that is on the disk already; afterwards its new name is, too.
---@param from string
---@param to string
---@return boolean? done
---@return novita.Error? err
function core.rename(from, to) end

--- The room on the file system of a path.
---@param path string
---@return integer? free bytes
---@return integer|novita.Error total bytes, or why it is not known
function core.disk(path) end

---@class novita.server.core.process
local process = {}

--- Kills the program and all that it started, and waits some milliseconds for their deaths. No
--- event follows.
---@param loop novita.core.loop
function process:cancel(loop) end

--- Whether it is running: false once it has ended or is canceled.
---@return boolean
function process:running() end

--- The number of the process while it runs.
---@return integer?
function process:pid() end

--- Sends SIGTERM to its group, and SIGKILL after its grace.
function process:stop() end

return core
