/* An event of a dialer: what is kept of it says the same as it did, and itself again changes
 * nothing. */
#include "ingest/ricochet.h"

#include <assert.h>
#include <string.h>

static bool is_same(const struct ricochet_call *a, const struct ricochet_call *b)
{
    return g_strcmp0(a->id, b->id) == 0 && a->direction == b->direction && a->start == b->start &&
           a->duration == b->duration && a->answered == b->answered &&
           g_strcmp0(a->phone, b->phone) == 0 && g_strcmp0(a->user_name, b->user_name) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct day_zone *zone;
    struct ricochet_call told, kept;
    if (zone == NULL)
        zone = day_zone_new("UTC", NULL);
    AUTO(json) event = json_read((const char *)data, size, NULL);
    if (!json_holds_object(event) || ricochet_is_lead(event, NULL))
        return 0;
    AUTO(json) once = ricochet_merge(NULL, event, NULL, false);
    AUTO(json) twice = ricochet_merge(once, event, NULL, true);
    bool is_good = ricochet_read(event, NULL, zone, &told, NULL);
    assert(ricochet_read(once, NULL, zone, &kept, NULL) == is_good);
    assert(!is_good || is_same(&told, &kept));
    ricochet_call_clear(&kept);
    assert(ricochet_read(twice, NULL, zone, &kept, NULL) == is_good);
    assert(!is_good || is_same(&told, &kept));
    ricochet_call_clear(&kept);
    ricochet_call_clear(&told);
    return 0;
}
