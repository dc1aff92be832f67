--- Whether the tables of a journal have all columns that they should have. The version of the
--- schema does not show it: a database may have the tables of an unfinished version of novita.

local columns = {}

--- Says which column is missing.
---@param declared novita.batch.store.Table[]
---@param extra table<string, table[]> more columns by table
---@param names fun(name: string): table<string, any> the columns that a table has
---@return string? text
function columns.missing(declared, extra, names)
  for _, one in ipairs(declared) do
    local found = names(one.name)
    for _, list in ipairs { one.columns, extra[one.name] or {} } do
      for _, column in ipairs(list) do
        if not found[column[1]] then
          return ("its table %s has no column %s"):format(one.name, column[1])
        end
      end
    end
  end
end

return columns
