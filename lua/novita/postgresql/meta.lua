---@meta novita.postgresql
-- Declares the C module `novita.postgresql` for editors. Nothing requires this file. A failure is
-- nil and an error: kind "network" with the code "connect" or "lost", kind "timeout", or kind "api"
-- with the code "refused" and the field `sqlstate`, if the server has refused a statement. Wrong
-- use raises.
-- luacheck: ignore 212 241

local postgresql = {
  version = 0, -- of libpq, such as 150018
}

--- Reads a URI without looking up anything.
---@param uri string
---@return table<string, string>? options libpq's, by name, as far as the URI has them; nil if it is
--- not a URI
function postgresql.parse(uri) end

--- The options that a connection would have, with those of the environment and of the service file,
--- and libpq's defaults. Sends nothing, but may look up the name of the host.
---@param options table<string, string>
---@return table<string, string> options without the password
function postgresql.resolve(options) end

--- Connects. The result of the op is a novita.postgresql.Connection.
---@param loop novita.core.loop
---@param continuation table
---@param options table<string, string> libpq's
---@param seconds number
---@return userdata? op
---@return novita.Error? err
function postgresql.connect(loop, continuation, options, seconds) end

---@class novita.postgresql.Connection
local connection = {}

--- Sends one statement. The result of the op is a list of rows, tables by column without the NULLs,
--- with the field `count`: how many rows were read or changed. If the op is canceled or too late,
--- the connection is closed: whether the server has run it is unknown.
---@param loop novita.core.loop
---@param continuation table
---@param sql string with $1, $2, ...
---@param values table with a field n: nil, booleans, numbers, strings without a NUL
---@param seconds number
---@return userdata? op
---@return novita.Error? err
function connection:query(loop, continuation, sql, values, seconds) end

---@return boolean
function connection:is_open() end

--- Whether a transaction was begun and has not ended.
---@return boolean
function connection:in_transaction() end

--- The version of the server, such as 150018.
---@return integer
function connection:version() end

--- The number of the server process, as the other side has named it: a pooler names another one.
---@return integer
function connection:process() end

---@return boolean
function connection:is_encrypted() end

--- One of libpq's options as this connection has it, from wherever it came. A password is nil.
---@param name string
---@return string?
function connection:option(name) end

--- Closes it at once. May be called twice.
function connection:close() end

return postgresql
