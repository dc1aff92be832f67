--- The commands of the page. Each runs in a coroutine; it returns a table or nothing, or nil and an
--- error, or raises what the user did wrong.

local commands = { by_name = {} }

local by_name = commands.by_name

--- A photo whose bytes have arrived in a file.
---@param app novita.playground.App
---@param file { path: string, size: integer, name: string }
function commands.photo(app, file)
  return app.photos:add(file)
end

function by_name.key(app, given)
  return app.session:use_key(given)
end

function by_name.emulator(app)
  return app.session:use_emulator()
end

function by_name.connect(app)
  return app.session:again()
end

function by_name.dismiss(app)
  app.session:dismiss()
end

function by_name.settings(app, given)
  if next(given) ~= nil then
    app.setup:set(given)
  end
  return app.setup:order()
end

function by_name.change_photo(app, given)
  app.photos:change(given)
end

function by_name.remove_photos(app, given)
  app.photos:remove(type(given.ids) == "table" and given.ids or {})
end

function by_name.train(app, given)
  return app.trainings:start(given)
end

function by_name.continue_training(app, given)
  app.trainings:continue(given.id, given.again == true)
end

function by_name.forget_training(app, given)
  app.trainings:forget(given.id)
end

function by_name.report(app, given)
  return app.trainings:report(given.id)
end

function by_name.refresh(app)
  app.trainings:refresh()
  app.models:refresh()
  app.session:refresh()
end

function by_name.search_models(app, given)
  app.models:refresh(given.query)
end

function by_name.save_model(app, given)
  return app.models:save(tostring(given.model_name))
end

function by_name.generate(app, given)
  return app.gallery:generate(given)
end

function by_name.delete_image(app, given)
  app.gallery:delete(given.id)
end

return commands
