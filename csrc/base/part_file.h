/*
** part_file.h: a file that grows until it is complete. One caller at a time has
** it, of all processes: it is locked while its descriptor is open, so a process
** that dies leaves no lock.
*/
#ifndef novita_base_part_file_h
#define novita_base_part_file_h

#include <stddef.h>
#include <sys/types.h>

#include "func.h"

/* Open the file, for reading at any place and for appending, or create it. A
** link, or a file that has another name too, is replaced and not written to.
** -1 and an errno on failure; EWOULDBLOCK: another caller has it. */
NOVITA_FUNC int novita_part_file_open (const char *path);

/* append all bytes, and begin to write them to the disk; -1 and an errno */
NOVITA_FUNC int novita_part_file_add (int fd, const char *bytes, size_t n);

#endif
