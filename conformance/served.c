/* SPDX-License-Identifier: Apache-2.0
 * served.c - one fake, served on a thread of its own.
 */
#include "served.h"

#include "fake.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS 2000 /* ZooKeeper's */

struct served {
    struct fake_hub *hub;
    struct fake *fake;
    struct fake_link *link;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock */
    bool has_thread, is_ending;
    void (*wanted)(struct served *s); /* to be done by the thread; NULL when
                                       * it is done                      */
    char *dump;
};

static void dump(struct served *s)
{
    s->dump = fake_dump(s->fake);
}

static void flush(struct served *s)
{
    fake_flush(s->fake);
}

static void *serve(void *arg)
{
    struct served *s = arg;
    bool is_ending = false;

    while (!is_ending) {
        fake_poll(s->hub, 1000);
        pthread_mutex_lock(&s->lock);
        is_ending = s->is_ending;
        if (s->wanted != NULL) {
            s->wanted(s);
            s->wanted = NULL;
            pthread_cond_signal(&s->changed);
        }
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

static int make_fake(struct served *s, const char *scheme)
{
    if (strcmp(scheme, "kazoo") == 0)
        return fake_zookeeper_new(s->hub, TICK_MS, &s->fake);
    if (strcmp(scheme, "memcached") == 0)
        return fake_memcached_new(s->hub, 0, &s->fake);
    if (strcmp(scheme, "redis") == 0)
        return fake_redis_new(s->hub, &s->fake);
    return -1;
}

struct served *served_new(const char *scheme)
{
    struct fake_hub_options options = {.virtual_clock = true,
                                       .start_ms = 1000,
                                       .wall_start_ms = 1700000000000};
    struct served *s = calloc(1, sizeof *s);

    if (s == NULL)
        return NULL;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    if (fake_hub_new(&options, &s->hub) == 0 && make_fake(s, scheme) == 0 &&
        fake_listen(s->fake, "served", &s->link) == 0)
        s->has_thread = pthread_create(&s->thread, NULL, serve, s) == 0;
    if (s->has_thread)
        return s;
    served_free(s);
    return NULL;
}

void served_free(struct served *s)
{
    if (s == NULL)
        return;
    if (s->has_thread) {
        pthread_mutex_lock(&s->lock);
        s->is_ending = true;
        pthread_mutex_unlock(&s->lock);
        fake_wake(s->hub);
        pthread_join(s->thread, NULL);
    }
    fake_hub_free(s->hub);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

int served_port(const struct served *s)
{
    return fake_link_port(s->link);
}

/* On the serving thread, which alone may touch the fake. */
static void want(struct served *s, void (*wanted)(struct served *s))
{
    pthread_mutex_lock(&s->lock);
    s->wanted = wanted;
    fake_wake(s->hub);
    while (s->wanted != NULL)
        pthread_cond_wait(&s->changed, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

char *served_dump(struct served *s)
{
    want(s, dump);
    return s->dump;
}

void served_flush(struct served *s)
{
    want(s, flush);
}
