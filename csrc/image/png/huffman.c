/*
** huffman.c: see huffman.h. The tree is built from two queues: the symbols,
** sorted by count, and the joined nodes, which are created in order of their
** counts.
*/
#include <stdlib.h>
#include <string.h>

#include "huffman.h"

#define MAX_SYMBOLS NOVITA_PNG_HUFFMAN_MAX
#define LONGEST 15

struct leaf {
  uint32_t count;
  int symbol;
};

struct tree {
  struct leaf leaf[MAX_SYMBOLS];         /* sorted */
  uint32_t joined[MAX_SYMBOLS];          /* counts of the inner nodes */
  int parent[2 * MAX_SYMBOLS];           /* of leaves, then of inner nodes */
  int depth[MAX_SYMBOLS];                /* of inner nodes */
  int leaves;
};


static int compare (const void *a, const void *b) {
  const struct leaf *x = a, *y = b;
  if (x->count != y->count) return x->count < y->count ? -1 : 1;
  return x->symbol - y->symbol;
}


static void collect_leaves (struct tree *t, const uint32_t *count, int n) {
  int i;
  t->leaves = 0;
  for (i = 0; i < n; i++) {
    if (count[i] == 0) continue;
    t->leaf[t->leaves].count = count[i];
    t->leaf[t->leaves++].symbol = i;
  }
  qsort(t->leaf, (size_t)t->leaves, sizeof *t->leaf, compare);
}


/* Joins the two nodes with the lowest counts until one is left. The last inner
** node is the root. */
static void join (struct tree *t) {
  int made, leaf = 0, inner = 0;
  for (made = 0; made < t->leaves - 1; made++) {
    uint32_t sum = 0;
    int side;
    for (side = 0; side < 2; side++) {
      if (leaf < t->leaves &&
          (inner == made || t->leaf[leaf].count <= t->joined[inner])) {
        sum += t->leaf[leaf].count;
        t->parent[leaf++] = made;
      } else {
        sum += t->joined[inner];
        t->parent[MAX_SYMBOLS + inner++] = made;
      }
    }
    t->joined[made] = sum;
  }
}


/* Computes the lengths of all codes; returns the longest. */
static int measure (struct tree *t, uint8_t *length) {
  int i, root = t->leaves - 2, most = 1;
  if (t->leaves == 1) length[t->leaf[0].symbol] = 1;
  if (root < 0) return most;
  t->depth[root] = 0;
  for (i = root - 1; i >= 0; i--)
    t->depth[i] = t->depth[t->parent[MAX_SYMBOLS + i]] + 1;
  for (i = 0; i < t->leaves; i++) {
    int depth = t->depth[t->parent[i]] + 1;
    length[t->leaf[i].symbol] = (uint8_t)(depth < 255 ? depth : 255);
    if (depth > most) most = depth;
  }
  return most;
}


static unsigned reverse (unsigned code, int length) {
  unsigned r = 0;
  for (; length > 0; length--, code >>= 1) r = r << 1 | (code & 1);
  return r;
}


static void number (struct novita_png_huffman *h, int n) {
  unsigned next[LONGEST + 2] = {0};
  int i, used[LONGEST + 1] = {0};
  for (i = 0; i < n; i++) used[h->length[i]]++;
  used[0] = 0;
  for (i = 1; i <= LONGEST; i++)
    next[i + 1] = (next[i] + (unsigned)used[i]) << 1;
  for (i = 0; i < n; i++)
    if (h->length[i] != 0)
      h->code[i] = (uint16_t)reverse(next[h->length[i]]++, h->length[i]);
}


/* If a code is too long, the counts are halved: rare symbols become less rare,
** and the tree less deep. */
void novita_png_huffman_make (struct novita_png_huffman *h,
                              const uint32_t *count, int n, int limit) {
  struct tree t;
  int i;
  memset(h, 0, sizeof *h);
  collect_leaves(&t, count, n);
  for (;;) {
    join(&t);
    if (measure(&t, h->length) <= limit) break;
    for (i = 0; i < t.leaves; i++)
      t.leaf[i].count = (t.leaf[i].count + 1) / 2;
  }
  number(h, n);
}
