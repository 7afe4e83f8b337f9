/* parameters.c - the parameters that an application may look at and change while a user agent lives (jssip-behaviour section 1.1,
 * get and set). */
#include "ua/parameters.h"

#include "base/alloc.h"
#include "base/error.h"
#include "sip/lexer.h"
#include "ua/ua.h"

/* --- the checks ------------------------------------------------------------------------------- */

int pp_parameter_wrong(const char *parameter, const char *value, const char *what)
{
    if (!value)
        return pp_error(PIPIT_ERR_CONFIGURATION, "configuration: %s is missing", parameter);
    return pp_error(PIPIT_ERR_CONFIGURATION, "configuration: %s '%s' is %s", parameter, value,
                    what);
}

static int copy(const char *value, char **out)
{
    bool given = value && *value;

    *out = given ? pp_strdup(value) : NULL;
    return given && !*out ? PIPIT_ERR_MEMORY : 0;
}

static bool is_line(const char *value)
{
    return pp_str_is_line(pp_str_c(value)) && pp_str_is_utf8(pp_str_c(value));
}

/* A text that goes into header fields. */
int pp_parameter_line(const char *parameter, const char *value, char **out)
{
    if (value && !is_line(value))
        return pp_parameter_wrong(parameter, value, "not one line of UTF-8");
    return copy(value, out);
}

int pp_parameter_secret(const char *parameter, const char *value, char **out)
{
    (void)parameter;
    return copy(value, out);
}

int pp_parameter_secret_line(const char *parameter, const char *value, char **out)
{
    if (value && !is_line(value))
        return pp_error(PIPIT_ERR_CONFIGURATION, "configuration: %s is not one line of UTF-8",
                        parameter);
    return copy(value, out);
}

static int copy_hash(const char *parameter, const char *value, size_t size, char **out)
{
    size_t hex = value ? strspn(value, "0123456789abcdefABCDEF") : 0;

    if (value && *value && (hex != size || value[hex]))
        return pp_error(PIPIT_ERR_CONFIGURATION, "configuration: %s is not %zu hexadecimal digits",
                        parameter, size);
    if (copy(value, out) < 0)
        return PIPIT_ERR_MEMORY;
    for (char *c = *out; c && *c; c++)
        *c = pp_lower(*c); /* RFC 7616 section 3.3: it is hashed as lower case */
    return 0;
}

int pp_parameter_ha1(const char *parameter, const char *value, char **out)
{
    return copy_hash(parameter, value, PP_HA1_SIZE, out);
}

int pp_parameter_ha1_sha256(const char *parameter, const char *value, char **out)
{
    return copy_hash(parameter, value, PP_HA1_SHA256_SIZE, out);
}

int pp_settings_default_user(const pp_settings *settings, char **out)
{
    pp_buf user = {0};

    pp_uri_unescape(pp_str_c(settings->user), &user);
    return pp_buf_take(&user, out);
}

int pp_settings_check_realm(const pp_settings *settings)
{
    if (settings->realm || (!settings->ha1 && !settings->ha1_sha256))
        return 0;
    return pp_error(PIPIT_ERR_CONFIGURATION,
                    "configuration: realm is missing, and %s is of one realm only",
                    settings->ha1 ? "ha1" : "ha1_sha256");
}

/* --- at run time ------------------------------------------------------------------------------ */

typedef struct parameter {
    const char *name;
    size_t offset; /* of its text in the settings */
    int (*check)(const char *parameter, const char *value, char **out);
    bool readable;
} parameter;

static const parameter parameters[] = {
    {"authorization_user", offsetof(pp_settings, authorization_user), pp_parameter_line, true},
    {"password", offsetof(pp_settings, password), pp_parameter_secret, false},
    {"realm", offsetof(pp_settings, realm), pp_parameter_line, true},
    {"ha1", offsetof(pp_settings, ha1), pp_parameter_ha1, true},
    {"ha1_sha256", offsetof(pp_settings, ha1_sha256), pp_parameter_ha1_sha256, true},
    {"authorization_jwt", offsetof(pp_settings, authorization_jwt), pp_parameter_secret_line, true},
    {"display_name", offsetof(pp_settings, display_name), pp_parameter_line, true},
};

static const parameter *find(const char *name)
{
    for (size_t i = 0; i < sizeof(parameters) / sizeof(*parameters); i++)
        if (strcmp(parameters[i].name, name) == 0)
            return &parameters[i];
    return NULL;
}

static char **text_of(pp_settings *settings, const parameter *p)
{
    return (char **)(void *)((char *)settings + p->offset);
}

static bool is_hash(const parameter *p)
{
    return p->check == pp_parameter_ha1 || p->check == pp_parameter_ha1_sha256;
}

/* The settings with one changed; what does not fit the others is not taken. */
static int change(pp_settings *settings, const parameter *p, char *value)
{
    char **text = text_of(settings, p), *before = *text;
    int err;

    *text = value;
    err = pp_settings_check_realm(settings);
    if (err) {
        *text = before;
        pp_free_secret(value);
        return err;
    }
    pp_free_secret(before);
    if (value && is_hash(p)) { /* JsSIP: it is meant instead of the password */
        pp_free_secret(settings->password);
        settings->password = NULL;
    }
    return 0;
}

int pipit_ua_set(pipit_ua *ua, const char *name, const char *value)
{
    const parameter *p;
    char *copied = NULL;
    int err;

    if (!ua || !name)
        return pp_error(PIPIT_ERR_ARGUMENT, "set: the user agent or the name is missing");
    p = find(name);
    if (!p)
        return pp_error(PIPIT_ERR_NOT_FOUND, "set: '%s' is not a parameter that may be changed",
                        name);
    err = p->check(name, value, &copied);
    if (!err && !copied && strcmp(name, "authorization_user") == 0)
        err = pp_settings_default_user(&ua->settings, &copied);
    pp_met_forget_ha1(&ua->authentication.met);
    return err ? err : change(&ua->settings, p, copied);
}

const char *pipit_ua_get(const pipit_ua *ua, const char *name)
{
    const parameter *p = ua && name ? find(name) : NULL;

    if (!p || !p->readable)
        return NULL;
    return *text_of((pp_settings *)(uintptr_t)&ua->settings, p);
}

int pipit_ua_set_extra_headers(pipit_ua *ua, const char *const *lines)
{
    char **copied = NULL;
    int err;

    if (!ua)
        return pp_error(PIPIT_ERR_ARGUMENT, "set: the user agent is missing");
    err = pp_header_lines_copy(lines, &copied);
    if (err)
        return err;
    pp_header_lines_free(ua->settings.extra_headers);
    ua->settings.extra_headers = copied;
    pp_ua_forget_usual(ua);
    return 0;
}
