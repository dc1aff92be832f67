/*
** values.c: see values.h
*/
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "dtype.h"
#include "values.h"

#define BLOCK 1024  /* bytes before a decision */


/* {====== one value ====== */

static uint64_t load (const uint8_t *p, size_t size) {
  uint64_t value = 0;
  size_t i;
  for (i = 0; i < size; i++) value |= (uint64_t)p[i] << (8 * i);
  return value;
}


static double half (uint64_t v) {
  int exponent = (int)(v >> 10 & 31);
  double mantissa = (double)(v & 1023);
  double size = exponent == 0 ? ldexp(mantissa, -24)
                              : ldexp(mantissa + 1024, exponent - 25);
  return v & 0x8000 ? -size : size;
}


static double single (uint64_t v) {
  uint32_t bits = (uint32_t)v;
  float number;
  memcpy(&number, &bits, sizeof number);
  return number;
}


/* of a type that has an exponent */
static double to_number (const struct novita_safetensors_dtype *d,
                         uint64_t v) {
  double number;
  if (d->bits == 32) return single(v);
  if (d->bits == 16)
    return d->exponent == 0x7c00 ? half(v) : single(v << 16);
  memcpy(&number, &v, sizeof number);
  return number;
}

/* }====== */


/* {====== many values ====== */

/* A word of 8 bytes holds one or more values, its lanes. The bits of the
** exponent that are 0 in a lane, plus 'carry' (all bits of a lane but the
** highest), set the highest bit of the lane, unless all of them are 1: then the
** value is NaN or infinite. No sum leaves its lane. */
struct lanes {
  uint64_t exponent, carry, sign;  /* in each lane */
  uint64_t large;  /* the highest bit of the exponent: a value of 2 or more */
};

/* two words in a register of every processor; GCC and Clang */
typedef uint64_t vector __attribute__((vector_size(16)));

#define VECTORS (BLOCK / sizeof(vector))


static struct lanes lanes_of (size_t size, uint64_t exponent) {
  uint64_t sign = (uint64_t)1 << (8 * size - 1);
  uint64_t ones = size == 2 ? 0x0001000100010001 : size == 4 ? 0x100000001 : 1;
  struct lanes l = {exponent * ones, (sign - 1) * ones, sign * ones,
                    (sign >> 1) * ones};
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  l.sign = 0;  /* the file has the lowest byte first: nothing is known */
#endif
  return l;
}


/* A vector that is returned has no place in the ABI of a 32-bit x86. */
static inline void load_vector (vector *v, const uint8_t *p) {
  memcpy(v, p, sizeof *v);
}


static inline void add_bits (vector *bits, const uint8_t *p) {
  vector value;
  load_vector(&value, p);
  *bits |= value;
}


/* The bits that any value of a block has. Four sums, so that the processor
** waits for memory only. */
static inline void gather_block (const uint8_t *p, vector *seen) {
  vector a = {0, 0}, b = a, c = a, d = a;
  size_t i;
  for (i = 0; i < BLOCK; i += 4 * sizeof a) {
    add_bits(&a, p + i);
    add_bits(&b, p + i + sizeof a);
    add_bits(&c, p + i + 2 * sizeof a);
    add_bits(&d, p + i + 3 * sizeof a);
  }
  *seen = (a | b) | (c | d);
}


/* Whether none of them is NaN or infinite. */
static bool test_block (const uint8_t *p, const struct lanes *l) {
  vector exponent = {l->exponent, l->exponent}, carry = {l->carry, l->carry};
  vector good = {l->sign, l->sign};
  size_t i;
  for (i = 0; i < VECTORS; i++) {
    vector value;
    load_vector(&value, p + i * sizeof value);
    good &= (~value & exponent) + carry;
  }
  return (good[0] & good[1]) == l->sign;
}


/* The same, and 'seen' gets the bits of all values. NaN needs a bit that no
** value below 2 has, so that most blocks of a model need no test. */
static inline bool scan_block (const uint8_t *p, const struct lanes *l,
                               vector *seen) {
  vector bits;
  gather_block(p, &bits);
  *seen |= bits;
  return ((bits[0] | bits[1]) & l->large) == 0 || test_block(p, l);
}


/* The number of bytes before the block that has such a value, or that is not
** whole. 'any' gets the bits that a value has, without the sign: -0 is a
** zero. */
static size_t scan_blocks (const uint8_t *p, size_t n, const struct lanes *l,
                           uint64_t *any) {
  vector seen = {0, 0};
  size_t at = 0;
  while (l->sign != 0 && n - at >= BLOCK && scan_block(p + at, l, &seen))
    at += BLOCK;
  *any |= (seen[0] | seen[1]) & ~l->sign;
  return at;
}


/* The number of the first of 'n' values of 'size' bytes that is NaN or
** infinite, or 'n'. */
static size_t scan (const uint8_t *p, size_t n, size_t size, uint64_t exponent,
                    uint64_t *any) {
  struct lanes l = lanes_of(size, exponent);
  size_t i = scan_blocks(p, n * size, &l, any) / size;
  for (; i < n; i++) {
    uint64_t v = load(p + i * size, size);
    if ((v & exponent) == exponent) return i;
    *any |= v & ~l.sign;
  }
  return n;
}


static void scan_bytes (const uint8_t *p, size_t n, uint64_t *any) {
  size_t i;
  uint8_t seen = 0;
  for (i = 0; i < n; i++) seen |= p[i];
  *any |= seen;
}

/* }====== */


/* {====== tensors ====== */

static int report (const struct novita_safetensors_tensor *t, uint64_t index,
                   struct novita_error *e) {
  return novita_error_set(e, NOVITA_ERROR_FILE, "nan",
                          "value %llu of %llu of the tensor '%.120s' is not a "
                          "number: the training has failed",
                          (unsigned long long)index + 1,
                          (unsigned long long)t->elements, t->name);
}


/* whole values of a tensor; 'at' is where they begin in the data */
static int add_values (struct novita_safetensors_tensor *t, const uint8_t *p,
                       size_t n, uint64_t at, struct novita_error *e) {
  const struct novita_safetensors_dtype *d =
    &novita_safetensors_dtype_table[t->dtype];
  size_t size = d->bits / 8, bad;
  uint64_t any = 0;
  if (n == 0) return 0;
  if (at == t->begin) t->first = to_number(d, load(p, size));
  bad = scan(p, n, size, d->exponent, &any);
  if (any != 0) t->zero = false;
  if (any & lanes_of(size, d->exponent).large) t->large = true;
  if (bad == n) return 0;
  return report(t, (at - t->begin) / size + bad, e);
}


/* Completes the value that the last piece has cut: how many bytes it took. */
static size_t complete (struct novita_safetensors_values *v, size_t size,
                        const uint8_t *p, size_t n) {
  size_t take = size - v->carried;
  if (take > n) take = n;
  memcpy(v->carry + v->carried, p, take);
  v->carried += take;
  return take;
}


/* 'n' bytes of one tensor, which has floats */
static int add_floats (struct novita_safetensors_values *v,
                       struct novita_safetensors_tensor *t, const uint8_t *p,
                       size_t n, struct novita_error *e) {
  size_t size = novita_safetensors_dtype_table[t->dtype].bits / 8, taken = 0;
  uint64_t at = v->at - v->carried;
  if (v->carried > 0) {
    taken = complete(v, size, p, n);
    if (v->carried < size) return 0;
    v->carried = 0;
    if (add_values(t, v->carry, 1, at, e) != 0) return -1;
    at += size;
  }
  p += taken;
  n -= taken;
  if (add_values(t, p, n / size, at, e) != 0) return -1;
  v->carried = n % size;
  memcpy(v->carry, p + n - v->carried, v->carried);
  return 0;
}


static int add_to_tensor (struct novita_safetensors_values *v,
                          struct novita_safetensors_tensor *t,
                          const uint8_t *p, size_t n, struct novita_error *e) {
  uint64_t any = 0;
  if (novita_safetensors_dtype_table[t->dtype].exponent != 0)
    return add_floats(v, t, p, n, e);
  scan_bytes(p, n, &any);
  if (any != 0) t->zero = false;
  return 0;
}

/* }====== */


void novita_safetensors_values_begin (struct novita_safetensors_values *v,
                                      struct novita_safetensors_header *h) {
  size_t i;
  memset(v, 0, sizeof *v);
  v->header = h;
  for (i = 0; i < h->tensors; i++) {
    h->tensor[i].zero = true;
    h->tensor[i].large = false;
  }
}


int novita_safetensors_values_add (struct novita_safetensors_values *v,
                                   const void *bytes, size_t n,
                                   struct novita_error *e) {
  const uint8_t *p = bytes;
  while (n > 0 && v->tensor < v->header->tensors) {
    struct novita_safetensors_tensor *t = &v->header->tensor[v->tensor];
    size_t take = n;
    if (t->end - v->at < take) take = (size_t)(t->end - v->at);
    if (add_to_tensor(v, t, p, take, e) != 0) return -1;
    p += take;
    n -= take;
    v->at += take;
    if (v->at == t->end) v->tensor++;
  }
  return 0;
}
