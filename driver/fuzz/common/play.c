/* SPDX-License-Identifier: Apache-2.0
 * play.c - a whole back end before a hostile server, as one input says.
 */
#include "play.h"

#define VERB_MS 900 /* what passes between two verbs                 */

/* The first part, of which the verbs are left in `head`. */
struct input {
    struct fuzz_bytes head, script;
    uint8_t how;
    unsigned nth; /* allocation that fails, of the first verb            */
};

static bool read_input(const uint8_t *bytes, size_t length, struct input *in)
{
    *in = (struct input){.script = {bytes, length}};
    if (!fuzz_part(&in->script, &in->head) || in->head.length < 3)
        return false;
    in->how = fuzz_byte(&in->head);
    in->nth = fuzz_byte(&in->head);
    return true;
}

static int next_verb(struct scene *s, struct input *in,
                     struct sg_task **ret_task)
{
    unsigned nth = in->nth;

    in->nth = 0;
    return scene_verb(s, fuzz_byte(&in->head), nth, ret_task);
}

void play_peer(const struct play_peer *play, const uint8_t *bytes,
               size_t length)
{
    struct peer p = {.now_ms = 1000000};
    struct input in;
    struct scene s;

    if (!read_input(bytes, length, &in))
        return;
    p.script = in.script;
    p.end = (enum peer_end)(in.how % 3);
    p.refuses = (in.how & 0xf0) == 0xf0;
    p.piece = (in.how & 4) != 0 ? 1 : (in.how & 8) != 0 ? 13 : SIZE_MAX / 2;
    peer_begin(&p);
    scene_begin(&s, play->kind, &p.now_ms);
    if (play->set_up != NULL)
        play->set_up(&s, &p, &in.how);
    for (unsigned n = 0; in.head.length > 0 && n < SCENE_VERBS_MAX; n++) {
        struct sg_task *task;
        peer_forget(&p);
        if (next_verb(&s, &in, &task) == SG_OK)
            play->claim(&s, &p, &task->op);
        sg_task_drop(task);
        p.now_ms += VERB_MS;
    }
    scene_end(&s);
    peer_end(&p);
}

void play_zoo(const struct play_zoo *play, const uint8_t *bytes, size_t length)
{
    static struct zoo z;
    struct input in;
    struct scene s;

    if (!read_input(bytes, length, &in))
        return;
    z = (struct zoo){.script = in.script, .now_ms = 1000000};
    z.fails_at = (in.how & 1) != 0 ? in.how >> 3 : 0;
    z.granted_ms = (in.how & 2) != 0 ? 4000 : 0;
    z.last_id = (in.how & 0x80) != 0;
    zoo_begin(&z);
    scene_begin(&s, play->kind, &z.now_ms);
    if ((in.how & 4) != 0) {
        s.target.user = "u";
        s.target.password = SCENE_PASSWORD;
    }
    if (play->set_up != NULL)
        play->set_up(&s, &in.how);
    for (unsigned n = 0; in.head.length > 0 && n < SCENE_VERBS_MAX; n++) {
        struct sg_task *task;
        zoo_forget(&z);
        if (next_verb(&s, &in, &task) == SG_OK)
            play->claim(&z, &task->op);
        sg_task_drop(task);
        z.now_ms += VERB_MS;
    }
    scene_end(&s);
    zoo_end(&z);
}
