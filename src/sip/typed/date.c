/* date.c - "Sat, 13 Nov 2010 23:29:00 GMT" (RFC 3261 section 20.17), as seconds since 1970. */
#include "base/error.h"
#include "sip/lexer.h"
#include "sip/typed/typed.h"

#define DAY_S  86400u
#define END_S  253402300800u /* the year 10000 */
#define NAMES  "SunMonTueWedThuFriSat"
#define MONTHS "JanFebMarAprMayJunJulAugSepOctNovDec"

/* The index of a name of three letters in a row of them; -1 when it is none. */
static int index_of(pp_str name, const char *row)
{
    for (int i = 0; name.n == 3 && row[3 * i]; i++)
        if (pp_str_ieq(name, pp_str_n(row + 3 * i, 3)))
            return i;
    return -1;
}

/* Days since 1970 of a day of the Gregorian calendar; years are counted from March, so that the leap day is the last. */
static uint32_t days_of(uint32_t year, uint32_t month, uint32_t day)
{
    uint32_t y = month <= 2 ? year - 1 : year, m = (month + 9) % 12;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool is_leap(uint32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint32_t month_length(uint32_t year, uint32_t month)
{
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return lengths[month - 1] + (month == 2 && is_leap(year) ? 1u : 0u);
}

/* "13 Nov 2010" */
static bool read_day(pp_str *rest, uint64_t *out)
{
    pp_str day_text = pp_str_word(rest), month_text = pp_str_word(rest),
           year_text = pp_str_word(rest);
    uint32_t day, year;
    int month = index_of(month_text, MONTHS) + 1;

    if (month == 0 || year_text.n != 4 || !pp_str_to_u32(year_text, 1970, 9999, &year) ||
        day_text.n > 2 || !pp_str_to_u32(day_text, 1, 31, &day) ||
        day > month_length(year, (uint32_t)month))
        return false;
    *out = (uint64_t)days_of(year, (uint32_t)month, day) * DAY_S;
    return true;
}

/* "23:29:00" */
static bool read_time(pp_str text, uint64_t *out)
{
    pp_str rest = text;
    pp_str h = pp_str_split(&rest, ':'), m = pp_str_split(&rest, ':');
    uint32_t hour, minute, second;

    if (text.n != 8 || h.n != 2 || m.n != 2 || !pp_str_to_u32(h, 0, 23, &hour) ||
        !pp_str_to_u32(m, 0, 59, &minute) || !pp_str_to_u32(rest, 0, 59, &second))
        return false;
    *out = hour * 3600u + minute * 60u + second;
    return true;
}

int pp_date_parse(pp_str text, pp_date *out)
{
    pp_str rest = pp_str_trim(text);
    pp_str name = pp_str_trim(pp_str_split(&rest, ','));
    uint64_t day, time;

    if (index_of(name, NAMES) < 0 || !read_day(&rest, &day) ||
        !read_time(pp_str_word(&rest), &time) || !pp_str_ieq(pp_str_trim(rest), PP_LIT("GMT")))
        return pp_error(PIPIT_ERR_SYNTAX,
                        "date: expected a form such as Sat, 13 Nov 2010 23:29:00 GMT");
    out->unix_s = day + time;
    return 0;
}

int pp_date_print(const pp_date *value, pp_buf *out)
{
    uint32_t days = (uint32_t)(value->unix_s / DAY_S), second = (uint32_t)(value->unix_s % DAY_S);
    uint32_t year = 1970, month = 1;

    if (value->unix_s >= END_S)
        return pp_error(PIPIT_ERR_SYNTAX, "date: a year of five digits");
    year += days / 366; /* never too late, and at most six years early in 8,000 */
    while (days_of(year + 1, 1, 1) <= days)
        year++;
    while (month < 12 && days_of(year, month + 1, 1) <= days)
        month++;
    pp_buf_format(out, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT", &NAMES[3 * ((days + 4) % 7)],
                  (unsigned)(days - days_of(year, month, 1) + 1), &MONTHS[3 * (month - 1)],
                  (unsigned)year, (unsigned)(second / 3600), (unsigned)(second / 60 % 60),
                  (unsigned)(second % 60));
    return pp_buf_error(out);
}
