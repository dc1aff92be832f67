---@meta novita.sqlite
-- Declares the C module `novita.sqlite` for editors. Nothing requires this file. SQLite's refusal
-- is nil and an error of kind "file" with the code "busy", "full", "corrupt",
-- "not_database", "read_only", "constraint", "open" or "sqlite". Wrong use raises.
-- luacheck: ignore 212 241

local sqlite = {
  version = "", -- of SQLite
}

---@alias novita.sqlite.Value nil|integer|number|string|userdata text, or a blob of `sqlite.blob`

--- Opens a file, which is created if it does not exist.
---@param path string
---@param options? { read_only?: boolean, timeout?: number } timeout: seconds to wait for another
--- connection, default 5
---@return novita.sqlite.Database?
---@return novita.Error? err
function sqlite.open(path, options) end

--- Bytes that are bound as a BLOB; a string is bound as TEXT. Both are read as strings.
---@param bytes string
---@return userdata
function sqlite.blob(bytes) end

---@class novita.sqlite.Database
local database = {}

--- Runs any number of statements, and drops their rows.
---@param sql string
---@return boolean? done
---@return novita.Error? err
function database:exec(sql) end

--- Prepares a statement.
---@param sql string one statement
---@return novita.sqlite.Statement?
---@return novita.Error? err
function database:prepare(sql) end

--- How many rows the last statement has changed.
---@return integer
function database:changes() end

--- The rowid of the last INSERT.
---@return integer
function database:last_id() end

--- Whether a transaction is open.
---@return boolean
function database:in_transaction() end

--- Copies it to another file, as it is at one moment; others may write to it meanwhile.
---@param path string
---@return boolean? done
---@return novita.Error? err
function database:backup(path) end

--- Closes it and its statements. May be called twice.
function database:close() end

---@class novita.sqlite.Statement
local statement = {}

--- Sets all parameters, from the first row on.
---@param ... novita.sqlite.Value one for each parameter
---@return novita.sqlite.Statement? self
---@return novita.Error? err
function statement:bind(...) end

--- The next row: its values by column, without those that are NULL.
---@return table<string, integer|number|string>|false|nil row false after the last one
---@return novita.Error? err
function statement:step() end

--- Ends a query before its last row.
function statement:reset() end

--- May be called twice.
function statement:close() end

return sqlite
