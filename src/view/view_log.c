/* What was received: see view.h. */
#include "view/view.h"

struct json *view_log_files(const struct store_log *log)
{
    struct json *files = log->files != NULL ? json_parse(log->files) : NULL;
    return files != NULL ? files : json_array_new();
}

/* The members of a log entry that do not depend on who asks. */
void view_log(struct json *object, const struct store_log *log)
{
    json_set_text(object, "id", log->id);
    view_time(object, "received_at", log->received_at);
    json_set_text(object, "channel", log->channel);
    json_set_text(object, "sender", log->sender);
    json_set_text(object, "subject", log->subject);
    json_set_text(object, "message_id", log->message_id);
    json_set_text(object, "verdict", log->verdict);
    json_set_text(object, "link", log->link);
    json_set_text(object, "subscription", log->subscription);
    json_set_text(object, "replay_of", log->replay_of);
    json_set(object, "files", view_log_files(log));
    json_set_text(object, "error_message", log->error_message);
    json_set_int(object, "bytes", log->bytes);
    json_set_text(object, "sha256", log->sha256);
    json_set_count(object, "took_ms", log->took_ms);
}
