--- novita balance

local account = require "novita.cli.account"
local option = require "novita.cli.option"
local units_per_usd = require "novita.base.units_per_usd"

local balance = {
  summary = "Show what is left on the account.",
  description = "Asks the service what is left on the account.",
  examples = {
    { "novita balance", "in USD" },
    { "novita balance --json", "in units of 0.0001 USD, for machines" },
  },
}

balance.define = option.account

function balance.run(arguments, ui)
  local client <close> = account.open(arguments, ui)
  local left = assert(client.account:balance())
  ui:print("%.4f USD available", left.usd)
  if left.outstandingInvoices and left.outstandingInvoices ~= 0 then
    ui:print("%.4f USD in outstanding invoices", left.outstandingInvoices / units_per_usd)
  end
  ui:result(left)
end

return balance
