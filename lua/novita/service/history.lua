--- Keeps the emulator's memory bounded: of each kind of thing it remembers the latest ones.

local history = {}

--- Drops the oldest entries that have ended once a list is longer than its limit, an eighth of the
--- limit at a time. Entries that have not ended stay, whatever the limit.
---@param store table has the list
---@param limit integer
---@param ended fun(entry: table): boolean
---@param forget fun(entry: table) removes what else leads to it
function history.trim(store, limit, ended, forget)
  local list = store.list
  if #list <= (store.trim_at or limit) then return end
  local excess, kept = #list - limit + limit // 8, 0
  for i = 1, #list do
    local entry = list[i]
    list[i] = nil
    if excess > 0 and ended(entry) then
      excess = excess - 1
      forget(entry)
    else
      kept = kept + 1
      list[kept] = entry
    end
  end
  store.trim_at = math.max(limit, kept + limit // 8)
end

return history
