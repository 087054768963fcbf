/* Values in documents: see view.h. */
#include "view/view.h"

#include "figures/day.h"

void view_time(struct json *object, const char *name, int64_t utc)
{
    char text[DAY_TIME_SIZE];
    if (utc < 0) {
        json_set_null(object, name);
        return;
    }
    day_time_text(utc, text);
    json_set_text(object, name, text);
}

void view_date(struct json *object, const char *name, int32_t date)
{
    char text[DAY_DATE_SIZE];
    if (date == INT32_MIN) {
        json_set_null(object, name);
        return;
    }
    day_date_text(date, text);
    json_set_text(object, name, text);
}
