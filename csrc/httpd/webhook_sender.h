/*
** webhook_sender.h: the thread that sends webhooks. The rules decide what to
** send and when; the thread sends one after the other and reports the status.
** It uses plain sockets, on loopback only: the emulator must never connect to
** other machines, and a client library in the rules' state would hold their
** lock while it waits.
*/
#ifndef novita_httpd_webhook_sender_h
#define novita_httpd_webhook_sender_h

#include "rules.h"

struct novita_webhook_sender {
  struct novita_rules *rules;
  pthread_mutex_t lock;      /* protects 'closed' */
  pthread_cond_t changed;
  int closed;
  pthread_t thread;
};

/* start the thread; 0 or an errno */
NOVITA_FUNC int
novita_webhook_sender_open (struct novita_webhook_sender *sender,
                            struct novita_rules *rules);
/* end it; a running delivery is given up */
NOVITA_FUNC void
novita_webhook_sender_close (struct novita_webhook_sender *sender);

#endif
