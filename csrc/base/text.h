/*
** text.h: lines for people, in UTF-8. They may contain names of files and words
** of a server.
*/
#ifndef novita_base_text_h
#define novita_base_text_h

#include <stddef.h>

#include "func.h"

/* how many of the first 'most' bytes to keep, so that no character is cut */
NOVITA_FUNC size_t novita_text_cut (const char *text, size_t most);

/* Replace what could break the line, move a terminal's cursor or change the
** direction of writing: control characters (also those above ASCII) and marks
** of direction. The text may get shorter; its new length. */
NOVITA_FUNC size_t novita_text_make_printable (char *text, size_t len,
                                               char instead);

#endif
