/*
** file_sync.h: make a file and its new name survive a power cut.
*/
#ifndef novita_base_file_sync_h
#define novita_base_file_sync_h

#include "func.h"

/* fsync the folder that contains 'path', so that a rename to 'path' is on
** disk. Not every file system can sync a folder, so failures are ignored. */
NOVITA_FUNC void novita_file_sync_folder (const char *path);

/* begin to write a growing file to the disk, without waiting: a later fsync
** waits only for its last part. Linux only. */
NOVITA_FUNC void novita_file_sync_begin (int fd);

#endif
