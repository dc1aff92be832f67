--- Rows of a table that only this program changes, kept in memory by their ids. A caller that
--- changes a row in the file drops it here.

---@class novita.server.KeptRows
---@field most integer
---@field count integer
---@field rows table<string, table>
local KeptRows = {}
KeptRows.__index = KeptRows

local kept_rows = {}

---@param id string
---@return table?
function KeptRows:get(id)
  return self.rows[id]
end

---@param id string of a row that is not kept
---@param row table
function KeptRows:put(id, row)
  if self.count == self.most then -- those that are polled come back
    self.rows, self.count = {}, 0
  end
  self.rows[id], self.count = row, self.count + 1
end

---@param id string
function KeptRows:drop(id)
  if self.rows[id] then
    self.rows[id], self.count = nil, self.count - 1
  end
end

---@param most integer
---@return novita.server.KeptRows
function kept_rows.new(most)
  return setmetatable({ most = most, count = 0, rows = {} }, KeptRows)
end

return kept_rows
