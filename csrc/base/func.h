/*
** func.h: how a function that crosses files is declared.
** An embedder links these sources into another program, so only luaopen_* and
** the names in novita.h may be visible from outside.
*/
#ifndef novita_base_func_h
#define novita_base_func_h

#if defined(__GNUC__)
#define NOVITA_FUNC __attribute__((visibility("hidden"))) extern
#define NOVITA_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define NOVITA_FUNC extern
#define NOVITA_PRINTF(fmt, first)
#endif

#endif
