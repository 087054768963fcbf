/*
 * See checkpointer.h. What is shared with the committer is what the last checkpoint began with, and
 * whether one is under way.
 */
#include "daemon/checkpointer.h"

#include "base/error.h"
#include "base/limits.h"
#include "daemon/log.h"

struct checkpointer {
    struct db *db;
    GThread *thread;
    GMutex mutex;
    GCond asked, done;
    bool is_asked; /* until the checkpoint is done */
    bool is_ending;
    int64_t covered; /* pages of the log that are home */
    int64_t pages;   /* of the log, as told last */
};

static void checkpoint(struct db *db)
{
    g_autoptr(GError) error = NULL;
    if (!db_checkpoint(db, &error))
        log_event(LOG_LEVEL_ERROR, "checkpoint-failed", LOG_TEXT("error", error->message));
}

static void *run(void *context)
{
    struct checkpointer *self = context;
    g_mutex_lock(&self->mutex);
    for (;;) {
        while (!self->is_asked && !self->is_ending)
            g_cond_wait(&self->asked, &self->mutex);
        if (self->is_ending)
            break;
        int64_t covered = self->pages;
        g_mutex_unlock(&self->mutex);
        checkpoint(self->db);
        g_mutex_lock(&self->mutex);
        self->covered = covered;
        self->is_asked = false;
        g_cond_signal(&self->done);
    }
    g_mutex_unlock(&self->mutex);
    db_close(self->db);
    return NULL;
}

struct checkpointer *checkpointer_new(struct db *db)
{
    struct checkpointer *checkpointer = g_new0(struct checkpointer, 1);
    checkpointer->db = db;
    g_mutex_init(&checkpointer->mutex);
    g_cond_init(&checkpointer->asked);
    g_cond_init(&checkpointer->done);
    checkpointer->thread = g_thread_new("checkpointer", run, checkpointer);
    return checkpointer;
}

void checkpointer_free(struct checkpointer *checkpointer)
{
    if (checkpointer == NULL)
        return;
    g_mutex_lock(&checkpointer->mutex);
    checkpointer->is_ending = true;
    g_cond_signal(&checkpointer->asked);
    g_mutex_unlock(&checkpointer->mutex);
    g_thread_join(checkpointer->thread);
    g_mutex_clear(&checkpointer->mutex);
    g_cond_clear(&checkpointer->asked);
    g_cond_clear(&checkpointer->done);
    g_free(checkpointer);
}

bool checkpointer_tell(struct checkpointer *checkpointer, int64_t pages)
{
    g_mutex_lock(&checkpointer->mutex);
    if (pages < checkpointer->pages) /* it has begun anew */
        checkpointer->covered = 0;
    checkpointer->pages = pages;
    bool is_long = pages >= LIMIT_DB_LOG_PAGES, is_too_long = pages >= 2 * LIMIT_DB_LOG_PAGES;
    while (is_too_long && checkpointer->is_asked)
        g_cond_wait(&checkpointer->done, &checkpointer->mutex);
    int64_t left = pages - checkpointer->covered;
    bool is_free = !checkpointer->is_asked;
    bool finish = is_free && is_long && (left < LIMIT_DB_CHECKPOINT_PAGES / 4 || is_too_long);
    if (is_free && !finish && (is_long || left >= LIMIT_DB_CHECKPOINT_PAGES)) {
        checkpointer->is_asked = true;
        g_cond_signal(&checkpointer->asked);
    }
    g_mutex_unlock(&checkpointer->mutex);
    return finish;
}
