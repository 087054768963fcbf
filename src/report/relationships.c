/*
 * Relationships are found by id (from workbook.xml) and by type (what belongs to the package or to
 * the workbook as a whole). An external target is known and never followed.
 */
#include "report/relationships.h"

#include "base/hash.h"
#include "base/limits.h"
#include "report/part_name.h"
#include "report/xml.h"

#include <string.h>

struct relationships {
    const char *source; /* borrowed, during the reading only */
    GHashTable *by_id;  /* char * → struct relationship * */
    GPtrArray *all;     /* owns them */
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
    if (space == XML_PACKAGE && strcmp(name, "Relationship") == 0)
        add(relationships, xml_attribute(attributes, XML_NONE, "Id"),
            xml_attribute(attributes, XML_NONE, "Type"),
            xml_attribute(attributes, XML_NONE, "Target"),
            xml_attribute(attributes, XML_NONE, "TargetMode"));
}

static void on_end(void *context, struct xml *xml, enum xml_namespace space, const char *name)
{
    (void)context, (void)xml, (void)space, (void)name;
}

struct relationships *relationships_read(struct container *container, const char *source,
                                         GError **error)
{
    static const struct xml_handler handler = {on_start, on_end, NULL};
    g_autofree char *part = part_name_relationships(source);
    g_autoptr(GBytes) bytes = container_read(container, part, LIMIT_PART_SMALL, error);
    if (bytes == NULL)
        return NULL;
    AUTO(relationships) relationships = g_new0(struct relationships, 1);
    relationships->source = source;
    relationships->by_id = g_hash_table_new_full(hash_text, g_str_equal, g_free, NULL);
    relationships->all = g_ptr_array_new_with_free_func(relationship_free);
    g_autofree char *shown = part_name_display(part);
    g_autofree char *what = g_strconcat("the workbook's part ", shown, NULL);
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);
    if (!xml_parse(data, size, what, &handler, NULL, relationships, error))
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
