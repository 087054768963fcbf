/*
 * The central directory, and parts inflated on demand. What is hard about it:
 *
 * - RingCentral's writer leaves CRC and sizes of the local headers at zero and its descriptors are
 *   24 bytes without a ZIP64 field. So of a local header only the two lengths count, and
 * descriptors are never looked at: there may be a gap of any size behind the data.
 * - Every number is a stranger's: sums are written as `a > max - b`. All offsets are from the start
 *   of the file and end before the directory.
 * - A bomb is many names for the same bytes, a size that lies, or a ratio. The first is found by
 *   sorting the extents of all entries, the second by inflating into a buffer of exactly the
 *   declared size, the third by limits that real workbooks never come near.
 *
 * It borrows the bytes. It never opens a path that a file names.
 */
#include "report/container.h"

#include "base/ascii.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/limits.h"
#include "report/part_name.h"

#include <libdeflate.h>
#include <stdint.h>
#include <string.h>

enum {
    LOCAL_SIGNATURE = 0x04034b50,
    CENTRAL_SIGNATURE = 0x02014b50,
    END_SIGNATURE = 0x06054b50,
    END64_SIGNATURE = 0x06064b50,
    LOCATOR64_SIGNATURE = 0x07064b50,
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR64_SIZE = 20,
    COMMENT_MAX = 0xFFFF,
    FLAG_ENCRYPTED = 0x0001,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
    EXTRA_ZIP64 = 0x0001,
    DEFLATE_RATIO_MAX = 1032, /* what the format can do at all */
};

struct entry {
    const char *name; /* in the container's names */
    const char *key;  /* the form under which it is found, in the container's keys */
    size_t key_length;
    uint32_t hash; /* of the key */
    uint16_t flags;
    uint16_t method;
    uint32_t crc;
    uint64_t deflated;
    uint64_t inflated;
    uint64_t offset;   /* of the local header */
    uint64_t data;     /* of the bytes themselves; 0 if the local header is damaged */
    bool is_ambiguous; /* there is another entry of the same name */
    bool overlaps;
};

struct container {
    const unsigned char *bytes;
    size_t size;
    uint64_t directory; /* where it begins */
    GArray *entries;    /* of struct entry */
    char *names, *keys; /* of all entries, each with a NUL */
    uint32_t *places;   /* by key: index + 1 of its first entry; 0: free */
    size_t capacity;    /* of places: a power of two, and never more than half is taken */
    size_t total;       /* bytes inflated so far */
    size_t *inflated;   /* by all containers of the message; NULL: nobody counts */
    struct libdeflate_decompressor *inflater; /* NULL: none was needed */
};

struct directory {
    uint64_t offset;
    uint64_t size;
    uint64_t count;
};

static uint16_t le16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const unsigned char *p)
{
    return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static uint64_t le64(const unsigned char *p)
{
    return le32(p) | (uint64_t)le32(p + 4) << 32;
}

/* The form under which names are compared, with a NUL, into `key`, which has room for the name.
 * Returns its length. */
static size_t normalise(const char *name, char *key)
{
    while (*name == '/' || *name == '\\')
        name++;
    size_t length = 0;
    for (; name[length] != '\0'; length++)
        key[length] = name[length] == '\\' ? '/' : ascii_lower(name[length]);
    key[length] = '\0';
    return length;
}

/* The last end record whose comment fits into the file. */
static const unsigned char *find_end(const unsigned char *bytes, size_t size)
{
    if (size < END_SIZE)
        return NULL;
    size_t lowest = size > END_SIZE + COMMENT_MAX ? size - END_SIZE - COMMENT_MAX : 0;
    for (size_t at = size - END_SIZE + 1; at-- > lowest;) {
        const unsigned char *p = bytes + at;
        if (p[0] == 'P' && le32(p) == END_SIGNATURE && le16(p + 20) <= size - END_SIZE - at)
            return p;
    }
    return NULL;
}

/* Takes from the ZIP64 end record what the plain one could not hold. */
static bool read_end64(const unsigned char *bytes, const unsigned char *end,
                       struct directory *directory, GError **error)
{
    if (end - bytes < LOCATOR64_SIZE || le32(end - LOCATOR64_SIZE) != LOCATOR64_SIGNATURE)
        return true;
    const unsigned char *locator = end - LOCATOR64_SIZE;
    uint64_t room = (uint64_t)(locator - bytes);
    uint64_t at = le64(locator + 8);
    if (room < END64_SIZE || at > room - END64_SIZE || le32(bytes + at) != END64_SIGNATURE)
        return error_perm(error, "the workbook is damaged: its ZIP64 end record is not there");
    const unsigned char *p = bytes + at;
    if (le32(locator + 4) != 0 || le32(p + 16) != 0 || le32(p + 20) != 0)
        return error_perm(error, "the workbook is a zip file spread over several disks: refused");
    directory->count = le64(p + 32);
    directory->size = le64(p + 40);
    directory->offset = le64(p + 48);
    return true;
}

static bool read_end(const unsigned char *bytes, size_t size, struct directory *directory,
                     GError **error)
{
    const unsigned char *end = find_end(bytes, size);
    if (end == NULL)
        return error_perm(error, "the workbook is cut off: the end of the zip file is missing");
    if (le16(end + 4) != 0 || le16(end + 6) != 0 || le16(end + 8) != le16(end + 10))
        return error_perm(error, "the workbook is a zip file spread over several disks: refused");
    directory->count = le16(end + 10);
    directory->size = le32(end + 12);
    directory->offset = le32(end + 16);
    if (directory->count == 0xFFFF || directory->size == 0xFFFFFFFF ||
        directory->offset == 0xFFFFFFFF)
        if (!read_end64(bytes, end, directory, error))
            return false;
    uint64_t room = (uint64_t)(end - bytes);
    if (directory->offset > room || directory->size > room - directory->offset)
        return error_perm(error, "the workbook is damaged: the directory of the zip file lies "
                                 "outside of it");
    if (directory->count > LIMIT_ZIP_ENTRIES)
        return error_perm(error,
                          "the workbook holds %" G_GUINT64_FORMAT " parts: more than %d is refused",
                          directory->count, LIMIT_ZIP_ENTRIES);
    return true;
}

/* Takes the 8-byte values for the fields that the plain entry could not hold; they stand in this
 * order and only if they are needed. False if one is needed and missing. */
static bool read_extra64(struct entry *entry, const unsigned char *extra, size_t size)
{
    uint64_t *fields[] = {&entry->inflated, &entry->deflated, &entry->offset};
    const unsigned char *field = NULL;
    size_t room = 0;
    for (size_t at = 0; size - at >= 4 && field == NULL;) {
        size_t length = le16(extra + at + 2);
        if (length > size - at - 4)
            break;
        if (le16(extra + at) == EXTRA_ZIP64) {
            field = extra + at + 4;
            room = length;
        }
        at += 4 + length;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        if (*fields[i] != 0xFFFFFFFF)
            continue;
        if (room < 8)
            return false;
        *fields[i] = le64(field);
        field += 8;
        room -= 8;
    }
    return true;
}

/* Where the data of an entry begins, by the two lengths of its local header; 0 if there is no
 * header or the data runs into the directory. */
static uint64_t find_data(const struct container *container, const struct entry *entry)
{
    uint64_t end = container->directory;
    if (end < LOCAL_SIZE || entry->offset > end - LOCAL_SIZE)
        return 0;
    const unsigned char *p = container->bytes + entry->offset;
    if (le32(p) != LOCAL_SIGNATURE)
        return 0;
    uint64_t data = entry->offset + LOCAL_SIZE + le16(p + 26) + le16(p + 28);
    if (data > end || entry->deflated > end - data)
        return 0;
    return data;
}

/* Where the next name and its key go. */
struct room {
    char *name, *key;
};

/* Reads one entry at `p`; sets *used to its length in the directory. */
static bool read_entry(struct container *container, const unsigned char *p, size_t room,
                       struct room *at, size_t *used, GError **error)
{
    size_t name_size, extra_size;
    if (room < CENTRAL_SIZE || le32(p) != CENTRAL_SIGNATURE)
        return error_perm(error, "the workbook is damaged: its directory ends too early");
    name_size = le16(p + 28);
    extra_size = le16(p + 30);
    size_t whole = CENTRAL_SIZE + name_size + extra_size + le16(p + 32);
    if (whole > room)
        return error_perm(error, "the workbook is damaged: its directory ends too early");
    if (name_size > LIMIT_ZIP_NAME)
        return error_perm(error, "the workbook has a part with a name of %zu bytes: refused",
                          name_size);
    const char *name = (const char *)p + CENTRAL_SIZE;
    if (memchr(name, '\0', name_size) != NULL)
        return error_perm(error, "the workbook has a part with a NUL in its name: refused");
    struct entry entry = {.flags = le16(p + 8),
                          .method = le16(p + 10),
                          .crc = le32(p + 16),
                          .deflated = le32(p + 20),
                          .inflated = le32(p + 24),
                          .offset = le32(p + 42)};
    if (!read_extra64(&entry, p + CENTRAL_SIZE + name_size, extra_size))
        return error_perm(error, "the workbook is damaged: a part's ZIP64 sizes are missing");
    entry.data = find_data(container, &entry);
    entry.name = at->name;
    memcpy(at->name, name, name_size);
    at->name[name_size] = '\0';
    entry.key = at->key;
    entry.key_length = normalise(entry.name, at->key);
    entry.hash = hash_octets(entry.key, entry.key_length);
    at->name += name_size + 1;
    at->key += entry.key_length + 1;
    g_array_append_val(container->entries, entry);
    *used = whole;
    return true;
}

static struct entry *entry_at(const struct container *container, size_t index)
{
    return &g_array_index(container->entries, struct entry, index);
}

/* The place of the key, or the free one where it belongs. */
static uint32_t *place_of(const struct container *container, uint32_t hash, const char *key,
                          size_t length)
{
    size_t mask = container->capacity - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        uint32_t *place = &container->places[i];
        if (*place == 0)
            return place;
        const struct entry *entry = entry_at(container, *place - 1);
        if (entry->hash == hash && entry->key_length == length &&
            memcmp(entry->key, key, length) == 0)
            return place;
    }
}

static void index_names(struct container *container)
{
    container->capacity = 2;
    while (container->capacity < 2 * (size_t)container->entries->len)
        container->capacity *= 2;
    container->places = g_new0(uint32_t, container->capacity);
    for (uint32_t i = 0; i < container->entries->len; i++) {
        struct entry *entry = entry_at(container, i);
        uint32_t *place = place_of(container, entry->hash, entry->key, entry->key_length);
        if (*place == 0)
            *place = i + 1;
        else
            entry_at(container, *place - 1)->is_ambiguous = true;
    }
}

static gint by_offset(gconstpointer a, gconstpointer b)
{
    const struct entry *const *one = a, *const *two = b;
    return ((*one)->offset > (*two)->offset) - ((*one)->offset < (*two)->offset);
}

/* Marks each entry whose bytes, from the local header to the end of the data, belong to another
 * entry too. */
static void mark_overlaps(struct container *container)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_sized_new(container->entries->len);
    uint64_t last = 0;
    bool is_sorted = true; /* as nearly all writers leave it */
    for (size_t i = 0; i < container->entries->len; i++) {
        struct entry *entry = entry_at(container, i);
        if (entry->data == 0)
            continue;
        is_sorted = is_sorted && entry->offset >= last;
        last = entry->offset;
        g_ptr_array_add(sorted, entry);
    }
    if (!is_sorted)
        g_ptr_array_sort(sorted, by_offset);
    struct entry *furthest = NULL; /* of those before, the one that ends last */
    for (size_t i = 0; i < sorted->len; i++) {
        struct entry *entry = sorted->pdata[i];
        if (furthest != NULL && entry->offset < furthest->data + furthest->deflated)
            entry->overlaps = furthest->overlaps = true;
        if (furthest == NULL || entry->data + entry->deflated > furthest->data + furthest->deflated)
            furthest = entry;
    }
}

struct container *container_open(const void *bytes, size_t size, size_t *inflated, GError **error)
{
    struct directory directory = {0};
    if (!read_end(bytes, size, &directory, error))
        return NULL;
    AUTO(container) container = g_new0(struct container, 1);
    container->bytes = bytes;
    container->size = size;
    container->inflated = inflated;
    container->directory = directory.offset;
    container->entries = g_array_new(FALSE, FALSE, sizeof(struct entry));
    /* An entry has more octets than its name with a NUL. */
    size_t most = MIN((size_t)directory.size, (size_t)directory.count * (LIMIT_ZIP_NAME + 1));
    container->names = g_malloc(most);
    container->keys = g_malloc(most);
    struct room room = {container->names, container->keys};
    size_t at = 0;
    for (uint64_t i = 0; i < directory.count; i++) {
        size_t used = 0;
        if (!read_entry(container, container->bytes + directory.offset + at,
                        (size_t)directory.size - at, &room, &used, error))
            return NULL;
        at += used;
    }
    index_names(container);
    mark_overlaps(container);
    return g_steal_pointer(&container);
}

void container_free(struct container *container)
{
    if (container == NULL)
        return;
    g_array_unref(container->entries);
    g_free(container->names);
    g_free(container->keys);
    g_free(container->places);
    libdeflate_free_decompressor(container->inflater);
    g_free(container);
}

size_t container_count(const struct container *container)
{
    return container->entries->len;
}

const char *container_name(const struct container *container, size_t index)
{
    return entry_at(container, index)->name;
}

static struct entry *find(const struct container *container, const char *name)
{
    g_autofree char *key = g_malloc(strlen(name) + 1);
    size_t length = normalise(name, key);
    uint32_t place = *place_of(container, hash_octets(key, length), key, length);
    return place == 0 ? NULL : entry_at(container, place - 1);
}

bool container_has(const struct container *container, const char *name)
{
    return find(container, name) != NULL;
}

/* Why an entry may not be read; the part's name stands before it. NULL if it may. */
static const char *refusal(const struct entry *entry)
{
    if ((entry->flags & FLAG_ENCRYPTED) != 0)
        return "is encrypted: save the workbook without a password";
    if (entry->method != METHOD_STORED && entry->method != METHOD_DEFLATED)
        return "is packed in a way that workbooks never use: refused";
    if (entry->is_ambiguous)
        return "is there twice: nobody can say which one counts";
    if (entry->data == 0)
        return "is damaged: its data lies outside of the file";
    if (entry->overlaps)
        return "shares its bytes with another part: refused (a zip bomb?)";
    if (entry->method == METHOD_STORED && entry->deflated != entry->inflated)
        return "is damaged: its size is wrong";
    if (entry->inflated / DEFLATE_RATIO_MAX > entry->deflated)
        return "is damaged: it cannot inflate to the size that is given";
    return NULL;
}

/* "4.2 GB" for people, in powers of 1024. g_free it. */
static char *size_text(uint64_t size)
{
    static const char *const UNITS[] = {"bytes", "KB", "MB", "GB", "TB", "PB", "EB"};
    uint64_t unit = 1;
    size_t i = 0;
    for (; size / unit >= 1024; i++)
        unit *= 1024;
    uint64_t tenths = i == 0 ? 0 : size % unit * 10 / unit;
    if (tenths == 0)
        return g_strdup_printf("%" G_GUINT64_FORMAT " %s", size / unit, UNITS[i]);
    return g_strdup_printf("%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT " %s", size / unit, tenths,
                           UNITS[i]);
}

/* A PERM error about the entry; what is wrong stands behind its name. */
G_GNUC_PRINTF(3, 4)
static bool fault(const char *name, GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *shown = part_name_display(name);
    return error_perm(error, "the workbook's part %s %s", shown, text);
}

static bool is_size_allowed(const struct container *container, const struct entry *entry,
                            const char *name, size_t limit, GError **error)
{
    if (entry->inflated > limit) {
        g_autofree char *would = size_text(entry->inflated);
        g_autofree char *most = size_text(limit);
        return fault(name, error, "would inflate to %s: more than %s is refused (a zip bomb?)",
                     would, most);
    }
    if (entry->inflated > LIMIT_ZIP_RATIO_FROM &&
        entry->inflated / LIMIT_ZIP_RATIO >= entry->deflated)
        return fault(name, error,
                     "would inflate to more than %d times its size: refused (a zip bomb?)",
                     LIMIT_ZIP_RATIO);
    if (entry->inflated > LIMIT_PARTS_TOTAL - container->total)
        return error_perm(error,
                          "the workbook's parts would inflate to more than %lu MB: refused (a "
                          "zip bomb?)",
                          LIMIT_PARTS_TOTAL / MIB);
    if (container->inflated != NULL &&
        entry->inflated > LIMIT_REPORT_INFLATED - *container->inflated)
        return error_perm(error,
                          "what is packed in the message would inflate to more than %lu MB: "
                          "refused (a zip bomb?)",
                          LIMIT_REPORT_INFLATED / MIB);
    return true;
}

/* Inflates into a new buffer; the data must fill it exactly. */
static GBytes *inflate_entry(struct container *container, const struct entry *entry,
                             const char *name, GError **error)
{
    size_t size = (size_t)entry->inflated;
    g_autofree char *buffer = g_try_malloc(size + 1);
    if (container->inflater == NULL)
        container->inflater = libdeflate_alloc_decompressor();
    if (buffer == NULL || container->inflater == NULL) {
        g_autofree char *shown = part_name_display(name);
        error_temp(error, "no memory to inflate the workbook's part %s", shown);
        return NULL;
    }
    enum libdeflate_result result =
        libdeflate_deflate_decompress(container->inflater, container->bytes + entry->data,
                                      (size_t)entry->deflated, buffer, size, NULL);
    if (result != LIBDEFLATE_SUCCESS) {
        fault(name, error, "is damaged: %s",
              result == LIBDEFLATE_BAD_DATA ? "its packed data makes no sense"
                                            : "it does not have the size that is given");
        return NULL;
    }
    return g_bytes_new_take(g_steal_pointer(&buffer), size);
}

GBytes *container_read(struct container *container, const char *name, size_t limit, GError **error)
{
    const struct entry *entry = find(container, name);
    if (entry == NULL) {
        fault(name, error, "is missing");
        return NULL;
    }
    const char *reason = refusal(entry);
    if (reason != NULL) {
        fault(name, error, "%s", reason);
        return NULL;
    }
    if (!is_size_allowed(container, entry, name, limit, error))
        return NULL;
    g_autoptr(GBytes) bytes = NULL;
    if (entry->method == METHOD_STORED)
        bytes = g_bytes_new_static(container->bytes + entry->data, (gsize)entry->inflated);
    else
        bytes = inflate_entry(container, entry, name, error);
    if (bytes == NULL)
        return NULL;
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);
    if (libdeflate_crc32(0, size == 0 ? "" : data, size) != entry->crc) {
        fault(name, error, "is damaged: its checksum does not match");
        return NULL;
    }
    container->total += size;
    if (container->inflated != NULL)
        *container->inflated += size;
    return g_steal_pointer(&bytes);
}
