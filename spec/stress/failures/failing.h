/*
** failing.h: a malloc that can be told to fail once. It stands in the host
** program, so it is everybody's: the core's, libcurl's, libjpeg's, libc's.
*/
#ifndef novita_bench_failing_h
#define novita_bench_failing_h

#include <stddef.h>

/* from now on the 'target'th allocation fails; 0 only counts */
void failing_arm (long target);

/* stop, and return how many allocations there were since failing_arm */
long failing_disarm (void);

/* who asked for the one that failed: "libcurl.so.4 curl_multi_add_handle";
** "" while none has */
const char *failing_place (void);

/* malloc and its like, which never fail on purpose: for Lua's allocator */
void *failing_never (void *block, size_t size);
void failing_free (void *block);

#endif
