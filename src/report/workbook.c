/*
 * The way from the package to its sheets: relationships, workbook.xml, custom properties. It owns
 * the container and the shared strings, which are read when the first sheet is.
 *
 * File names and sheetId say nothing about which sheet is which: only r:id does, compared by
 * namespace. A sheet whose part cannot be found is listed all the same and says so when it is read,
 * so that a broken chart does not take the calls with it.
 */
#include "report/workbook.h"

#include "base/error.h"
#include "base/limits.h"
#include "report/container.h"
#include "report/part_name.h"
#include "report/relationships.h"
#include "report/shared_strings.h"
#include "report/sheet.h"
#include "report/signature.h"
#include "report/xml.h"

#include <string.h>

enum { TIMEZONE_LENGTH = 64 };

struct worksheet {
    char *name;
    char *part; /* NULL: outside of the file, or nowhere */
};

struct workbook {
    struct container *container;
    GPtrArray *worksheets; /* of struct worksheet * */
    char *timezone;
    char *user_locale;
    bool is_1904;
    bool by_scan;       /* and by expat only where the scan does not know better */
    char *strings_part; /* NULL: none */
    struct shared_strings *strings;
};

static void worksheet_free(gpointer data)
{
    struct worksheet *worksheet = data;
    g_free(worksheet->name);
    g_free(worksheet->part);
    g_free(worksheet);
}

/* Reads and parses a small part. */
static bool read_part(struct workbook *workbook, const char *part,
                      const struct xml_handler *handler, void *context, GError **error)
{
    g_autoptr(GBytes) bytes = container_read(workbook->container, part, LIMIT_PART_SMALL, error);
    if (bytes == NULL)
        return false;
    g_autofree char *shown = part_name_display(part);
    g_autofree char *what = g_strconcat("the workbook's part ", shown, NULL);
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);
    return xml_parse(data, size, what, handler, NULL, context, error);
}

static void ignore_end(void *context, struct xml *xml, enum xml_namespace space, const char *name)
{
    (void)context, (void)xml, (void)space, (void)name;
}

/* --- workbook.xml --- */

struct listing {
    struct workbook *workbook;
    const struct relationships *relationships;
    bool found; /* the element workbook */
};

static void list_sheet(struct listing *listing, struct xml *xml, xml_attributes attributes)
{
    const char *name = xml_attribute(attributes, XML_NONE, "name");
    const char *id = xml_attribute(attributes, XML_OFFICE, "id");
    const struct relationship *relationship =
        id == NULL ? NULL : relationships_by_id(listing->relationships, id);
    if (relationship != NULL && strcmp(relationship->type, "worksheet") != 0)
        return;
    if (listing->workbook->worksheets->len == LIMIT_SHEETS) {
        xml_fail(xml, "the workbook has more than %d sheets: refused", LIMIT_SHEETS);
        return;
    }
    struct worksheet *worksheet = g_new0(struct worksheet, 1);
    worksheet->name = part_name_display(name == NULL ? "" : name);
    worksheet->part = relationship == NULL ? NULL : g_strdup(relationship->part);
    g_ptr_array_add(listing->workbook->worksheets, worksheet);
}

static void listing_start(void *context, struct xml *xml, enum xml_namespace space,
                          const char *name, xml_attributes attributes)
{
    struct listing *listing = context;
    if (space != XML_MAIN)
        return;
    if (strcmp(name, "workbook") == 0) {
        listing->found = true;
    } else if (strcmp(name, "sheet") == 0) {
        list_sheet(listing, xml, attributes);
    } else if (strcmp(name, "workbookPr") == 0) {
        const char *value = xml_attribute(attributes, XML_NONE, "date1904");
        listing->workbook->is_1904 =
            value != NULL && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
    }
}

static bool list_sheets(struct workbook *workbook, const char *part, GError **error)
{
    static const struct xml_handler handler = {listing_start, ignore_end, NULL};
    AUTO(relationships) relationships = relationships_read(workbook->container, part, error);
    if (relationships == NULL)
        return false;
    struct listing listing = {.workbook = workbook, .relationships = relationships};
    if (!read_part(workbook, part, &handler, &listing, error))
        return false;
    if (!listing.found)
        return error_perm(error, "%s", signature_of_container(workbook->container)->sentence);
    const struct relationship *strings = relationships_by_type(relationships, "sharedStrings");
    if (strings != NULL)
        workbook->strings_part = g_strdup(strings->part);
    return true;
}

/* --- docProps/custom.xml --- */

struct properties {
    GString *timezone;
    GString *user_locale;
    GString *value; /* of the property we are in; NULL: it is none of ours */
};

static void property_start(void *context, struct xml *xml, enum xml_namespace space,
                           const char *name, xml_attributes attributes)
{
    (void)xml;
    struct properties *properties = context;
    if (space != XML_PROPERTIES || strcmp(name, "property") != 0)
        return;
    const char *is = xml_attribute(attributes, XML_NONE, "name");
    properties->value = is == NULL                                  ? NULL
                        : g_ascii_strcasecmp(is, "Timezone") == 0   ? properties->timezone
                        : g_ascii_strcasecmp(is, "UserLocale") == 0 ? properties->user_locale
                                                                    : NULL;
    if (properties->value != NULL)
        g_string_truncate(properties->value, 0);
}

static void property_end(void *context, struct xml *xml, enum xml_namespace space, const char *name)
{
    (void)xml;
    struct properties *properties = context;
    if (space == XML_PROPERTIES && strcmp(name, "property") == 0)
        properties->value = NULL;
}

static void property_text(void *context, struct xml *xml, const char *text, size_t length)
{
    (void)xml;
    struct properties *properties = context;
    if (properties->value != NULL)
        shared_strings_append(properties->value, 0, text, length);
}

/* Zone names become names of files somewhere: only what a zone may be called gets through. */
bool workbook_is_timezone(const char *name)
{
    size_t length = strspn(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_+-/");
    return length > 0 && length <= TIMEZONE_LENGTH && name[length] == '\0' &&
           g_ascii_isalpha(name[0]);
}

static bool read_properties(struct workbook *workbook, const char *part, GError **error)
{
    static const struct xml_handler handler = {property_start, property_end, property_text};
    g_autoptr(GString) zone = g_string_new(NULL);
    g_autoptr(GString) user_locale = g_string_new(NULL);
    struct properties properties = {.timezone = zone, .user_locale = user_locale};
    if (!read_part(workbook, part, &handler, &properties, error))
        return false;
    g_strstrip(zone->str);
    if (workbook_is_timezone(zone->str))
        workbook->timezone = g_strdup(zone->str);
    if (user_locale->len > 0)
        workbook->user_locale = g_strdup(g_strstrip(user_locale->str));
    return true;
}

/* --- [Content_Types].xml: for packages that do not relate their custom properties --- */

struct types {
    char *custom; /* the part of that type */
};

static void types_start(void *context, struct xml *xml, enum xml_namespace space, const char *name,
                        xml_attributes attributes)
{
    struct types *types = context;
    if (space != XML_TYPES || strcmp(name, "Override") != 0)
        return;
    const char *type = xml_attribute(attributes, XML_NONE, "ContentType");
    const char *part = xml_attribute(attributes, XML_NONE, "PartName");
    if (type != NULL && part != NULL && g_str_has_suffix(type, "custom-properties+xml")) {
        types->custom = part_name_resolve("", part);
        xml_stop(xml);
    }
}

/* Whether there is a part that might be them: most workbooks have none, and need not be searched.
 */
static bool has_custom_part(const struct container *container)
{
    for (size_t i = 0; i < container_count(container); i++)
        if (strcasestr(container_name(container, i), "custom") != NULL)
            return true;
    return false;
}

static bool find_custom_properties(struct workbook *workbook,
                                   const struct relationships *relationships, char **part,
                                   GError **error)
{
    static const struct xml_handler handler = {types_start, ignore_end, NULL};
    static const char *const NAMES[] = {"custom-properties", "customProperties"};
    for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
        const struct relationship *found = relationships_by_type(relationships, NAMES[i]);
        if (found != NULL) {
            *part = g_strdup(found->part);
            return true;
        }
    }
    if (!has_custom_part(workbook->container) ||
        !container_has(workbook->container, "[Content_Types].xml"))
        return true;
    struct types types = {NULL};
    if (!read_part(workbook, "[Content_Types].xml", &handler, &types, error))
        return false;
    *part = types.custom;
    return true;
}

/* --- the whole --- */

static bool read_package(struct workbook *workbook, GError **error)
{
    struct container *container = workbook->container;
    if (!container_has(container, "_rels/.rels"))
        return error_perm(error, "%s", signature_of_container(container)->sentence);
    AUTO(relationships) relationships = relationships_read(container, "", error);
    if (relationships == NULL)
        return false;
    const struct relationship *office = relationships_by_type(relationships, "officeDocument");
    if (office == NULL || office->part == NULL)
        return error_perm(error, "%s", signature_of_container(container)->sentence);
    const struct signature *other = signature_of_main_part(office->part);
    if (other != NULL)
        return error_perm(error, "%s", other->sentence);
    if (!list_sheets(workbook, office->part, error))
        return false;
    g_autofree char *custom = NULL;
    if (!find_custom_properties(workbook, relationships, &custom, error))
        return false;
    return custom == NULL || !container_has(container, custom) ||
           read_properties(workbook, custom, error);
}

struct workbook *workbook_open(const void *bytes, size_t size, size_t *inflated, GError **error)
{
    const struct signature *signature = signature_of_bytes(bytes, size);
    if (signature->sentence != NULL) {
        error_perm(error, "%s", signature->sentence);
        return NULL;
    }
    if (size > LIMIT_WORKBOOK_BYTES) {
        error_perm(error, "the workbook has %zu bytes: more than %lu MB is refused", size,
                   LIMIT_WORKBOOK_BYTES / MIB);
        return NULL;
    }
    AUTO(workbook) workbook = g_new0(struct workbook, 1);
    workbook->worksheets = g_ptr_array_new_with_free_func(worksheet_free);
    workbook->by_scan = true;
    workbook->container = container_open(bytes, size, inflated, error);
    if (workbook->container == NULL || !read_package(workbook, error))
        return NULL;
    return g_steal_pointer(&workbook);
}

void workbook_close(struct workbook *workbook)
{
    if (workbook == NULL)
        return;
    container_free(workbook->container);
    g_ptr_array_unref(workbook->worksheets);
    shared_strings_free(workbook->strings);
    g_free(workbook->timezone);
    g_free(workbook->user_locale);
    g_free(workbook->strings_part);
    g_free(workbook);
}

size_t workbook_sheet_count(const struct workbook *workbook)
{
    return workbook->worksheets->len;
}

static const struct worksheet *worksheet_at(const struct workbook *workbook, size_t sheet)
{
    g_assert(sheet < workbook->worksheets->len);
    return workbook->worksheets->pdata[sheet];
}

const char *workbook_sheet_name(const struct workbook *workbook, size_t sheet)
{
    return worksheet_at(workbook, sheet)->name;
}

const char *workbook_timezone(const struct workbook *workbook)
{
    return workbook->timezone;
}

const char *workbook_user_locale(const struct workbook *workbook)
{
    return workbook->user_locale;
}

bool workbook_is_1904(const struct workbook *workbook)
{
    return workbook->is_1904;
}

static bool read_strings(struct workbook *workbook, GError **error)
{
    if (workbook->strings != NULL || workbook->strings_part == NULL)
        return true;
    g_autoptr(GBytes) bytes =
        container_read(workbook->container, workbook->strings_part, LIMIT_PART_STRINGS, error);
    if (bytes == NULL)
        return false;
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);
    workbook->strings = shared_strings_read(data, size, workbook->by_scan, error);
    return workbook->strings != NULL;
}

bool workbook_read_sheet(struct workbook *workbook, size_t sheet, workbook_row_fn *on_row,
                         void *context, GError **error)
{
    const struct worksheet *worksheet = worksheet_at(workbook, sheet);
    if (worksheet->part == NULL)
        return error_perm(error, "sheet '%s' is not in the file: the workbook only points at it",
                          worksheet->name);
    if (!read_strings(workbook, error))
        return false;
    g_autoptr(GBytes) bytes =
        container_read(workbook->container, worksheet->part, LIMIT_PART_SHEET, error);
    if (bytes == NULL)
        return false;
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);
    return sheet_read(data, size, worksheet->name, workbook->by_scan, workbook->strings, on_row,
                      context, error);
}

void workbook_by_expat(struct workbook *workbook)
{
    workbook->by_scan = false;
}

GBytes *workbook_shared_block(const struct workbook *workbook)
{
    return shared_strings_block(workbook->strings);
}
