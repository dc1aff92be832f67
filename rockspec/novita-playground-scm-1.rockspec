rockspec_format = "3.0"
package = "novita-playground"
version = "scm-1"
source = {
  url = "git+https://git.example.org/novita.git", -- unused by 'luarocks make'
}
description = {
  summary = "Train LoRAs and generate images in a browser on this machine",
  detailed = [[
A page on loopback for the Novita training API: photos with crops, captions
and findings, a training with its progress, images with the model. It stands
on the rock novita, so a training that began in the page has a journal.]],
  license = "MIT",
  labels = { "http" },
}
supported_platforms = { "unix" }
dependencies = {
  "lua >= 5.4, < 5.6",
  "luafilesystem",
  "lua-cjson >= 2.1.0",
  "novita-service",
  "novita-core",
  "novita-sqlite",
  "novita", -- `novita playground`
}
build = {
  type = "builtin",
  modules = {
    -- begin lua
    ["novita.playground.app"] = "lua/novita/playground/app.lua",
    ["novita.playground.check"] = "lua/novita/playground/check.lua",
    ["novita.playground.commands"] = "lua/novita/playground/commands.lua",
    ["novita.playground.facts"] = "lua/novita/playground/facts.lua",
    ["novita.playground.files"] = "lua/novita/playground/files.lua",
    ["novita.playground.folder"] = "lua/novita/playground/folder.lua",
    ["novita.playground.forms"] = "lua/novita/playground/forms.lua",
    ["novita.playground.gallery"] = "lua/novita/playground/gallery.lua",
    ["novita.playground.guard"] = "lua/novita/playground/guard.lua",
    ["novita.playground.hub"] = "lua/novita/playground/hub.lua",
    ["novita.playground"] = "lua/novita/playground/init.lua",
    ["novita.playground.json"] = "lua/novita/playground/json.lua",
    ["novita.playground.models"] = "lua/novita/playground/models.lua",
    ["novita.playground.pages"] = "lua/novita/playground/pages.lua",
    ["novita.playground.photos"] = "lua/novita/playground/photos.lua",
    ["novita.playground.requests"] = "lua/novita/playground/requests.lua",
    ["novita.playground.responses"] = "lua/novita/playground/responses.lua",
    ["novita.playground.rules"] = "lua/novita/playground/rules.lua",
    ["novita.playground.session"] = "lua/novita/playground/session.lua",
    ["novita.playground.setup"] = "lua/novita/playground/setup.lua",
    ["novita.playground.training_record"] = "lua/novita/playground/training_record.lua",
    ["novita.playground.trainings"] = "lua/novita/playground/trainings.lua",
    -- end lua
  },
  install = {
    lua = { -- the page, beside the module that reads it
      -- begin page
      ["novita.playground.page.app_js"] = "lua/novita/playground/page/app.js",
      ["novita.playground.page.crop_js"] = "lua/novita/playground/page/crop.js",
      ["novita.playground.page.dom_js"] = "lua/novita/playground/page/dom.js",
      ["novita.playground.page.icon_svg"] = "lua/novita/playground/page/icon.svg",
      ["novita.playground.page.images_js"] = "lua/novita/playground/page/images.js",
      ["novita.playground.page.index_html"] = "lua/novita/playground/page/index.html",
      ["novita.playground.page.photos_js"] = "lua/novita/playground/page/photos.js",
      ["novita.playground.page.server_js"] = "lua/novita/playground/page/server.js",
      ["novita.playground.page.session_js"] = "lua/novita/playground/page/session.js",
      ["novita.playground.page.style_css"] = "lua/novita/playground/page/style.css",
      ["novita.playground.page.train_js"] = "lua/novita/playground/page/train.js",
      ["novita.playground.page.trainings_js"] = "lua/novita/playground/page/trainings.js",
      -- end page
    },
  },
}
test = { type = "command", script = "rockspec/test.lua", flags = { "novita-playground" } }
