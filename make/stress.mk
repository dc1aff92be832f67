##@ Stress
STEP ?= 1

# {====== kill, ENOSPC and EIO at the system calls of a batch ======
crash: needs-crash ## kill a batch at every system call; CRASH_SECONDS=120 CRASH_LOG=file
	@$(MAKE) -s all
	@$(DEV_ENV) lua5.4 spec/stress/crash.lua $(STEP) $(or $(CRASH_SECONDS),1e9) $(CRASH_LOG)

crash-server: needs-crash ## kill a training server at every write, sync, spawn; STEP=n CRASH_SECONDS=n CRASH_PART='1 3'
	@$(MAKE) -s all
	@$(SPEC_ENV) lua5.4 spec/stress/crash_server.lua $(STEP) $(or $(CRASH_SECONDS),1e9) $(CRASH_PART)

crash-single: needs-crash ## kill one training at every system call; STEP=n CRASH_SECONDS=n
	@$(MAKE) -s all
	@$(DEV_ENV) lua5.4 spec/stress/crash_single.lua $(STEP) $(CRASH_SECONDS)
# }======

chaos: needs-test ## a fleet of processes, killed, paused and cut off; CHAOS_SECONDS=n SCENARIO='name...'
	@$(MAKE) -s all $(BUILD)/chaos/stop.so
	@BUILD=$(BUILD) $(SPEC_ENV) lua5.4 spec/stress/chaos.lua $(or $(CHAOS_SECONDS),120) $(SCENARIO)

$(BUILD)/chaos/stop.so: spec/stress/chaos/stop.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WARN) -Wno-missing-prototypes -shared -fPIC -o $@ $< -ldl

fleet-model: needs-test ## three runners of a journal, paused and killed at every step of a model
	@$(MAKE) -s all
	@NOVITA_MODEL=all .ci/specs $(addprefix spec/batch/model_,check_spec.lua fleet_spec.lua fleet_budget_spec.lua)

# {====== the scripts of PEFT and Diffusers, on a miniature model; never in CI: needs PyPI ======
TRAINERS = $(BUILD)/trainers
PYTHON ?= /usr/bin/python3
trainers: ## train with real scripts: TRAINER_SCRIPTS=DIR (checkouts peft v0.10.0, diffusers v0.27.2)
	@$(MAKE) -s all $(TRAINERS)/miniature/model_index.json
	@$(DEV_ENV) lua5.4 spec/stress/trainers/run.lua $(TRAINERS)/venv/bin/python \
	  '$(or $(TRAINER_SCRIPTS),$(error TRAINER_SCRIPTS is missing))' $(TRAINERS)

$(TRAINERS)/venv/done: spec/stress/trainers/requirements.txt
	@$(PYTHON) -c 'import torch, torchvision' || \
	  { echo 'apt-get install python3-torch python3-torchvision python3-venv' >&2; exit 1; }
	@$(PYTHON) -m venv --system-site-packages $(TRAINERS)/venv
	@$(TRAINERS)/venv/bin/pip install -q --no-deps -r $<
	@touch $@

$(TRAINERS)/miniature/model_index.json: spec/stress/trainers/miniature.py $(TRAINERS)/venv/done
	@$(TRAINERS)/venv/bin/python -W ignore $< $(@D)
# }======

# {====== each allocation and each system call fails once; STEP=n tries every n-th point ======
fail-allocations: needs-test ## fail every allocation once; STEP=n FAILURE_SECONDS=n
	@$(MAKE) -s all
	@$(MAKE) -s all build/san/failing BUILD=build/san CFLAGS='$(SAN)'
	@$(DEV_ENV) lua5.4 spec/stress/failures/allocations.lua $(STEP) $(FAILURE_SECONDS)

fail-syscalls: needs-crash ## fail every system call of a training once; STEP=n FAILURE_SECONDS=n
	@$(MAKE) -s all build/failures/short.so
	@$(DEV_ENV) lua5.4 spec/stress/failures/syscalls.lua $(STEP) $(FAILURE_SECONDS)

build/failures/short.so: spec/stress/failures/short.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WARN) -shared -fPIC -o $@ $< -ldl

# The failing malloc must work before the sanitizer is initialised, so it is not instrumented.
build/san/failing.o: spec/stress/failures/failing.c spec/stress/failures/failing.h
	@mkdir -p $(@D)
	$(CC) -O1 -g -fno-omit-frame-pointer $(WARN) -DFAILING_ASAN -c -o $@ $<
build/san/failing: spec/stress/failures/host.c build/san/failing.o
	$(CC) $(CFLAGS) $(WARN) $(LUA_INC) -o $@ $^ -rdynamic -llua5.4 -ldl -lm
# }======

fault-matrix: needs-test ## every network fault at every request; rewrites docs/faults.md
	@$(MAKE) -s all
	@$(SPEC_ENV) HOST=lua5.4 lua5.4 tools/docs/faults.lua

# Half an hour on the emulator's clock takes about 8 real minutes.
load: needs-test ## 10,000 concurrent trainings; LOAD_ARGS
	@$(MAKE) -s all
	@$(SPEC_ENV) lua5.4 spec/stress/load.lua $(LOAD_ARGS)

kept-models: needs-test ## 200 models under 5 % of faults and kills; KEPT_ARGS='jobs kills'
	@$(MAKE) -s all
	@$(SPEC_ENV) lua5.4 spec/stress/kept_models.lua $(KEPT_ARGS)

load-emulator: needs-load ## the emulator under wrk and abuse; BENCH_ARGS
	@$(MAKE) -s all
	@$(SPEC_ENV) lua5.4 spec/stress/load_emulator.lua $(BENCH_ARGS)

# {====== C hosts, built as an embedder would: one cc for the host and all of csrc/ ======
HOST_SRC   = $(filter-out csrc/sqlite/% csrc/postgresql/%,$(C_SRC))
HOST_LIBS  = $(LUA_INC) -llua5.4 $(LIBS) $(HTTPD_LIBS) $(SERVICE_LIBS)
HOST_DEPS  = csrc/novita.h $(C_SRC) $(shell find csrc -name '*.h')
HOST_ENV   = LUA_PATH='lua/?.lua;lua/?/init.lua;;'
HOST_RUN   = spec/async/host_script.lua spec/async/host_script.lua
MEMCHECK   = valgrind -q --fair-sched=yes --leak-check=full --error-exitcode=99 \
             --show-leak-kinds=definite,indirect,possible \
             --errors-for-leak-kinds=definite,indirect,possible

build/hosts/host_%: examples/host_%.c $(HOST_DEPS)
	@mkdir -p $(@D)
	$(CC) -O1 -g -o $@ $< $(HOST_SRC) $(HOST_LIBS)
build/hosts/tsan_%: examples/host_%.c $(HOST_DEPS)
	@mkdir -p $(@D)
	$(CC) -O1 -g -fsanitize=thread -o $@ $< $(HOST_SRC) $(HOST_LIBS)

hosts: needs-valgrind ## run the C programs that embed novita under valgrind and TSan
	@$(MAKE) -s build/hosts/host_poll build/hosts/host_threads build/hosts/tsan_threads
	$(HOST_ENV) $(MEMCHECK) build/hosts/host_poll $(HOST_RUN)
	$(HOST_ENV) $(MEMCHECK) build/hosts/host_threads $(HOST_RUN)
	$(HOST_ENV) TSAN_OPTIONS=exitcode=66 build/hosts/tsan_threads $(HOST_RUN)
# }======

.PHONY: trainers crash crash-server crash-single fail-allocations fail-syscalls fault-matrix kept-models load load-emulator hosts
