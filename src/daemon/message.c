/*
 * A large message in a memfd: written once as it arrives, sealed at its end, and from then on only
 * mapped, by processes and threads that cannot change it under each other. A small one costs less
 * to copy than a memfd costs to have.
 *
 * What is hard: the octets of all messages together have a ceiling, so each octet that is written
 * is counted, and given back in message_free() and nowhere else. A message past the ceiling goes on
 * to its end without its bytes, because SMTP has no way to interrupt it. Its hash is made as it
 * comes: a large one would hold up those behind it in the store's thread.
 */
#include "daemon/message.h"

#include "base/error.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GROWTH = 4 * KIB };

static void recipient_clear(void *recipient)
{
    struct message_recipient *one = recipient;
    g_free(one->address);
    g_free(one->key);
}

struct message *message_new(struct message_budget *budget)
{
    struct message *message = g_new0(struct message, 1);
    id_new(message->id);
    message->budget = budget;
    message->fd = -1;
    message->hash = sha256_new();
    message->recipients = g_array_new(FALSE, TRUE, sizeof(struct message_recipient));
    g_array_set_clear_func(message->recipients, recipient_clear);
    return message;
}

void message_free(struct message *message)
{
    if (message == NULL)
        return;
    message->budget->used -= message->size;
    g_free(message->bytes);
    if (message->fd >= 0)
        close(message->fd);
    sha256_end(message->hash, NULL);
    g_free(message->peer);
    g_free(message->sender);
    g_array_unref(message->recipients);
    g_free(message->trace);
    g_free(message->agency_id);
    g_free(message->file_name);
    g_free(message->token);
    report_free(message->report);
    g_free(message);
}

static bool write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

/* It is not small any more. */
static bool move_to_memfd(struct message *message)
{
    message->fd = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (message->fd < 0 || !write_all(message->fd, message->bytes, (size_t)message->size))
        return false;
    g_clear_pointer(&message->bytes, g_free);
    return true;
}

static size_t room_for(size_t size)
{
    return (size + GROWTH - 1) / GROWTH * GROWTH;
}

static bool put(struct message *message, const char *bytes, size_t size)
{
    size_t before = (size_t)message->size;
    if (message->fd < 0 && before + size > LIMIT_MESSAGE_SMALL && !move_to_memfd(message))
        return false;
    if (message->fd >= 0)
        return write_all(message->fd, bytes, size);
    if (before + size > room_for(before))
        message->bytes = g_realloc(message->bytes, room_for(before + size));
    memcpy(message->bytes + before, bytes, size);
    return true;
}

void message_append(struct message *message, const char *bytes, size_t size)
{
    if (size == 0)
        return;
    message->over = message->over ||
                    message->budget->used + (int64_t)size > message->budget->most ||
                    !put(message, bytes, size);
    if (message->over)
        return;
    sha256_add(message->hash, bytes, size);
    message->size += (int64_t)size;
    message->budget->used += (int64_t)size;
}

void message_add_recipient(struct message *message, const char *address, const char *key)
{
    struct message_recipient one = {.address = g_strdup(address), .key = g_strdup(key)};
    g_array_append_val(message->recipients, one);
}

/* All of it is there. */
static void seal(struct message *message, const char *channel, const char *peer)
{
    message->received_at = g_get_real_time() / G_USEC_PER_SEC;
    message->received_monotonic = g_get_monotonic_time();
    sha256_end(g_steal_pointer(&message->hash), message->sha256);
    message->channel = channel;
    if (message->peer == NULL)
        message->peer = g_strdup(peer);
    if (message->fd >= 0)
        fcntl(message->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
    else if (message->bytes == NULL)
        message->bytes = g_strdup("");
}

void message_complete(struct message *message, const struct smtp_envelope *envelope,
                      const struct trace_hop *hop)
{
    seal(message, "smtp", hop->peer);
    message->input = REPORT_INPUT_MAIL;
    message->sender = g_strdup(envelope->reverse_path);
    for (size_t i = 0; i < envelope->recipient_count; i++)
        message_add_recipient(message, envelope->recipients[i].address,
                              envelope->recipients[i].key);
    message->trace = trace_fields(envelope, message->id, hop, message->received_at);
}

void message_complete_upload(struct message *message, const char *agency_id, const char *peer,
                             enum report_input input, const char *file_name)
{
    seal(message, "upload", peer);
    message->agency_id = g_strdup(agency_id);
    message->input = input;
    message->file_name = g_strdup(file_name);
}

void message_complete_mailgun(struct message *message, const char *sender, const char *address,
                              const char *key, const char *token)
{
    seal(message, "mailgun", NULL);
    message->input = REPORT_INPUT_MAIL;
    message->sender = g_strdup(sender != NULL ? sender : "");
    message->token = g_strdup(token);
    message_add_recipient(message, address, key);
}

const char *message_map(const struct message *message, GError **error)
{
    if (message->fd < 0)
        return message->bytes;
    char *bytes = mmap(NULL, (size_t)message->size, PROT_READ, MAP_SHARED, message->fd, 0);
    if (bytes != MAP_FAILED)
        return bytes;
    error_temp(error, "a message cannot be mapped: %s", g_strerror(errno));
    return NULL;
}

void message_unmap(const struct message *message, const char *bytes)
{
    if (message->fd >= 0)
        munmap((char *)(uintptr_t)bytes, (size_t)message->size);
}

bool message_has_agency(const struct message *message)
{
    if (message->agency_id != NULL)
        return true;
    for (guint i = 0; i < message->recipients->len; i++)
        if (g_array_index(message->recipients, struct message_recipient, i).key != NULL)
            return true;
    return false;
}
