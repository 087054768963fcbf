/*
 * Relationships are found by id (from workbook.xml) and by type (what belongs to the package or to
 * the workbook as a whole). An external target is known and never followed.
 */
#include "report/relationships.h"

#include "base/hash.h"
#include "base/limits.h"
#include "report/part_name.h"
#include "report/xml.h"
#include "report/xml_scan.h"

#include <string.h>

struct relationships {
    const char *source; /* borrowed, during the reading only */
    GHashTable *by_id;  /* char * → struct relationship * */
    GPtrArray *all;     /* owns them */
    unsigned depth;     /* of the element that is read, during the reading */
};

static void relationship_free(gpointer data)
{
    struct relationship *relationship = data;
    g_free(relationship->type);
    g_free(relationship->part);
    g_free(relationship);
}

static void add(struct relationships *relationships, const char *id, const char *type,
                const char *target, const char *mode)
{
    if (id == NULL || type == NULL || target == NULL)
        return;
    struct relationship *relationship = g_new0(struct relationship, 1);
    const char *slash = strrchr(type, '/');
    relationship->type = g_strdup(slash == NULL ? type : slash + 1);
    if (mode == NULL || g_ascii_strcasecmp(mode, "External") != 0)
        relationship->part = part_name_resolve(relationships->source, target);
    g_ptr_array_add(relationships->all, relationship);
    if (!g_hash_table_contains(relationships->by_id, id))
        g_hash_table_insert(relationships->by_id, g_strdup(id), relationship);
}

static void on_start(void *context, struct xml *xml, enum xml_namespace space, const char *name,
                     xml_attributes attributes)
{
    (void)xml;
    struct relationships *relationships = context;
    relationships->depth++;
    if (space == XML_PACKAGE && strcmp(name, "Relationship") == 0)
        add(relationships, xml_attribute(attributes, XML_NONE, "Id"),
            xml_attribute(attributes, XML_NONE, "Type"),
            xml_attribute(attributes, XML_NONE, "Target"),
            xml_attribute(attributes, XML_NONE, "TargetMode"));
}

static void on_end(void *context, struct xml *xml, enum xml_namespace space, const char *name)
{
    (void)xml, (void)space, (void)name;
    struct relationships *relationships = context;
    relationships->depth--;
}

static bool is_among(void *context)
{
    const struct relationships *relationships = context;
    return relationships->depth == 1;
}

/* Takes <Relationship Id="…" Type="…" Target="…"/>, in any order, with a TargetMode or without. */
static bool scan_one(struct relationships *relationships, struct xml_scan *scan)
{
    static const char *const NAMES[] = {"Id", "Type", "Target", "TargetMode"};
    char *values[G_N_ELEMENTS(NAMES)] = {NULL};
    struct xml_piece name, value;
    enum xml_scan_tag tag;
    bool is_taken = xml_scan_take(scan, "<Relationship");
    while (is_taken && (tag = xml_scan_attribute(scan, &name, &value)) != XML_SCAN_EMPTY) {
        size_t i = 0;
        while (i < G_N_ELEMENTS(NAMES) && !xml_is(name, NAMES[i]))
            i++;
        is_taken = tag == XML_SCAN_ATTRIBUTE && i < G_N_ELEMENTS(NAMES) && values[i] == NULL;
        if (is_taken)
            values[i] = g_strndup(value.text, value.length);
    }
    if (is_taken)
        add(relationships, values[0], values[1], values[2], values[3]);
    for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++)
        g_free(values[i]);
    return is_taken;
}

static size_t scan_all(void *context, struct xml *xml, const char *bytes, size_t size)
{
    struct xml_scan scan = {bytes, bytes + size};
    const char *behind = bytes; /* the last one that was taken */
    (void)xml;
    for (;;) {
        xml_scan_blanks(&scan);
        if (!scan_one(context, &scan))
            return (size_t)(behind - bytes);
        behind = scan.at;
    }
}

struct relationships *relationships_read(struct container *container, const char *source,
                                         GError **error)
{
    static const struct xml_handler handler = {on_start, on_end, NULL};
    static const struct xml_scanner scanner = {XML_PACKAGE, "<Relationship ", "/>", is_among,
                                               scan_all};
    g_autofree char *part = part_name_relationships(source);
    g_autoptr(GBytes) bytes = container_read(container, part, LIMIT_PART_SMALL, error);
    if (bytes == NULL)
        return NULL;
    AUTO(relationships) relationships = g_new0(struct relationships, 1);
    relationships->source = source;
    relationships->by_id = g_hash_table_new_full(hash_text, g_str_equal, g_free, NULL);
    relationships->all = g_ptr_array_new_with_free_func(relationship_free);
    g_autofree char *shown = part_name_display(part);
    g_autofree char *what = g_strdup_printf("the workbook's part %s", shown);
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);
    if (!xml_parse(data, size, what, &handler, &scanner, relationships, error))
        return NULL;
    relationships->source = NULL;
    return g_steal_pointer(&relationships);
}

void relationships_free(struct relationships *relationships)
{
    if (relationships == NULL)
        return;
    g_hash_table_unref(relationships->by_id);
    g_ptr_array_unref(relationships->all);
    g_free(relationships);
}

const struct relationship *relationships_by_id(const struct relationships *relationships,
                                               const char *id)
{
    return g_hash_table_lookup(relationships->by_id, id);
}

const struct relationship *relationships_by_type(const struct relationships *relationships,
                                                 const char *type)
{
    for (size_t i = 0; i < relationships->all->len; i++) {
        const struct relationship *relationship = relationships->all->pdata[i];
        if (strcmp(relationship->type, type) == 0)
            return relationship;
    }
    return NULL;
}
