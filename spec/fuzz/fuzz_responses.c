/*
** fuzz_responses.c: responses of the service, as Lua reads them. See
** responses.lua.
*/
#include "script.h"


FUZZ_SCRIPT("responses")
