# make demo            the whole job on the bundled emulator: no key, no money
# make test            the specs, through prove
# make lint            compiler, luacheck, clang-tidy, cppcheck, rockspecs, floors
# make words           counts private words and foreign syntax, see tools/words_table.lua
# make docs-check      every public name is documented, every link leads somewhere, every block runs
# make test-sanitized  the specs under ASan and UBSan
# make test-threads    the specs that use workers, under TSan
# make test-valgrind   a part of them under valgrind
# make test-collectors all of them, generational and with a collection every few instructions
# make coverage        which share of csrc/ the specs reach
# make fuzz SECONDS=60  every parser of foreign bytes; make fuzz-long for over an hour
# make hosts           the C programs that embed it: valgrind, and TSan for the one with threads
# make fault-matrix    every trouble of a network at every call: docs/faults.md
# make fail-allocations  every malloc and every allocation of Lua's fails once;
#                        FAILURE_SECONDS=5 for a sample of each case
# make fail-syscalls     every system call of a training fails once; FAILURE_SECONDS too
# make load            10,000 trainings at a time; make load-emulator: the emulator under wrk
# make crash           a batch killed at every system call; CRASH_SECONDS=120 for a sample, and
#                      with CRASH_LOG=file too one piece after the other
# make bench-poll, bench-upload, bench-require, bench-loops, bench-resample, bench-prepare, bench-quality
# make                 the C modules, into $(BUILD)
BUILD   ?= build
CC      ?= cc
CFLAGS  ?= -O2 -g
WARN     = -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes \
           -Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wvla -Werror
LUA_INC ?= $(shell pkg-config --cflags lua5.4)
LIBS     = -lcurl -ljpeg -lpng -lwebp -llcms2 -lz -lpthread -lm
EMU_LIBS = -lmicrohttpd -lnettle -lpthread -lm

C_SRC    := $(sort $(shell find csrc -name '*.c'))
EMU_SRC  := $(filter csrc/emulator/%,$(C_SRC))
CORE_SRC := $(filter-out $(EMU_SRC),$(C_SRC))
CORE_OBJ := $(CORE_SRC:%.c=$(BUILD)/%.o)
EMU_OBJ  := $(EMU_SRC:%.c=$(BUILD)/%.o)
MODULES  := $(BUILD)/novita/core.so $(BUILD)/novita/emulator/server.so

all: $(MODULES)

$(BUILD)/novita/core.so: $(CORE_OBJ)
	@mkdir -p $(@D)
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/novita/emulator/server.so: $(EMU_OBJ)
	@mkdir -p $(@D)
	$(CC) -shared $(CFLAGS) $(LDFLAGS) -o $@ $^ $(EMU_LIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WARN) -fPIC -MMD -MP $(LUA_INC) -c -o $@ $<

-include $(CORE_OBJ:.o=.d) $(EMU_OBJ:.o=.d)

# {====== the demo, with the rocks as users get them ======
ROCKS = build/rocks
ROCK_ENV = LUA_PATH='$(ROCKS)/share/lua/5.4/?.lua;$(ROCKS)/share/lua/5.4/?/init.lua;;' \
           LUA_CPATH='$(ROCKS)/lib/lua/5.4/?.so;;'
LUAROCKS = luarocks --lua-version 5.4 make --tree $(ROCKS) --deps-mode=none

demo: needs-demo
	@$(MAKE) -s $(ROCKS)/built
	@$(ROCK_ENV) lua5.4 examples/train_subject.lua

$(ROCKS)/built: $(wildcard rockspec/*.rockspec bin/*) $(CORE_SRC) $(EMU_SRC) \
                $(shell find csrc -name '*.h') $(shell find lua -name '*.lua')
	@echo "building the rocks novita and novita-emulator"
	@mkdir -p $(ROCKS)
	@for rock in novita novita-emulator; do \
	  $(LUAROCKS) rockspec/$$rock-scm-1.rockspec >$(ROCKS)/log 2>&1 || \
	  { cat $(ROCKS)/log; exit 1; }; done
	@find csrc -name '*.o' -delete; rm -rf novita
	@touch $@
# }======

test: needs-test
	@$(MAKE) -s all
	@.ci/specs $(SPECS)

# The specs run in a host with the sanitizers in it: what they start runs without.
SAN = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined
SAN_ENV = ASAN_OPTIONS=detect_leaks=0 \
          UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
          NOVITA_SANITIZED=1 BUILD=build/san HOST=$(CURDIR)/build/san/host
test-sanitized: needs-test
	@$(MAKE) -s all build/san/host BUILD=build/san CFLAGS='$(SAN)'
	@$(SAN_ENV) .ci/specs $(SPECS)

# What runs on workers, and the emulator's own threads.
THREADED = $(patsubst %,spec/%_spec.lua,async/async async/loop batch/batch dataset/contact_sheet \
              dataset/report api/task api/train api/watch http/upload http/tls emulator/faults emulator/story)
TSAN = -O1 -g -fno-omit-frame-pointer -fsanitize=thread
test-threads: needs-test
	@$(MAKE) -s all build/tsan/host BUILD=build/tsan CFLAGS='$(TSAN)'
	@TSAN_OPTIONS=halt_on_error=1:exitcode=66 NOVITA_SPARE_THREADS=1 NOVITA_SANITIZED=1 BUILD=build/tsan HOST=$(CURDIR)/build/tsan/host \
	  .ci/specs $(or $(SPECS),$(THREADED))

# What reads foreign bytes, and one way through everything else: valgrind is slow.
MEMORY = $(patsubst %,spec/%_spec.lua,json/json http/upload image/damage image/formats)
test-valgrind: needs-valgrind
	@$(MAKE) -s all build/host
	@NOVITA_SANITIZED=1 HOST=.ci/valgrind .ci/specs $(or $(SPECS),$(MEMORY))

# Twice: generational, and collecting all the time.
test-collectors: needs-test
	@$(MAKE) -s all build/host
	@for collector in generational eager; do echo "collector $$collector"; \
	  NOVITA_COLLECTOR=$$collector HOST=$(CURDIR)/build/host .ci/specs $(SPECS) || exit 1; done

$(BUILD)/host: spec/support/host.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WARN) $(LUA_INC) -o $@ $< $(LDFLAGS) -llua5.4 -ldl -lm

# What the specs reach of the C sources.
COV = -O0 -g --coverage -fprofile-update=atomic
coverage: needs-test
	@$(MAKE) -s all BUILD=build/cov CFLAGS='$(COV)'
	@find build/cov -name '*.gcda' -delete
	@LDFLAGS=--coverage BUILD=build/cov .ci/specs $(SPECS)
	@lua5.4 .ci/coverage.lua build/cov

lint: needs-lint
	@$(MAKE) -s all
	@.ci/lint

words:
	@lua5.4 tools/words.lua

docs-check: needs-docs
	@$(MAKE) -s all
	@BUILD=$(BUILD) lua5.4 tools/docs/check.lua

# {====== figures ======
BENCH = $(BUILD)/bench/poll_server $(BUILD)/bench/poll_floor $(BUILD)/bench/upload_floor

$(BUILD)/bench/%: bench/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WARN) -o $@ $< $(LDFLAGS) $(BENCH_LIBS)
$(BUILD)/bench/poll_floor: BENCH_LIBS = -lcurl
$(BUILD)/bench/upload_floor: BENCH_LIBS = -lssl -lcrypto -lpthread

RESAMPLER = $(addprefix $(BUILD)/csrc/,base/error.o $(addprefix image/resample/,resample.o \
              filter.o vertical_weights.o weights_cache.o linear.o kernels.o)) \
            $(patsubst %.c,$(BUILD)/%.o,$(wildcard csrc/image/resample/kernels_*.c))
$(BUILD)/bench/resample: $(RESAMPLER)
$(BUILD)/bench/resample: BENCH_LIBS = $(RESAMPLER) -lm -lpthread
$(BUILD)/bench/quality: BENCH_LIBS = -ljpeg -lpng -lm

DEV_ENV = LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='$(BUILD)/?.so;;' BUILD=$(BUILD)

bench-poll bench-upload bench-loops: needs-bench
	@$(MAKE) -s all $(BENCH)
	@$(DEV_ENV) lua5.4 bench/$(@:bench-%=%).lua $(BENCH_ARGS)

bench-require: needs-bench
	@$(MAKE) -s all
	@$(DEV_ENV) lua5.4 bench/require.lua $(BENCH_ARGS)

# the peers of these come from npm and Debian
bench-resample bench-prepare bench-quality: needs-bench-peers
	@$(MAKE) -s all $(BUILD)/bench/resample $(BUILD)/bench/peers/resample_vips $(BUILD)/bench/quality
	@$(DEV_ENV) lua5.4 bench/$(@:bench-%=%).lua $(BENCH_ARGS)
# }======

# {====== fuzzing: SECONDS for each target, from the corpus of spec/corpus ======
SECONDS ?= 60
FUZZ_CC  = clang
FUZZ_SRC := $(filter-out csrc/lua/%,$(CORE_SRC))
FUZZERS  := $(patsubst spec/fuzz/%.c,build/fuzz/%,$(wildcard spec/fuzz/fuzz_*.c))
FUZZ     = -O1 -g -std=gnu11 -fno-omit-frame-pointer -fsanitize=address,undefined \
           -fno-sanitize-recover=undefined
FUZZ_ENV = LUA_PATH='lua/?.lua;lua/?/init.lua;spec/?.lua;;' LUA_CPATH='$(BUILD)/?.so;;' \
           ASAN_OPTIONS=quarantine_size_mb=16

fuzz: needs-fuzz
	@$(MAKE) -s all $(FUZZERS)
	@$(FUZZ_ENV) spec/fuzz/run $(SECONDS) $(FUZZERS)

# the same for LONG_SECONDS over all targets; then what was found is reduced to what reaches the
# most and kept in spec/corpus
LONG_SECONDS ?= 4500
fuzz-long: needs-fuzz
	@$(MAKE) -s all $(FUZZERS)
	@$(FUZZ_ENV) FUZZ_TIMEOUT=20 spec/fuzz/run $$(($(LONG_SECONDS) / $(words $(FUZZERS)))) $(FUZZERS)
	@$(FUZZ_ENV) spec/fuzz/keep $(FUZZERS)

build/fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ) -fsanitize=fuzzer-no-link -c -o $@ $<
build/fuzz/fuzz_%: spec/fuzz/fuzz_%.c $(wildcard spec/fuzz/*.h) $(FUZZ_SRC:%.c=build/fuzz/%.o)
	$(FUZZ_CC) $(FUZZ) $(LUA_INC) -fsanitize=fuzzer -o $@ $< \
	  $(FUZZ_SRC:%.c=build/fuzz/%.o) $(LIBS) -llua5.4
# }======

# {====== C hosts, built as an embedder would: one cc for the host and all of csrc/ ======
HOST_SRC   = $(C_SRC)
HOST_LIBS  = $(LUA_INC) -llua5.4 $(LIBS) $(EMU_LIBS)
HOST_DEPS  = csrc/novita.h $(CORE_SRC) $(EMU_SRC) $(shell find csrc -name '*.h')
HOST_ENV   = LUA_PATH='lua/?.lua;lua/?/init.lua;;'
HOST_RUN   = spec/support/host_script.lua spec/support/host_script.lua
MEMCHECK   = valgrind -q --fair-sched=yes --leak-check=full --error-exitcode=99 \
             --show-leak-kinds=definite,indirect,possible \
             --errors-for-leak-kinds=definite,indirect,possible

build/hosts/host_%: examples/host_%.c $(HOST_DEPS)
	@mkdir -p $(@D)
	$(CC) -O1 -g -o $@ $< $(HOST_SRC) $(HOST_LIBS)
build/hosts/tsan_%: examples/host_%.c $(HOST_DEPS)
	@mkdir -p $(@D)
	$(CC) -O1 -g -fsanitize=thread -o $@ $< $(HOST_SRC) $(HOST_LIBS)

hosts: needs-valgrind
	@$(MAKE) -s build/hosts/host_poll build/hosts/host_threads build/hosts/tsan_threads
	$(HOST_ENV) $(MEMCHECK) build/hosts/host_poll $(HOST_RUN)
	$(HOST_ENV) $(MEMCHECK) build/hosts/host_threads $(HOST_RUN)
	$(HOST_ENV) TSAN_OPTIONS=exitcode=66 build/hosts/tsan_threads $(HOST_RUN)
# }======

# {====== batches under fire: kill, ENOSPC and EIO at system calls; STEP = every n-th point ======
STEP ?= 1
crash: needs-crash
	@$(MAKE) -s all
	@$(DEV_ENV) lua5.4 spec/stress/crash.lua $(STEP) $(or $(CRASH_SECONDS),1e9) $(CRASH_LOG)

bench-batch: needs-bench-peers
	@$(MAKE) -s all
	@$(DEV_ENV) lua5.4 bench/batch.lua $(or $(BENCH_ARGS),200)
# }======

# every trouble of a network at every call: docs/faults.md
fault-matrix: needs-test
	@$(MAKE) -s all
	@$(FUZZ_ENV) HOST=lua5.4 lua5.4 tools/docs/faults.lua
# {====== failures: every allocation, every system call, once each; STEP = every n-th point ======
fail-allocations: needs-test
	@$(MAKE) -s all
	@$(MAKE) -s all build/san/failing BUILD=build/san CFLAGS='$(SAN)'
	@$(DEV_ENV) lua5.4 spec/stress/failures/allocations.lua $(STEP) $(FAILURE_SECONDS)

fail-syscalls: needs-crash
	@$(MAKE) -s all build/failures/short.so
	@$(DEV_ENV) lua5.4 spec/stress/failures/syscalls.lua $(STEP) $(FAILURE_SECONDS)

build/failures/short.so: spec/stress/failures/short.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WARN) -shared -fPIC -o $@ $< -ldl

# a malloc that fails works before the sanitizer does
build/san/failing.o: spec/stress/failures/failing.c spec/stress/failures/failing.h
	@mkdir -p $(@D)
	$(CC) -O1 -g -fno-omit-frame-pointer $(WARN) -DFAILING_ASAN -c -o $@ $<
build/san/failing: spec/stress/failures/host.c build/san/failing.o
	$(CC) $(CFLAGS) $(WARN) $(LUA_INC) -o $@ $^ -rdynamic -llua5.4 -ldl -lm
# }======

# 10,000 trainings for 30 minutes of the emulator's clock, some 15 minutes of ours
load: needs-test
	@$(MAKE) -s all
	@$(FUZZ_ENV) lua5.4 spec/stress/load.lua $(LOAD_ARGS)

load-emulator: needs-load
	@$(MAKE) -s all
	@$(FUZZ_ENV) lua5.4 spec/stress/load_emulator.lua $(BENCH_ARGS)

needs-%:
	@.ci/dependencies $*

clean:
	rm -rf build novita out

.PHONY: all demo hosts lint clean
.PHONY: test test-sanitized test-threads test-valgrind test-collectors
.PHONY: words docs-check coverage
.PHONY: fuzz fuzz-long crash fault-matrix load load-emulator
.PHONY: fail-allocations fail-syscalls
.PHONY: bench-poll bench-upload bench-require bench-loops
.PHONY: bench-resample bench-prepare bench-quality bench-batch
