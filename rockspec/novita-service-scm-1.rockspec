rockspec_format = "3.0"
package = "novita-service"
version = "scm-1"
source = {
  url = "git+https://git.example.org/novita.git", -- unused by 'luarocks make'
}
description = {
  summary = "The routes of the Novita training API: what an emulator and a server share",
  detailed = [[
An HTTP server; routes, checks of requests, signed links, pages of lists,
webhooks. The rocks that stand on it, such as novita-emulator, say what happens behind the routes.]],
  license = "MIT",
  labels = { "http" },
}
supported_platforms = { "unix" }
dependencies = {
  "lua >= 5.4, < 5.6",
  "lua-cjson >= 2.1.0",
  "novita-core",
}
external_dependencies = {
  MICROHTTPD = { library = "microhttpd" },
  NETTLE = { library = "nettle" },
}
build = {
  type = "builtin",
  modules = {
    -- begin lua
    ["novita.service.account"] = "lua/novita/service/account.lua",
    ["novita.service.assets"] = "lua/novita/service/assets.lua",
    ["novita.service.auth"] = "lua/novita/service/auth.lua",
    ["novita.service.contents"] = "lua/novita/service/contents.lua",
    ["novita.service.engine"] = "lua/novita/service/engine.lua",
    ["novita.service.event_stream"] = "lua/novita/service/event_stream.lua",
    ["novita.service.field_rules"] = "lua/novita/service/field_rules.lua",
    ["novita.service.history"] = "lua/novita/service/history.lua",
    ["novita.service.http_date"] = "lua/novita/service/http_date.lua",
    ["novita.service.identifiers"] = "lua/novita/service/identifiers.lua",
    ["novita.service.image_result"] = "lua/novita/service/image_result.lua",
    ["novita.service.images"] = "lua/novita/service/images.lua",
    ["novita.service"] = "lua/novita/service/init.lua",
    ["novita.service.input_images"] = "lua/novita/service/input_images.lua",
    ["novita.service.json"] = "lua/novita/service/json.lua",
    ["novita.service.link_check"] = "lua/novita/service/link_check.lua",
    ["novita.service.links"] = "lua/novita/service/links.lua",
    ["novita.service.messages"] = "lua/novita/service/messages.lua",
    ["novita.service.meta"] = "lua/novita/service/meta.lua",
    ["novita.service.models"] = "lua/novita/service/models.lua",
    ["novita.service.options"] = "lua/novita/service/options.lua",
    ["novita.service.paging"] = "lua/novita/service/paging.lua",
    ["novita.service.query"] = "lua/novita/service/query.lua",
    ["novita.service.responses"] = "lua/novita/service/responses.lua",
    ["novita.service.router"] = "lua/novita/service/router.lua",
    ["novita.service.sigv4"] = "lua/novita/service/sigv4.lua",
    ["novita.service.training_list"] = "lua/novita/service/training_list.lua",
    ["novita.service.trainings"] = "lua/novita/service/trainings.lua",
    ["novita.service.types"] = "lua/novita/service/types.lua",
    ["novita.service.validate"] = "lua/novita/service/validate.lua",
    ["novita.service.webhooks"] = "lua/novita/service/webhooks.lua",
    -- end lua
    ["novita.httpd"] = {
      sources = {
        -- begin httpd
        "csrc/httpd/connection.c",
        "csrc/httpd/httpd.c",
        "csrc/httpd/interpreter.c",
        "csrc/httpd/listen.c",
        "csrc/httpd/request.c",
        "csrc/httpd/response.c",
        "csrc/httpd/rules.c",
        "csrc/httpd/server.c",
        "csrc/httpd/spool.c",
        "csrc/httpd/stream.c",
        "csrc/httpd/suspend.c",
        "csrc/httpd/tls_files.c",
        -- end httpd
      },
      libraries = { "microhttpd", "pthread", "m" },
      incdirs = { "$(MICROHTTPD_INCDIR)" },
      libdirs = { "$(MICROHTTPD_LIBDIR)" },
    },
    ["novita.service.core"] = {
      sources = {
        -- begin core
        "csrc/service/core.c",
        "csrc/service/crypto.c",
        "csrc/service/sender.c",
        -- end core
      },
      libraries = { "nettle", "pthread" },
      incdirs = { "$(NETTLE_INCDIR)" },
      libdirs = { "$(NETTLE_LIBDIR)" },
    },
  },
}
test = { type = "command", script = "rockspec/test.lua", flags = { "novita-service" } }
