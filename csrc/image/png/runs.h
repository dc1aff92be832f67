/*
** runs.h: finds runs in bytes: four or more that equal the byte before them.
*/
#ifndef novita_image_png_runs_h
#define novita_image_png_runs_h

#include <stdint.h>

#include "../../base/func.h"

#define NOVITA_PNG_RUNS_SHORTEST 4
#define NOVITA_PNG_RUNS_AFTER 32   /* bytes after 'end' that must be readable */

/* Returns where the next run starts, from 'p' on, or 'end' or a byte after it.
** The byte before 'p' must be readable. A run may include bytes after 'end'. */
typedef const uint8_t *novita_png_runs_find (const uint8_t *p,
                                             const uint8_t *end);

/* the version for the instructions in use (base/cpu.h) */
NOVITA_FUNC novita_png_runs_find *novita_png_runs_choose (void);

#endif
