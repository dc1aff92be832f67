##@ Fuzz
# SECONDS for each target, starting from the corpus in spec/fuzz/corpus.
SECONDS ?= 60
FUZZ_CC  = clang
FUZZ_SRC := $(filter-out csrc/lua/% csrc/novita.c,$(CORE_SRC)) \
            $(filter-out %/core.c,$(filter csrc/faces/%,$(C_SRC)))
FUZZERS  := $(patsubst spec/fuzz/%.c,build/fuzz/%,$(wildcard spec/fuzz/fuzz_*.c))
FUZZ     = -O1 -g -std=gnu11 -fno-omit-frame-pointer -fsanitize=address,undefined \
           -fno-sanitize-recover=undefined
FUZZ_ENV = $(SPEC_ENV) ASAN_OPTIONS=quarantine_size_mb=16

fuzz: needs-fuzz ## fuzz every parser of untrusted bytes; SECONDS=60 for each
	@$(MAKE) -s all $(FUZZERS)
	@$(FUZZ_ENV) spec/fuzz/run $(SECONDS) $(FUZZERS)

# Inputs that reach new code are minimised and added to the corpus.
LONG_SECONDS ?= 4500
fuzz-long: needs-fuzz ## fuzz for LONG_SECONDS=4500 in all and extend the corpus
	@$(MAKE) -s all $(FUZZERS)
	@$(FUZZ_ENV) FUZZ_TIMEOUT=20 spec/fuzz/run $$(($(LONG_SECONDS) / $(words $(FUZZERS)))) $(FUZZERS)
	@$(FUZZ_ENV) spec/fuzz/keep $(FUZZERS)

build/fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_CC) $(FUZZ) -fsanitize=fuzzer-no-link -c -o $@ $<
build/fuzz/fuzz_%: spec/fuzz/fuzz_%.c $(wildcard spec/fuzz/*.h) $(FUZZ_SRC:%.c=build/fuzz/%.o)
	$(FUZZ_CC) $(FUZZ) $(LUA_INC) -fsanitize=fuzzer -o $@ $< \
	  $(FUZZ_SRC:%.c=build/fuzz/%.o) $(LIBS) -llua5.4

.PHONY: fuzz fuzz-long
