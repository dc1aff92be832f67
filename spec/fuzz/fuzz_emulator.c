/*
** fuzz_emulator.c: requests to the emulator's rules: head and body. See
** emulator.lua.
*/
#include "script.h"


FUZZ_SCRIPT("emulator")
