/*
** model.c: see model.h. The file has the tensors of the layers in order,
** each layer's as depthwise filter, mixing filter and bias. Bounds and order
** are those of the manifest that comes with the file.
*/
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define BLOCK NOVITA_FACES_BLOCK

struct range { double scale, min; };

static const struct shape {
  int channels, outputs;
  bool depthwise;
  struct range depth, mix, bias;
} shapes[NOVITA_FACES_LAYERS] = {
  {3, 16, false, {0, 0},
   {0.009007044399485869, -1.2069439495311063},
   {0.005263455241334205, -0.9211046672334858}},
  {16, 32, true, {0.004001977630690033, -0.5042491814669441},
   {0.013836609615999109, -1.411334180831909},
   {0.0015159862590771096, -0.30926119685173037}},
  {32, 64, true, {0.002666276225856706, -0.317286870876948},
   {0.015265831292844286, -1.6792414422128714},
   {0.0020280554598453, -0.37113414915168985}},
  {64, 128, true, {0.006100742489683862, -0.8907084034938438},
   {0.016276211832083907, -2.0508026908425725},
   {0.003394414279975143, -0.7637432129944072}},
  {128, 256, true, {0.006716050119961009, -0.8059260143953211},
   {0.021875603993733724, -2.8875797271728514},
   {0.0041141652009066415, -0.8187188749804216}},
  {256, 512, true, {0.008423839597141042, -0.9013508368940915},
   {0.030007277283014035, -3.8709387695088107},
   {0.008402082966823203, -1.4871686851277068}},
  {512, NOVITA_FACES_CELL, false, {0, 0},
   {0.028336129469030042, -4.675461362389957},
   {0.002268134028303857, -0.41053225912299807}}
};

/* reads the file into the memory */
struct reader {
  const uint8_t *from;
  float *to;
};


static int round_up (int outputs) {
  return (outputs + BLOCK - 1) / BLOCK * BLOCK;
}


/* the inputs of one sum of the mixing filter */
static int sum_length (int i) {
  return i == 0 ? shapes[i].channels * NOVITA_FACES_TAPS : shapes[i].channels;
}


static float value (uint8_t byte, const struct range *range) {
  return (float)(byte * range->scale + range->min);
}


static const float *read_plain (struct reader *r, int count, int padded,
                                const struct range *range) {
  float *start = r->to;
  int i;
  for (i = 0; i < count; i++) start[i] = value(r->from[i], range);
  r->from += count;
  r->to += padded;
  return start;
}


/* from [input][output] to blocks of outputs; the last one is padded with 0 */
static const float *read_mix (struct reader *r, int inputs, int outputs,
                              const struct range *range) {
  float *start = r->to;
  int i, o;
  for (i = 0; i < inputs; i++)
    for (o = 0; o < outputs; o++)
      start[(o / BLOCK * inputs + i) * BLOCK + o % BLOCK] =
        value(*r->from++, range);
  r->to += inputs * round_up(outputs);
  return start;
}


static size_t floats_needed (void) {
  size_t sum = 0;
  int i;
  for (i = 0; i < NOVITA_FACES_LAYERS; i++) {
    const struct shape *s = &shapes[i];
    sum += (size_t)round_up(s->outputs) * (size_t)(sum_length(i) + 1);
    if (s->depthwise) sum += (size_t)s->channels * NOVITA_FACES_TAPS;
  }
  return sum;
}


static void read_layer (struct novita_faces_layer *layer, struct reader *r,
                        int i) {
  const struct shape *s = &shapes[i];
  layer->channels = s->channels;
  layer->outputs = round_up(s->outputs);
  if (s->depthwise) {
    int n = s->channels * NOVITA_FACES_TAPS;
    layer->depthwise = read_plain(r, n, n, &s->depth);
  }
  layer->mix = read_mix(r, sum_length(i), s->outputs, &s->mix);
  layer->bias = read_plain(r, s->outputs, layer->outputs, &s->bias);
}


int novita_faces_model_read (struct novita_faces_model *m,
                             const uint8_t *bytes, size_t len) {
  struct reader r;
  int i;
  memset(m, 0, sizeof *m);
  if (len != NOVITA_FACES_FILE_SIZE) return -1;
  m->memory = calloc(floats_needed(), sizeof *m->memory);
  if (m->memory == NULL) return -1;
  r.from = bytes;
  r.to = m->memory;
  for (i = 0; i < NOVITA_FACES_LAYERS; i++) read_layer(&m->layer[i], &r, i);
  return 0;
}


void novita_faces_model_free (struct novita_faces_model *m) {
  free(m->memory);
  memset(m, 0, sizeof *m);
}
