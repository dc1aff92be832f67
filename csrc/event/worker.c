/*
** worker.c: a queue in, a queue out, one mutex. Jobs take milliseconds, so a
** lock a job costs nothing that could be measured.
*/
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "worker.h"

#define MOST_THREADS 64

enum place { NOWHERE, QUEUED, RUNNING, DONE };

struct queue {
  struct novita_worker_job *first, *last;
};

struct novita_worker_pool {
  struct novita_loop *loop;
  pthread_mutex_t lock;
  pthread_cond_t arrived;    /* a job was queued, or 'stop' was set */
  pthread_cond_t finished;   /* a job has ended */
  struct queue in, out;
  bool stop;
  int count;
  pthread_t thread[MOST_THREADS];
};


static void push (struct queue *q, struct novita_worker_job *job) {
  job->next = NULL;
  if (q->last != NULL) q->last->next = job;
  else q->first = job;
  q->last = job;
}


static struct novita_worker_job *pop (struct queue *q) {
  struct novita_worker_job *job = q->first;
  if (job == NULL) return NULL;
  q->first = job->next;
  if (q->first == NULL) q->last = NULL;
  return job;
}


static void take_out (struct queue *q, struct novita_worker_job *job) {
  struct novita_worker_job *before = NULL, *at = q->first;
  while (at != job) {
    before = at;
    at = at->next;
  }
  if (before != NULL) before->next = job->next;
  else q->first = job->next;
  if (q->last == job) q->last = before;
}


static struct novita_worker_job *next_job (struct novita_worker_pool *w) {
  struct novita_worker_job *job = NULL;
  pthread_mutex_lock(&w->lock);
  while (!w->stop && (job = pop(&w->in)) == NULL)
    pthread_cond_wait(&w->arrived, &w->lock);
  if (job != NULL) job->place = RUNNING;
  pthread_mutex_unlock(&w->lock);
  return job;
}


static void hand_back (struct novita_worker_pool *w, struct novita_worker_job *job) {
  pthread_mutex_lock(&w->lock);
  job->place = DONE;
  push(&w->out, job);
  pthread_cond_broadcast(&w->finished);
  pthread_mutex_unlock(&w->lock);
  novita_loop_wake(w->loop);
}


static void *work (void *arg) {
  struct novita_worker_pool *w = arg;
  struct novita_worker_local kept = {NULL, NULL};
  struct novita_worker_job *job;
  while ((job = next_job(w)) != NULL) {
    job->run(job, &kept);
    hand_back(w, job);
  }
  if (kept.drop != NULL) kept.drop(kept.data);
  return NULL;
}


/* Signals belong to the host's threads, so ours are born with all blocked. */
static void start_threads (struct novita_worker_pool *w, int wanted) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  while (w->count < wanted &&
         pthread_create(&w->thread[w->count], NULL, work, w) == 0)
    w->count++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}


static int thread_count (const struct novita_loop *loop) {
  long n = loop->worker_count;
  if (n <= 0) n = sysconf(_SC_NPROCESSORS_ONLN);
  if (n < 1) n = 1;
  return n > MOST_THREADS ? MOST_THREADS : (int)n;
}


static struct novita_worker_pool *workers_open (struct novita_loop *loop) {
  struct novita_worker_pool *w = calloc(1, sizeof *w);
  if (w == NULL) return NULL;
  w->loop = loop;
  pthread_mutex_init(&w->lock, NULL);
  pthread_cond_init(&w->arrived, NULL);
  pthread_cond_init(&w->finished, NULL);
  start_threads(w, thread_count(loop));
  if (w->count > 0) return w;
  novita_worker_pool_close(w);
  return NULL;
}


void novita_worker_pool_close (struct novita_worker_pool *w) {
  int i;
  pthread_mutex_lock(&w->lock);
  w->stop = true;
  pthread_cond_broadcast(&w->arrived);
  pthread_mutex_unlock(&w->lock);
  for (i = 0; i < w->count; i++) pthread_join(w->thread[i], NULL);
  pthread_cond_destroy(&w->finished);
  pthread_cond_destroy(&w->arrived);
  pthread_mutex_destroy(&w->lock);
  free(w);
}


void novita_worker_pool_collect (struct novita_worker_pool *w) {
  struct novita_worker_job *job;
  pthread_mutex_lock(&w->lock);
  while ((job = pop(&w->out)) != NULL) {
    job->place = NOWHERE;
    novita_op_finish(&job->op);
  }
  pthread_mutex_unlock(&w->lock);
}


/* A running job cannot be interrupted, and its memory is about to go: wait
** for it. That is one picture, so tens of milliseconds. */
static void job_cancel (struct novita_op *op) {
  struct novita_worker_job *job = (struct novita_worker_job *)op;
  struct novita_worker_pool *w = op->loop->workers;
  pthread_mutex_lock(&w->lock);
  while (job->place == RUNNING) pthread_cond_wait(&w->finished, &w->lock);
  if (job->place == QUEUED) take_out(&w->in, job);
  if (job->place == DONE) take_out(&w->out, job);
  job->place = NOWHERE;
  pthread_mutex_unlock(&w->lock);
}


static const struct novita_op_class job_class = {"job", job_cancel};


int novita_worker_job_start (struct novita_loop *loop, struct novita_worker_job *job,
                      struct novita_error *e) {
  struct novita_worker_pool *w = loop->workers;
  if (w == NULL) w = loop->workers = workers_open(loop);
  if (w == NULL)
    return novita_error_set(e, NOVITA_ERROR_MEMORY, "threads",
                       "cannot start a thread for preparing pictures");
  novita_op_begin(&job->op, &job_class, loop);
  pthread_mutex_lock(&w->lock);
  job->place = QUEUED;
  push(&w->in, job);
  pthread_cond_signal(&w->arrived);
  pthread_mutex_unlock(&w->lock);
  return 0;
}
