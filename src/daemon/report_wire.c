/*
 * Both ends of the stream in one file, so that the order of the fields stands twice on one screen.
 * A field is written by put_* and read by take_* in the same order; the reader of a frame asks at
 * its end whether everything fitted and nothing was left over.
 */
#include "daemon/report_wire.h"

#include "base/ascii.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/limits.h"

#include <string.h>

enum frame_type { FRAME_HEAD = 1, FRAME_FILE, FRAME_LEG, FRAME_USER, FRAME_NOTE, FRAME_END };

enum { FRAME_HEADER = 5, FLUSH_AT = 48 * KIB, ROOM = 64 * KIB, TEXT_NULL = 4, SENT_BITS = 8 };

#define NULL_LENGTH UINT32_MAX
#define AGAIN       UINT32_C(0x80000000) /* with the number of a text that was sent before */

/* Times on the wall that a report may hold: the years 1970 to 2199. */
#define CIVIL_MOST INT64_C(7258118399)

/* --- writing --- */

/* A text that was sent. */
struct sent {
    const char *text; /* NULL: the place is free */
    uint32_t number;  /* from 0 */
};

/* What is not flushed, and an open table of the texts that were sent, by their addresses. Strangers
 * choose how far these are apart, so that where one goes depends on a secret. */
struct writer {
    guint8 *out;
    size_t length, room;
    size_t frame; /* where the frame under way begins */
    struct sent *sent;
    unsigned bits;  /* it has 2^bits places, of which no more than half are taken */
    uint32_t count; /* of the texts in it */
    uint64_t secret;
};

static void init(struct writer *writer)
{
    *writer = (struct writer){
        .out = g_malloc(ROOM),
        .room = ROOM,
        .sent = g_new0(struct sent, (size_t)1 << SENT_BITS),
        .bits = SENT_BITS,
        .secret = (uint64_t)hash_text("sent") << 32 | hash_text("texts") | 1,
    };
}

static void clear(struct writer *writer)
{
    g_free(writer->out);
    g_free(writer->sent);
}

/* Room for so many octets, which are then part of the frame. */
static inline guint8 *put(struct writer *writer, size_t size)
{
    if (G_UNLIKELY(writer->room - writer->length < size)) {
        writer->room = 2 * writer->room + size;
        writer->out = g_realloc(writer->out, writer->room);
    }
    guint8 *at = writer->out + writer->length;
    writer->length += size;
    return at;
}

static void put_u32(struct writer *writer, uint32_t number)
{
    uint32_t little = GUINT32_TO_LE(number);
    memcpy(put(writer, sizeof little), &little, sizeof little);
}

static void put_int(struct writer *writer, int64_t number)
{
    int64_t little = GINT64_TO_LE(number);
    memcpy(put(writer, sizeof little), &little, sizeof little);
}

/* A text that hardly comes twice. */
static void put_single(struct writer *writer, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        put_u32(writer, NULL_LENGTH);
        return;
    }
    size_t length = strlen(text);
    put_u32(writer, (uint32_t)length);
    memcpy(put(writer, length), text, length);
}

/* The place of the text, or the free one where it belongs. */
static struct sent *find(const struct writer *writer, const char *text)
{
    size_t mask = ((size_t)1 << writer->bits) - 1;
    for (size_t i = (uintptr_t)text * writer->secret >> (64 - writer->bits);; i = (i + 1) & mask)
        if (writer->sent[i].text == NULL || writer->sent[i].text == text)
            return &writer->sent[i];
}

static void grow(struct writer *writer)
{
    g_autofree struct sent *before = writer->sent;
    size_t places = (size_t)1 << writer->bits++;
    writer->sent = g_new0(struct sent, 2 * places);
    for (size_t i = 0; i < places; i++)
        if (before[i].text != NULL)
            *find(writer, before[i].text) = before[i];
}

static void put_text(struct writer *writer, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        put_u32(writer, NULL_LENGTH);
        return;
    }
    struct sent *place = find(writer, text);
    if (place->text != NULL) {
        put_u32(writer, AGAIN | place->number);
        return;
    }
    *place = (struct sent){text, writer->count++};
    put_single(writer, text);
    if (writer->count > (size_t)1 << (writer->bits - 1))
        grow(writer);
}

static void begin_frame(struct writer *writer, enum frame_type type)
{
    writer->frame = writer->length;
    put_u32(writer, 0);
    *put(writer, 1) = (guint8)type;
}

static void end_frame(struct writer *writer)
{
    uint32_t length = GUINT32_TO_LE((uint32_t)(writer->length - writer->frame - FRAME_HEADER));
    memcpy(writer->out + writer->frame, &length, sizeof length);
}

static void write_head(struct writer *writer, const struct report *report)
{
    begin_frame(writer, FRAME_HEAD);
    put_int(writer, (int64_t)report->verdict);
    put_text(writer, report->reason);
    put_text(writer, report->subject);
    put_text(writer, report->message_id);
    put_text(writer, report->mail_from);
    put_text(writer, report->link);
    put_text(writer, report->subscription);
    end_frame(writer);
}

static void write_file(struct writer *writer, const struct report_file *file)
{
    begin_frame(writer, FRAME_FILE);
    put_text(writer, file->name);
    put_text(writer, file->kind);
    put_single(writer, file->sha256);
    put_int(writer, (int64_t)file->bytes);
    put_int(writer, (int64_t)file->verdict);
    put_text(writer, file->reason);
    put_text(writer, file->timezone);
    put_int(writer, file->from);
    put_int(writer, file->to);
    put_int(writer, file->notes_left_out);
    put_int(writer, file->call_rows);
    put_int(writer, file->duplicate_rows);
    put_int(writer, file->skipped_rows);
    put_int(writer, file->user_rows);
    put_int(writer, file->has_calls);
    put_int(writer, file->has_users);
    put_int(writer, (int64_t)file->sheets->len);
    for (guint i = 0; i < file->sheets->len; i++)
        put_text(writer, g_ptr_array_index(file->sheets, i));
    end_frame(writer);
}

static void write_leg(struct writer *writer, const struct report_leg *leg)
{
    begin_frame(writer, FRAME_LEG);
    put_single(writer, leg->session_id);
    put_int(writer, (int64_t)leg->direction);
    put_text(writer, leg->call_type);
    put_text(writer, leg->from_name);
    put_text(writer, leg->from_number);
    put_text(writer, leg->to_name);
    put_text(writer, leg->to_number);
    put_text(writer, leg->result);
    put_text(writer, leg->queue);
    put_int(writer, leg->start);
    put_int(writer, leg->length);
    put_int(writer, leg->handle_time);
    put_single(writer, leg->raw_payload);
    put_int(writer, leg->row);
    put_int(writer, leg->sheet);
    put_int(writer, leg->id_imprecise);
    end_frame(writer);
}

static void write_user(struct writer *writer, const struct report_user *user)
{
    begin_frame(writer, FRAME_USER);
    put_text(writer, user->name);
    put_text(writer, user->status);
    put_text(writer, user->extension);
    put_text(writer, user->email);
    put_int(writer, user->total_calls);
    put_int(writer, user->inbound_calls);
    put_int(writer, user->outbound_calls);
    put_int(writer, user->answered_inbound);
    put_int(writer, user->answered_outbound);
    put_int(writer, user->missed);
    put_int(writer, user->handle_time);
    put_int(writer, user->handle_time_inbound);
    put_int(writer, user->handle_time_outbound);
    put_single(writer, user->raw_payload);
    put_int(writer, user->row);
    put_int(writer, user->sheet);
    end_frame(writer);
}

static void write_note(struct writer *writer, const struct report_note *note)
{
    begin_frame(writer, FRAME_NOTE);
    put_text(writer, note->sheet);
    put_int(writer, note->row);
    put_text(writer, note->text);
    end_frame(writer);
}

static bool flush(struct writer *writer, size_t at, report_wire_sink *sink, void *context)
{
    if (writer->length < at)
        return true;
    bool taken = sink(context, writer->out, writer->length);
    writer->length = 0;
    return taken;
}

static bool write_rows(struct writer *writer, const struct report_file *file,
                       report_wire_sink *sink, void *context)
{
    for (guint i = 0; i < file->legs->len; i++) {
        write_leg(writer, &g_array_index(file->legs, struct report_leg, i));
        if (!flush(writer, FLUSH_AT, sink, context))
            return false;
    }
    for (guint i = 0; i < file->users->len; i++) {
        write_user(writer, &g_array_index(file->users, struct report_user, i));
        if (!flush(writer, FLUSH_AT, sink, context))
            return false;
    }
    for (guint i = 0; i < file->notes->len; i++)
        write_note(writer, &g_array_index(file->notes, struct report_note, i));
    return flush(writer, FLUSH_AT, sink, context);
}

static bool write_all(struct writer *writer, const struct report *report, report_wire_sink *sink,
                      void *context)
{
    write_head(writer, report);
    for (guint i = 0; i < report->files->len; i++) {
        const struct report_file *file = g_ptr_array_index(report->files, i);
        write_file(writer, file);
        if (!write_rows(writer, file, sink, context))
            return false;
    }
    begin_frame(writer, FRAME_END);
    end_frame(writer);
    return flush(writer, 0, sink, context);
}

bool report_wire_write(const struct report *report, report_wire_sink *sink, void *context)
{
    struct writer writer;
    init(&writer);
    bool taken = write_all(&writer, report, sink, context);
    clear(&writer);
    return taken;
}

/* --- reading --- */

struct report_wire_reader {
    GByteArray *pending; /* bytes of a frame that is not whole */
    GArray *texts;       /* of struct text: those that may come again, by number */
    struct report *report;
    struct report_file *file; /* the one that rows belong to; borrowed from the report */
    uint64_t legs, users;     /* over all files */
    size_t taken;             /* octets, over all frames */
    enum report_wire_state state;
    bool has_head;
};

enum { TEXTS = 256 }; /* that come again, of a report, to begin with */

struct text {
    const char *text;
    size_t length;
};

/* The payload of one frame. */
struct payload {
    struct report *report; /* where texts go */
    GArray *texts;         /* the reader's */
    const guint8 *at, *end;
    bool bad;
};

static const guint8 *take_bytes(struct payload *payload, size_t size)
{
    if (payload->bad || (size_t)(payload->end - payload->at) < size) {
        payload->bad = true;
        return NULL;
    }
    const guint8 *bytes = payload->at;
    payload->at += size;
    return bytes;
}

static int64_t take_int(struct payload *payload, int64_t least, int64_t most)
{
    const guint8 *bytes = take_bytes(payload, sizeof(int64_t));
    if (bytes == NULL)
        return 0;
    int64_t number;
    memcpy(&number, bytes, sizeof number);
    number = GINT64_FROM_LE(number);
    if (number < least || number > most) {
        payload->bad = true;
        return 0;
    }
    return number;
}

static int64_t take_count(struct payload *payload)
{
    return take_int(payload, REPORT_UNKNOWN, INT32_MAX);
}

static bool is_clean(const char *text, size_t length)
{
    if (ascii_is_printable(text, length)) /* nearly all are */
        return true;
    if (!g_utf8_validate(text, (gssize)length, NULL))
        return false;
    const char *end = text + length;
    for (const char *at = text; at != NULL && at < end; at = g_utf8_find_next_char(at, end))
        if (g_unichar_iscntrl(g_utf8_get_char(at)))
            return false;
    return true;
}

/* A text that was sent before. */
static const char *take_again(struct payload *payload, uint32_t number, size_t most)
{
    if (number >= payload->texts->len ||
        g_array_index(payload->texts, struct text, number).length > most) {
        payload->bad = true;
        return NULL;
    }
    return g_array_index(payload->texts, struct text, number).text;
}

/* As put_single() wrote it, or put_text(): `comes_again`. */
static const char *take(struct payload *payload, size_t most, bool comes_again)
{
    const guint8 *bytes = take_bytes(payload, TEXT_NULL);
    if (bytes == NULL)
        return NULL;
    uint32_t length;
    memcpy(&length, bytes, sizeof length);
    length = GUINT32_FROM_LE(length);
    if (length == NULL_LENGTH)
        return NULL;
    if (comes_again && (length & AGAIN) != 0)
        return take_again(payload, length & ~AGAIN, most);
    const char *text = length <= most ? (const char *)take_bytes(payload, length) : NULL;
    if (text == NULL || length == 0 || !is_clean(text, length)) {
        payload->bad = true;
        return NULL;
    }
    struct text kept = {texts_add(payload->report->strings, text, length), length};
    if (comes_again)
        g_array_append_val(payload->texts, kept);
    return kept.text;
}

static const char *take_text(struct payload *payload, size_t most)
{
    return take(payload, most, true);
}

static const char *take_payload(struct payload *payload)
{
    const char *text = take(payload, LIMIT_REPORT_PAYLOAD, false);
    if (text != NULL && !json_text_is_object(text))
        payload->bad = true;
    return text;
}

static const char *take_name(struct payload *payload)
{
    return take_text(payload, LIMIT_REPORT_TEXT);
}

static void read_head(struct payload *payload, struct report *report)
{
    report->verdict = (enum report_verdict)take_int(payload, REPORT_STORED, REPORT_FAILED);
    report->reason = take_name(payload);
    report->subject = take_name(payload);
    report->message_id = take_name(payload);
    report->mail_from = take_name(payload);
    report->link = take_text(payload, LIMIT_REPORT_PAYLOAD);
    report->subscription = take_name(payload);
}

static void take_sha256(struct payload *payload, char sha256[65])
{
    const char *text = take(payload, 64, false);
    if (text == NULL)
        return;
    if (strlen(text) != 64 || strspn(text, "0123456789abcdef") != 64) {
        payload->bad = true;
        return;
    }
    memcpy(sha256, text, 65);
}

static void read_file(struct payload *payload, struct report_wire_reader *reader)
{
    if (reader->report->files->len >= LIMIT_REPORT_FILES) {
        payload->bad = true;
        return;
    }
    struct report_file *file = report_file_new(reader->report);
    reader->file = file;
    file->name = take_name(payload);
    file->kind = take_name(payload);
    take_sha256(payload, file->sha256);
    file->bytes = (uint64_t)take_int(payload, 0, INT64_MAX);
    file->verdict = (enum report_verdict)take_int(payload, REPORT_STORED, REPORT_FAILED);
    file->reason = take_name(payload);
    file->timezone = take_name(payload);
    file->from = take_int(payload, REPORT_UNKNOWN, CIVIL_MOST);
    file->to = take_int(payload, REPORT_UNKNOWN, CIVIL_MOST);
    file->notes_left_out = take_int(payload, 0, INT32_MAX);
    file->call_rows = take_int(payload, 0, INT32_MAX);
    file->duplicate_rows = take_int(payload, 0, INT32_MAX);
    file->skipped_rows = take_int(payload, 0, INT32_MAX);
    file->user_rows = take_int(payload, 0, INT32_MAX);
    file->has_calls = take_int(payload, 0, 1) != 0;
    file->has_users = take_int(payload, 0, 1) != 0;
    int64_t sheets = take_int(payload, 0, LIMIT_SHEETS);
    for (int64_t i = 0; i < sheets && !payload->bad; i++) {
        const char *name = take_name(payload);
        g_ptr_array_add(file->sheets, (gpointer)(uintptr_t)(name != NULL ? name : ""));
    }
    if (file->verdict == REPORT_STORED && file->sha256[0] == '\0')
        payload->bad = true;
    if (file->name == NULL || (file->from < 0) != (file->to < 0) || file->to < file->from)
        payload->bad = true;
}

static uint32_t take_sheet(struct payload *payload, const struct report_file *file)
{
    return (uint32_t)take_int(payload, 0, (int64_t)file->sheets->len - 1);
}

static void read_leg(struct payload *payload, struct report_wire_reader *reader)
{
    struct report_leg leg = {.session_id = take(payload, LIMIT_SESSION_ID, false)};
    leg.direction =
        (enum report_direction)take_int(payload, REPORT_DIRECTION_UNKNOWN, REPORT_INTERNAL);
    leg.call_type = take_name(payload);
    leg.from_name = take_name(payload);
    leg.from_number = take_name(payload);
    leg.to_name = take_name(payload);
    leg.to_number = take_name(payload);
    leg.result = take_name(payload);
    leg.queue = take_name(payload);
    leg.start = take_int(payload, 0, CIVIL_MOST);
    leg.length = take_int(payload, REPORT_UNKNOWN, LIMIT_DURATION);
    leg.handle_time = take_int(payload, REPORT_UNKNOWN, LIMIT_DURATION);
    leg.raw_payload = take_payload(payload);
    leg.row = (uint32_t)take_int(payload, 1, LIMIT_SHEET_ROWS);
    leg.sheet = take_sheet(payload, reader->file);
    leg.id_imprecise = take_int(payload, 0, 1) != 0;
    if (leg.session_id == NULL || ++reader->legs > LIMIT_REPORT_LEGS)
        payload->bad = true;
    if (!payload->bad)
        g_array_append_val(reader->file->legs, leg);
}

static void read_user(struct payload *payload, struct report_wire_reader *reader)
{
    struct report_user user = {.name = take_name(payload)};
    user.status = take_name(payload);
    user.extension = take_name(payload);
    user.email = take_name(payload);
    user.total_calls = take_count(payload);
    user.inbound_calls = take_count(payload);
    user.outbound_calls = take_count(payload);
    user.answered_inbound = take_count(payload);
    user.answered_outbound = take_count(payload);
    user.missed = take_count(payload);
    user.handle_time = take_count(payload);
    user.handle_time_inbound = take_count(payload);
    user.handle_time_outbound = take_count(payload);
    user.raw_payload = take_payload(payload);
    user.row = (uint32_t)take_int(payload, 1, LIMIT_SHEET_ROWS);
    user.sheet = take_sheet(payload, reader->file);
    if (++reader->users > LIMIT_REPORT_USERS)
        payload->bad = true;
    if (!payload->bad)
        g_array_append_val(reader->file->users, user);
}

static void read_note(struct payload *payload, struct report_wire_reader *reader)
{
    struct report_note note = {.sheet = take_name(payload)};
    note.row = (uint32_t)take_int(payload, 0, LIMIT_SHEET_ROWS);
    note.text = take_name(payload);
    if (note.text == NULL || reader->file->notes->len >= LIMIT_REPORT_NOTES)
        payload->bad = true;
    if (!payload->bad)
        g_array_append_val(reader->file->notes, note);
}

static enum report_wire_state read_frame(struct report_wire_reader *reader, guint8 type,
                                         const guint8 *bytes, size_t size)
{
    struct payload payload = {reader->report, reader->texts, bytes, bytes + size, false};
    if ((type == FRAME_HEAD) == reader->has_head ||
        (type >= FRAME_LEG && type <= FRAME_NOTE && reader->file == NULL))
        return REPORT_WIRE_BAD;
    switch (type) {
    case FRAME_HEAD:
        reader->has_head = true;
        read_head(&payload, reader->report);
        break;
    case FRAME_FILE:
        read_file(&payload, reader);
        break;
    case FRAME_LEG:
        read_leg(&payload, reader);
        break;
    case FRAME_USER:
        read_user(&payload, reader);
        break;
    case FRAME_NOTE:
        read_note(&payload, reader);
        break;
    case FRAME_END:
        return size == 0 ? REPORT_WIRE_DONE : REPORT_WIRE_BAD;
    default:
        return REPORT_WIRE_BAD;
    }
    return payload.bad || payload.at != payload.end ? REPORT_WIRE_BAD : REPORT_WIRE_MORE;
}

struct report_wire_reader *report_wire_reader_new(void)
{
    struct report_wire_reader *reader = g_new0(struct report_wire_reader, 1);
    reader->pending = g_byte_array_new();
    reader->texts = g_array_sized_new(FALSE, FALSE, sizeof(struct text), TEXTS);
    reader->report = report_new();
    return reader;
}

void report_wire_reader_free(struct report_wire_reader *reader)
{
    if (reader == NULL)
        return;
    g_byte_array_unref(reader->pending);
    g_array_unref(reader->texts);
    report_free(reader->report);
    g_free(reader);
}

enum report_wire_state report_wire_feed(struct report_wire_reader *reader, const void *bytes,
                                        size_t size)
{
    if (reader->state != REPORT_WIRE_MORE)
        return reader->state = size > 0 ? REPORT_WIRE_BAD : reader->state;
    if (size > LIMIT_WIRE_BYTES - reader->taken)
        return reader->state = REPORT_WIRE_BAD;
    reader->taken += size;
    /* Most reports come in one piece, and are read where they are. */
    bool has_pending = reader->pending->len > 0;
    if (has_pending)
        g_byte_array_append(reader->pending, bytes, (guint)size);
    const guint8 *at = has_pending ? reader->pending->data : bytes;
    size_t left = has_pending ? reader->pending->len : size;
    while (reader->state == REPORT_WIRE_MORE && left >= FRAME_HEADER) {
        uint32_t length;
        memcpy(&length, at, sizeof length);
        length = GUINT32_FROM_LE(length);
        if (length > LIMIT_FRAME_BYTES) {
            reader->state = REPORT_WIRE_BAD;
            break;
        }
        if (left - FRAME_HEADER < length)
            break;
        reader->state = read_frame(reader, at[4], at + FRAME_HEADER, length);
        at += FRAME_HEADER + length;
        left -= FRAME_HEADER + length;
    }
    if (reader->state == REPORT_WIRE_DONE && left > 0)
        reader->state = REPORT_WIRE_BAD;
    if (has_pending)
        g_byte_array_remove_range(reader->pending, 0, reader->pending->len - (guint)left);
    else
        g_byte_array_append(reader->pending, at, (guint)left);
    return reader->state;
}

struct report *report_wire_take(struct report_wire_reader *reader)
{
    g_assert(reader->state == REPORT_WIRE_DONE && reader->report != NULL);
    return g_steal_pointer(&reader->report);
}
