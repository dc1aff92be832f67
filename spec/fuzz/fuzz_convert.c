/*
** fuzz_convert.c: files of LoRAs, converted to other names and back. See
** convert.lua.
*/
#include "script.h"


FUZZ_SCRIPT("convert")
