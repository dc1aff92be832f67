/*
** failing.h: a malloc that fails once on request. It is linked into the host
** program, so that all code uses it: the core, libcurl, libjpeg, libc.
*/
#ifndef novita_bench_failing_h
#define novita_bench_failing_h

#include <stddef.h>

/* the 'target'th allocation from now on fails; 0 only counts */
void failing_arm (long target);

/* stop, and return the number of allocations since failing_arm */
long failing_disarm (void);

/* who asked for the one that failed: "libcurl.so.4 curl_multi_add_handle";
** "" while none has */
const char *failing_place (void);

/* malloc and its like, which never fail on purpose: for Lua's allocator */
void *failing_never (void *block, size_t size);
void failing_free (void *block);

#endif
