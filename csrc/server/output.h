/*
** output.h: what a supervised program prints: read from its pipes through the
** loop, written to its log, cut into lines. One chunk of one pipe is read in a
** step, and nothing more until its lines were taken: a program that prints
** without end waits for us, and memory stays bounded.
*/
#ifndef novita_server_output_h
#define novita_server_output_h

#include <stdbool.h>

#include "../base/buffer.h"
#include "../event/loop.h"
#include "lines.h"
#include "log.h"
#include "spawn.h"

struct novita_output;

struct novita_output_stream {
  struct novita_output *output;
  struct novita_lines lines;
  int fd;                   /* -1: it has ended */
};

struct novita_output {
  struct novita_loop *loop;
  struct novita_output_stream stream[NOVITA_SPAWN_PIPES];
  struct novita_buffer queue;         /* lines to take */
  struct novita_log log;
  uint64_t printed;         /* bytes of stdout and stderr */
  double heard;             /* when anything came last */
  void (*changed) (struct novita_output *o);  /* after each chunk and end */
};

typedef void novita_output_callback (void *context, int stream,
                                     const char *text, size_t len);

/* 'o' has a log and a 'changed'; the descriptors are its own from now on */
NOVITA_FUNC void novita_output_open (struct novita_output *o,
                                     struct novita_loop *loop,
                                     const int fd[NOVITA_SPAWN_PIPES]);
/* calls 'line' for each line since the last call, and reads on */
NOVITA_FUNC void novita_output_take (struct novita_output *o,
                                     novita_output_callback *line,
                                     void *context);
/* whether all pipes have ended */
NOVITA_FUNC bool novita_output_ended (const struct novita_output *o);
/* end them, whatever is still in them */
NOVITA_FUNC void novita_output_end (struct novita_output *o);
/* may be called twice, and on zeros */
NOVITA_FUNC void novita_output_free (struct novita_output *o);

#endif
