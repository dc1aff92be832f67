/*
** worker.c: a queue in, a queue out, one mutex. Jobs take milliseconds, so
** locking for each job costs nothing measurable.
*/
#define _GNU_SOURCE 1
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "worker.h"

#define MOST_THREADS 64
#define MEMORY ((uint64_t)1 << 30)  /* as much as one photo may need */

enum job_state { JOB_IDLE, JOB_QUEUED, JOB_RUNNING, JOB_DONE };

struct novita_worker_pool {
  struct novita_loop *loop;
  pthread_mutex_t lock;
  pthread_cond_t arrived;    /* a job was queued, or 'stop' was set */
  pthread_cond_t finished;   /* a job has ended */
  struct novita_list in, out;
  struct novita_quota memory;
  bool stop;
  int count, most;           /* threads */
  pthread_t thread[MOST_THREADS];
};


/* The first job of a queue, removed; NULL if it is empty. */
static struct novita_worker_job *pop (struct novita_list *queue) {
  struct novita_list_node *node = novita_list_pop(queue);
  if (node == NULL) return NULL;
  return NOVITA_CONTAINER_OF(node, struct novita_worker_job, node);
}


static struct novita_worker_job *next_job (struct novita_worker_pool *w) {
  struct novita_worker_job *job = NULL;
  pthread_mutex_lock(&w->lock);
  while (!w->stop && (job = pop(&w->in)) == NULL)
    pthread_cond_wait(&w->arrived, &w->lock);
  if (job != NULL) job->state = JOB_RUNNING;
  pthread_mutex_unlock(&w->lock);
  return job;
}


static void hand_back (struct novita_worker_pool *w,
                       struct novita_worker_job *job) {
  pthread_mutex_lock(&w->lock);
  job->state = JOB_DONE;
  novita_list_append(&w->out, &job->node);
  pthread_cond_broadcast(&w->finished);
  pthread_mutex_unlock(&w->lock);
  novita_loop_wake(w->loop);
}


static void *work (void *arg) {
  struct novita_worker_pool *w = arg;
  struct novita_worker_local local = {NULL, NULL};
  struct novita_worker_job *job;
  while ((job = next_job(w)) != NULL) {
    job->run(job, &local);
    hand_back(w, job);
  }
  if (local.drop != NULL) local.drop(local.data);
  return NULL;
}


/* Signals belong to the host's threads, so ours start with all blocked. */
static void start_thread (struct novita_worker_pool *w) {
  sigset_t all, before;
  if (w->count == w->most) return;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  if (pthread_create(&w->thread[w->count], NULL, work, w) == 0) w->count++;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}


static int most_threads (const struct novita_loop *loop) {
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
  novita_quota_open(&w->memory,
                     loop->worker_memory > 0 ? loop->worker_memory : MEMORY);
  w->most = most_threads(loop);
  return w;
}


void novita_worker_pool_close (struct novita_worker_pool *w) {
  int i;
  pthread_mutex_lock(&w->lock);
  w->stop = true;
  pthread_cond_broadcast(&w->arrived);
  pthread_mutex_unlock(&w->lock);
  for (i = 0; i < w->count; i++) pthread_join(w->thread[i], NULL);
  novita_quota_close(&w->memory);
  pthread_cond_destroy(&w->finished);
  pthread_cond_destroy(&w->arrived);
  pthread_mutex_destroy(&w->lock);
  free(w);
}


void novita_worker_pool_memory (struct novita_worker_pool *w, uint64_t *held,
                                uint64_t *most) {
  pthread_mutex_lock(&w->memory.lock);
  *held = w->memory.held;
  *most = w->memory.most;
  pthread_mutex_unlock(&w->memory.lock);
}


static struct novita_worker_job *take_done (struct novita_worker_pool *w) {
  struct novita_worker_job *job;
  pthread_mutex_lock(&w->lock);
  job = pop(&w->out);
  if (job != NULL) job->state = JOB_IDLE;
  pthread_mutex_unlock(&w->lock);
  return job;
}


void novita_worker_pool_collect (struct novita_worker_pool *w) {
  struct novita_worker_job *job;
  while ((job = take_done(w)) != NULL) job->done(job);
}


/* A running job's memory is about to be freed, so wait for its end: preparing
** a photo takes tens of milliseconds. A job that waits for bytes of the quota
** stops waiting. */
void novita_worker_job_cancel (struct novita_loop *loop,
                               struct novita_worker_job *job) {
  struct novita_worker_pool *w = loop->workers;
  if (w == NULL || job->memory.quota != &w->memory) return;  /* not started */
  novita_quota_cancel(&job->memory);
  pthread_mutex_lock(&w->lock);
  while (job->state == JOB_RUNNING) pthread_cond_wait(&w->finished, &w->lock);
  if (job->state == JOB_QUEUED) novita_list_remove(&w->in, &job->node);
  if (job->state == JOB_DONE) novita_list_remove(&w->out, &job->node);
  job->state = JOB_IDLE;
  pthread_mutex_unlock(&w->lock);
}


int novita_worker_job_start (struct novita_loop *loop,
                             struct novita_worker_job *job,
                             struct novita_error *e) {
  struct novita_worker_pool *w = loop->workers;
  if (w == NULL) w = loop->workers = workers_open(loop);
  if (w != NULL) start_thread(w);
  if (w == NULL || w->count == 0)
    return novita_error_set(e, NOVITA_ERROR_MEMORY, "threads",
                            "cannot start a thread for photos and files");
  memset(&job->memory, 0, sizeof job->memory);
  job->memory.quota = &w->memory;
  pthread_mutex_lock(&w->lock);
  job->state = JOB_QUEUED;
  novita_list_append(&w->in, &job->node);
  pthread_cond_signal(&w->arrived);
  pthread_mutex_unlock(&w->lock);
  return 0;
}
