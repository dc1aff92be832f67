/*
** file_save.c: see file_save.h
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "../base/file_sync.h"
#include "file_save.h"


static struct novita_file_save *save_of (struct novita_worker_job *job) {
  return NOVITA_CONTAINER_OF(job, struct novita_file_save, job);
}


static void run (struct novita_worker_job *job,
                 struct novita_worker_local *local) {
  struct novita_file_save *save = save_of(job);
  (void)local;
  save->failed = NULL;
  if (fsync(save->fd) != 0) save->failed = "write";
  else if (rename(save->from, save->to) != 0) save->failed = "create";
  save->error = errno;
  if (save->failed == NULL) novita_file_sync_folder(save->to);
}


static void done (struct novita_worker_job *job) {
  save_of(job)->done(save_of(job));
}


void novita_file_save_start (struct novita_loop *loop,
                             struct novita_file_save *save) {
  save->job.run = run;
  save->job.done = done;
  if (novita_worker_job_start(loop, &save->job, NULL) == 0) return;
  run(&save->job, NULL);
  save->done(save);
}


void novita_file_save_cancel (struct novita_loop *loop,
                              struct novita_file_save *save) {
  novita_worker_job_cancel(loop, &save->job);
}
