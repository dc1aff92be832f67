--- novita balance

local account = require "novita.cli.account"
local option = require "novita.cli.option"
local units_per_usd = require "novita.base.units_per_usd"

local balance = {
  description = "Asks the service for the balance of the account.",
  examples = {
    { "novita balance", "print USD" },
    { "novita balance --json", "print JSON, in units of 0.0001 USD" },
  },
}

balance.define = option.account

function balance.run(arguments, ui)
  local client <close> = account.open_brief(arguments, ui)
  local left = assert(client.account:balance())
  ui:print("%.4f USD available", left.usd)
  if left.outstandingInvoices and left.outstandingInvoices ~= 0 then
    ui:print("%.4f USD in outstanding invoices", left.outstandingInvoices / units_per_usd)
  end
  ui:result(left)
end

return balance
