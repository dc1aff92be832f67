/*
** fuzz_journal.c: a batch's journal, damaged. See journal.lua.
*/
#include "script.h"


FUZZ_SCRIPT("journal")
