#include "kernels.h"
#ifdef NOVITA_HAVE_X86
const struct novita_kernels novita_kernels_avx512 = {0};
const struct novita_kernels novita_kernels_avx512vnni = {0};
#endif
