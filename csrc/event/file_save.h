/*
** file_save.h: give a finished file its name, so that its bytes and its name
** survive a power cut. How long that takes is up to the disk, so a worker does
** it.
*/
#ifndef novita_event_file_save_h
#define novita_event_file_save_h

#include "worker.h"

struct novita_file_save {
  struct novita_worker_job job;
  int fd;                      /* of the file; the caller closes it */
  const char *from, *to;       /* its names now and then; the caller's */
  void (*done) (struct novita_file_save *save);  /* in the loop */
  const char *failed;          /* NULL, or what failed: "write", "create" */
  int error;                   /* the errno of that */
};

/* the other fields are set; if no thread can be started, it is done at once and
** 'done' is called before this returns */
NOVITA_FUNC void novita_file_save_start (struct novita_loop *loop,
                                         struct novita_file_save *save);
/* it ends without 'done'; the file may have its new name already */
NOVITA_FUNC void novita_file_save_cancel (struct novita_loop *loop,
                                          struct novita_file_save *save);

#endif
