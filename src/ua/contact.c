/* contact.c - the forms of our Contact (jssip-behaviour section 1.1). */
#include "ua/contact.h"

#include "base/alloc.h"
#include "base/error.h"
#include "ua/ua.h"

#define ANONYMOUS_CONTACT "sip:anonymous@anonymous.invalid;transport=ws"

int pp_contact_init(pp_contact *contact, const char *uri)
{
    contact->uri = pp_strdup(uri);
    return contact->uri ? 0 : PIPIT_ERR_MEMORY;
}

void pp_contact_free(pp_contact *contact)
{
    pp_free(contact->uri);
    pp_free(contact->pub_gruu);
    pp_free(contact->temp_gruu);
    pp_free(contact->anonymous);
    pp_free(contact->left);
    pp_told_unref(contact->told);
    *contact = (pp_contact){0};
}

void pp_told_unref(pp_told *told)
{
    if (told && !--told->references)
        pp_free(told);
}

/* It is another from now on. */
static void forget_told(pp_contact *contact)
{
    pp_told_unref(contact->told);
    contact->told = NULL;
}

/* --- where it is ------------------------------------------------------------------------------ */

/* RFC 3261 section 19.1.1: UDP needs no parameter, TLS is "tls" by usage. */
static int write_at(pp_str user, const char *address, const char *transport, char **out)
{
    pp_buf text = {0};

    pp_buf_format(&text, "sip:%.*s@%s", PP_STR(user), address);
    if (strcmp(transport, "UDP") != 0)
        pp_buf_format(&text, ";transport=%s", strcmp(transport, "TLS") == 0 ? "tls" : "tcp");
    return pp_buf_take(&text, out);
}

int pp_contact_place(pp_contact *contact, const char *made, const char *address,
                     const char *transport)
{
    char *uri = NULL, *anonymous = NULL;
    pp_uri parsed;
    int err = pp_uri_parse(pp_str_c(made), &parsed);

    if (!err && *address)
        err = write_at(parsed.user, address, transport, &uri);
    else if (!err)
        err = (uri = pp_strdup(made)) ? 0 : PIPIT_ERR_MEMORY;
    if (!err && *address)
        err = write_at(PP_LIT("anonymous"), address, transport, &anonymous);
    if (err) {
        pp_free(uri);
        return err;
    }
    pp_free(contact->left);
    contact->left =
        contact->bound && !pp_str_eq_c(pp_str_c(uri), contact->uri) ? contact->uri : NULL;
    if (!contact->left)
        pp_free(contact->uri);
    pp_free(contact->anonymous);
    forget_told(contact);
    contact->uri = uri;
    contact->anonymous = anonymous;
    contact->bound = false;
    return 0;
}

void pp_contact_bound(pp_contact *contact)
{
    contact->bound = contact->anonymous != NULL;
    pp_free(contact->left);
    contact->left = NULL;
}

/* --- how it is written ------------------------------------------------------------------------ */

static const char *anonymous_of(const pp_contact *contact)
{
    return contact->anonymous ? contact->anonymous : ANONYMOUS_CONTACT;
}

const char *pp_contact_uri(const pp_contact *contact)
{
    return contact->pub_gruu ? contact->pub_gruu : contact->uri;
}

void pp_contact_write(const pp_contact *contact, pp_contact_form form, pp_buf *out)
{
    const char *gruu = form.anonymous ? contact->temp_gruu : contact->pub_gruu;
    const char *plain = form.anonymous ? anonymous_of(contact) : contact->uri;

    pp_buf_char(out, '<');
    pp_buf_c(out, gruu ? gruu : plain);
    if (form.outbound && !gruu)
        pp_buf_c(out, ";ob");
    pp_buf_char(out, '>');
}

static int write_told(const pp_contact *contact, pp_contact_form form, pp_told **out)
{
    pp_buf text = {0};
    pp_told *told = NULL;
    int err;

    pp_contact_write(contact, form, &text);
    err = pp_buf_error(&text);
    if (!err && !pp_str_is_line(pp_buf_text(&text)))
        err = pp_error(PIPIT_ERR_SYNTAX, "contact: it holds CR, LF or NUL");
    if (!err) {
        told = pp_zalloc(sizeof(*told) + text.n + 1);
        err = told ? 0 : PIPIT_ERR_MEMORY;
    }
    if (!err) {
        memcpy(told->text, text.p, text.n);
        told->references = 1;
        told->form = form;
        *out = told;
    }
    pp_buf_free(&text);
    return err;
}

int pp_contact_tell(pp_contact *contact, pp_contact_form form, pp_told **out)
{
    pp_told *told = contact->told;
    bool same =
        told && told->form.anonymous == form.anonymous && told->form.outbound == form.outbound;
    int err = same ? 0 : write_told(contact, form, &told);

    if (err)
        return err;
    if (!same)
        pp_told_unref(contact->told);
    contact->told = told;
    told->references++;
    *out = told;
    return 0;
}

static int copy_gruu(pp_str value, char **out)
{
    pp_uri uri;

    *out = NULL;
    if (value.n >= 2 && value.p[0] == '"')
        value = pp_str_sub(value, 1, value.n - 1);
    if (pp_str_empty(value) || pp_uri_parse(value, &uri) < 0 || uri.scheme != PP_SCHEME_SIP)
        return 0;
    *out = pp_str_dup(value);
    return *out ? 0 : PIPIT_ERR_MEMORY;
}

int pp_contact_set_gruus(pp_contact *contact, pp_str pub_gruu, pp_str temp_gruu)
{
    char *pub = NULL, *temp = NULL;
    int err = copy_gruu(pub_gruu, &pub);

    if (!err)
        err = copy_gruu(temp_gruu, &temp);
    if (err) {
        pp_free(pub);
        return err;
    }
    forget_told(contact);
    pp_free(contact->pub_gruu);
    pp_free(contact->temp_gruu);
    contact->pub_gruu = pub;
    contact->temp_gruu = temp;
    return 0;
}

static bool same_user(const char *ours, const pp_uri *ruri)
{
    pp_str rest = pp_str_c(ours), user;

    pp_str_split(&rest, ':'); /* the scheme */
    user = pp_str_split(&rest, '@');
    user = pp_str_split(&user, ':');
    return rest.p && user.n && pp_str_ieq(user, ruri->user);
}

bool pp_contact_means_us(const pp_contact *contact, const pp_uri *ruri)
{
    pp_uri anonymous;

    if (same_user(contact->uri, ruri) || same_user(contact->temp_gruu, ruri))
        return true;
    /* A public GRUU has the account's own user part: it is known by its "gr" (RFC 5627 section 3.1). */
    if (pp_param(ruri->params, "gr", NULL) && same_user(contact->pub_gruu, ruri))
        return true;
    return same_user(anonymous_of(contact), ruri) &&
           pp_uri_parse(pp_str_c(anonymous_of(contact)), &anonymous) == 0 &&
           pp_str_ieq(anonymous.host, ruri->host);
}

/* --- for applications ------------------------------------------------------------------------- */

const char *pipit_ua_contact(const pipit_ua *ua)
{
    return pp_contact_uri(&ua->contact);
}

const char *pipit_ua_pub_gruu(const pipit_ua *ua)
{
    return ua->contact.pub_gruu;
}

const char *pipit_ua_temp_gruu(const pipit_ua *ua)
{
    return ua->contact.temp_gruu;
}

int pipit_ua_contact_to_string(const pipit_ua *ua, bool anonymous, bool outbound, char **out)
{
    pp_contact_form form = {.anonymous = anonymous, .outbound = outbound};
    pp_buf text = {0};

    if (!ua || !out)
        return pp_error(PIPIT_ERR_ARGUMENT, "contact: the user agent or a place is missing");
    pp_contact_write(&ua->contact, form, &text);
    return pp_buf_take(&text, out);
}
