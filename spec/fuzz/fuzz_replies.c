/*
** fuzz_replies.c: answers of the service, as Lua reads them. See replies.lua.
*/
#include "script.h"


FUZZ_SCRIPT("replies")
