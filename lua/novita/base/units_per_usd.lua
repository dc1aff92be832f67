--- The service counts money in units of 0.0001 USD.

return 10000
