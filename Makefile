# `make help` lists the targets. The stress, fuzz and bench targets are in make/.
BUILD   ?= build
CC      ?= cc
CFLAGS  ?= -O2 -g
WARN     = -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes \
           -Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wvla -Werror
# The sources are strict C11, for hosts that compile them; products are fused as in the default mode.
STRICT   = -std=c11 -pedantic -ffp-contract=fast
LUA_INC ?= $(shell pkg-config --cflags lua5.4)
LIBS     = -lcurl -ljpeg -lpng -lwebp -llcms2 -lz -lpthread -lm
HTTPD_LIBS   = -lmicrohttpd -lpthread -lm
SERVICE_LIBS = -lnettle -lpthread
SERVER_LIBS  = -lpthread -lm
SQLITE_LIBS  = -lsqlite3 -lpthread
# A rock that few need: without libpq-dev everything else is built.
POSTGRESQL_LIBS := $(shell pkg-config --libs libpq 2>/dev/null)
POSTGRESQL_INC  := $(shell pkg-config --cflags libpq 2>/dev/null)

C_SRC    := $(sort $(shell find csrc -name '*.c'))
ifeq ($(POSTGRESQL_LIBS),)
C_SRC    := $(filter-out csrc/postgresql/%,$(C_SRC))
endif
OTHER_SRC := $(filter csrc/httpd/% csrc/service/% csrc/emulator/% csrc/server/% csrc/faces/% \
                csrc/sqlite/% csrc/postgresql/%,$(C_SRC))
CORE_SRC := $(filter-out $(OTHER_SRC),$(C_SRC))
OBJ      := $(C_SRC:%.c=$(BUILD)/%.o)
CORE_OBJ := $(CORE_SRC:%.c=$(BUILD)/%.o)
# The parts of the core with which other modules work on its loop; their rockspecs have them too.
LOOP_OBJ := $(patsubst %,$(BUILD)/csrc/%.o,base/clock base/error base/heap base/quota base/text \
     event/loop event/op event/poller_epoll event/poller_poll event/timer event/worker \
     lua/error lua/loop_handle lua/op)
SERVER_OBJ := $(filter $(BUILD)/csrc/server/%,$(OBJ)) $(LOOP_OBJ) \
  $(patsubst %,$(BUILD)/csrc/%.o,base/buffer base/file_sync)
POSTGRESQL_OBJ := $(filter $(BUILD)/csrc/postgresql/%,$(OBJ)) $(LOOP_OBJ)
SQLITE_OBJ := $(filter $(BUILD)/csrc/sqlite/%,$(OBJ)) \
  $(patsubst %,$(BUILD)/csrc/%.o,base/error base/text lua/error)
MODULES  := $(addprefix $(BUILD)/novita/,core.so httpd.so service/core.so emulator/sockets.so \
              server/core.so faces/core.so sqlite.so $(if $(POSTGRESQL_LIBS),postgresql.so))

# The checkout's own modules, for programs that are not specs.
DEV_ENV  = LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='$(BUILD)/?.so;;' BUILD=$(BUILD)
# The same, and the helpers of the specs.
SPEC_ENV = LUA_PATH='lua/?.lua;lua/?/init.lua;spec/?.lua;;' LUA_CPATH='$(BUILD)/?.so;;'

##@ Build and use
all: $(MODULES) ## build the C modules in $(BUILD); the default

$(BUILD)/novita/core.so: $(CORE_OBJ)
	@mkdir -p $(@D)
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/novita/httpd.so: $(filter $(BUILD)/csrc/httpd/%,$(OBJ))
	@mkdir -p $(@D)
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^ $(HTTPD_LIBS)

$(BUILD)/novita/service/core.so: $(filter $(BUILD)/csrc/service/%,$(OBJ))
	@mkdir -p $(@D)
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SERVICE_LIBS)

$(BUILD)/novita/emulator/sockets.so: $(filter $(BUILD)/csrc/emulator/%,$(OBJ))
	@mkdir -p $(@D)
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^

$(BUILD)/novita/sqlite.so: $(SQLITE_OBJ)
	@mkdir -p $(@D)
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SQLITE_LIBS)

$(BUILD)/novita/postgresql.so: $(POSTGRESQL_OBJ)
	@mkdir -p $(@D)
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^ $(POSTGRESQL_LIBS) -lpthread -lm

$(BUILD)/novita/server/core.so: $(SERVER_OBJ)
	@mkdir -p $(@D)
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SERVER_LIBS)

$(BUILD)/novita/faces/core.so: $(filter $(BUILD)/csrc/faces/%,$(OBJ)) $(BUILD)/csrc/base/cpu.o
	@mkdir -p $(@D)
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^ -lpthread -lm

# In a build with sanitizers too: at -O1 the face network takes most of the time of all specs.
$(BUILD)/csrc/faces/%.o: override CFLAGS += -O2
$(BUILD)/csrc/postgresql/%.o: override CFLAGS += $(POSTGRESQL_INC)
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WARN) $(STRICT) -fPIC -MMD -MP $(LUA_INC) -c -o $@ $<

-include $(OBJ:.o=.d)

# {====== the demo uses installed rocks, as a user would ======
ROCKS = build/rocks
ROCK_ENV = LUA_PATH='$(ROCKS)/share/lua/5.4/?.lua;$(ROCKS)/share/lua/5.4/?/init.lua;;' \
           LUA_CPATH='$(ROCKS)/lib/lua/5.4/?.so;;'
LUAROCKS = luarocks --lua-version 5.4 make --tree $(CURDIR)/$(ROCKS) --deps-mode=none
# LuaRocks builds beside the sources. Where root has done that, others cannot: a copy is built.
ROCKS_SRC = $(ROCKS)/source

demo: needs-demo ## train and generate on the bundled emulator: no key, no cost
	@$(MAKE) -s $(ROCKS)/built
	@$(ROCK_ENV) lua5.4 examples/train_subject.lua

demo-server: needs-demo-server ## run a training server, and train for real on this machine: no GPU, no cost
	@$(MAKE) -s $(ROCKS)/built
	@$(ROCK_ENV) PATH='$(CURDIR)/$(ROCKS)/bin:$(PATH)' sh examples/own_server.sh

$(ROCKS)/built: $(wildcard rockspec/*.rockspec bin/*) $(C_SRC) \
                $(shell find csrc -name '*.h') $(shell find lua -name '*.lua')
	@echo "building the rocks, once: this takes a few minutes"
	@rm -rf $(ROCKS_SRC) && mkdir -p $(ROCKS_SRC)
	@cp -r LICENSE README.md bin csrc docs lua rockspec $(ROCKS_SRC)
	@for rock in novita-core novita-sqlite novita novita-service novita-emulator novita-faces novita-server; do \
	  echo "  $$rock"; (cd $(ROCKS_SRC) && $(LUAROCKS) rockspec/$$rock-scm-1.rockspec) >$(ROCKS)/log 2>&1 || \
	  { cat $(ROCKS)/log; exit 1; }; done
	@rm -rf $(ROCKS_SRC)
	@touch $@
# }======

release: ## make the rocks of a release: ORIGIN=URL of their folder, RELEASE=FOLDER
	@lua5.4 tools/release.lua '$(ORIGIN)' $(or $(RELEASE),build/release)

clean: ## remove everything that was built
	rm -rf build novita out

help: ## show this list
	@awk -f make/help.awk Makefile make/*.mk

##@ Test; SPECS="file ..." picks spec files
test: needs-test ## run the specs
	@$(MAKE) -s all
	@.ci/specs $(SPECS)

# The host program that runs the specs contains the sanitizers; programs that the specs start do
# not have them.
SAN = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined
SAN_ENV = ASAN_OPTIONS=detect_leaks=0 \
          UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
          NOVITA_SANITIZED=1 BUILD=build/san HOST=$(CURDIR)/build/san/host
# These read texts that programs print; the C code below them is in the other specs.
TEXTS = $(wildcard spec/docs/*_spec.lua spec/docs/bugs/*_spec.lua) \
        $(patsubst %,spec/cli/%_spec.lua,account attention cards output_paths printable recover report terminal usage)
test-sanitized: needs-test ## run the specs under ASan and UBSan
	@$(MAKE) -s all build/san/host BUILD=build/san CFLAGS='$(SAN)'
	@$(SAN_ENV) .ci/specs $(or $(SPECS),$(filter-out $(TEXTS),$(shell find spec -name '*_spec.lua')))

# The specs that use worker threads or the emulator's threads.
THREADED = $(patsubst %,spec/%_spec.lua,async/async async/canceling async/loop batch/batch dataset/contact_sheet \
              dataset/report image/memory_of_workers api/task api/task_cancel api/train api/watch http/upload \
              http/upload_list http/download http/tls emulator/faults emulator/story httpd/httpd \
              service/event_stream)
TSAN = -O1 -g -fno-omit-frame-pointer -fsanitize=thread
TSAN_ENV = TSAN_OPTIONS=halt_on_error=1:exitcode=66 NOVITA_SPARE_THREADS=1 NOVITA_SANITIZED=1 \
           BUILD=build/tsan HOST=$(CURDIR)/.ci/tsan
test-threads: needs-test ## run the specs that use threads under TSan
	@$(MAKE) -s all build/tsan/host BUILD=build/tsan CFLAGS='$(TSAN)'
	@$(TSAN_ENV) .ci/specs $(or $(SPECS),$(THREADED))

# The parsers of untrusted bytes, and one path through the rest: valgrind is slow.
MEMORY = $(patsubst %,spec/%_spec.lua,json/json http/upload image/damage image/formats image/heif)
test-valgrind: needs-valgrind ## run a few specs under valgrind
	@$(MAKE) -s all build/host
	@NOVITA_SANITIZED=1 HOST=.ci/valgrind .ci/specs $(or $(SPECS),$(MEMORY))

test-browser: needs-test ## the playground in Chromium; images of it go to build/browser/
	@$(MAKE) -s all
	@.ci/specs spec/browser/playground.lua

test-darktable: needs-test ## the example for darktable, under Xvfb; installs neither
	@$(MAKE) -s all
	@.ci/specs spec/hosts/darktable.lua

test-collectors: needs-test ## run the specs generational, then with constant collections
	@$(MAKE) -s all build/host
	@for collector in generational eager; do echo "collector $$collector"; \
	  NOVITA_COLLECTOR=$$collector HOST=$(CURDIR)/build/host .ci/specs $(SPECS) || exit 1; done

$(BUILD)/host: spec/support/host.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WARN) $(LUA_INC) -o $@ $< $(LDFLAGS) -llua5.4 -ldl -lm

COV = -O0 -g --coverage -fprofile-update=atomic
coverage: needs-test ## show how much of csrc/ the specs reach
	@$(MAKE) -s all BUILD=build/cov CFLAGS='$(COV)'
	@find build/cov -name '*.gcda' -delete
	@LDFLAGS=--coverage BUILD=build/cov .ci/specs $(SPECS)
	@lua5.4 .ci/coverage.lua build/cov

##@ Check without running
lint: ## compiler warnings, linters, generated files, layers, circles, words
	@.ci/lint

lint-quick: ## the same, but clang-tidy reads only the C files that differ from HEAD
	@.ci/lint quick

generate: ## write every generated file: pages of docs/, module lists of the rockspecs
	@$(MAKE) -s all
	@tools/generate

words: ## count private words and foreign syntax; tools/words_table.lua
	@lua5.4 tools/words.lua

docs-check: needs-docs ## check that every public name is documented, links work, code runs
	@$(MAKE) -s all
	@BUILD=$(BUILD) lua5.4 tools/docs/check.lua

include make/stress.mk make/install.mk make/fuzz.mk make/bench.mk

needs-%:
	@.ci/dependencies $*

.PHONY: all demo demo-server release clean help lint lint-quick generate words docs-check coverage
.PHONY: test test-browser test-darktable test-sanitized test-threads test-valgrind test-collectors
