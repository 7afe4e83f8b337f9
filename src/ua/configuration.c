/* configuration.c - every parameter of a user agent is checked here, once, and copied (jssip-behaviour section 2). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/limits.h"
#include "pipit/version.h"
#include "sip/lexer.h"
#include "sip/typed/typed.h"
#include "ua/parameters.h"

#define CALL_ID_PREFIX_SIZE      8u
#define HOST_TOKEN_SIZE          12u
#define REGISTER_EXPIRES_S       600u
#define REGISTRATION_RETRY_MAX_S 1800u /* RFC 5626 section 4.5 */
#define SESSION_EXPIRES_S        90u   /* JsSIP's */
#define NO_ANSWER_S              60u
#define ICE_RECOVERY_S           15u
#define RECOVERY_MIN_S           2u
#define RECOVERY_MAX_S           30u

/* --- URIs ------------------------------------------------------------------------------------- */

/* The text with "sip:" in front when it has no scheme of SIP. */
static int with_scheme(const char *value, char **out)
{
    pp_buf text = {0};

    if (!pp_str_istarts(pp_str_c(value), "sip:") && !pp_str_istarts(pp_str_c(value), "sips:"))
        pp_buf_c(&text, "sip:");
    pp_buf_c(&text, value);
    return pp_buf_take(&text, out);
}

static int parse_sip_uri(const char *parameter, const char *value, const char *full, pp_uri *out)
{
    if (!pp_str_is_line(pp_str_c(full)) || pp_uri_parse(pp_str_c(full), out) < 0 ||
        out->scheme != PP_SCHEME_SIP)
        return pp_parameter_wrong(parameter, value, "no SIP URI");
    return 0;
}

static int copy_str(pp_str text, char **out)
{
    *out = pp_str_dup(text);
    return *out ? 0 : PIPIT_ERR_MEMORY;
}

/* JsSIP's hostport_params: "example.com:5080;transport=ws". */
static int copy_target_domain(const pp_uri *uri, pp_settings *s)
{
    pp_buf text = {0};

    pp_buf_str(&text, uri->host);
    if (uri->port)
        pp_buf_format(&text, ":%u", (unsigned)uri->port);
    pp_buf_str(&text, uri->params);
    return pp_buf_take(&text, &s->target_domain);
}

static int read_uri(const char *value, pp_settings *s)
{
    char *full = NULL;
    pp_buf aor = {0};
    pp_uri uri;
    int err =
        value && *value ? with_scheme(value, &full) : pp_parameter_wrong("uri", value, "empty");

    if (!err)
        err = parse_sip_uri("uri", value, full, &uri);
    if (!err && pp_str_empty(uri.user))
        err = pp_parameter_wrong("uri", value, "without a user");
    if (!err)
        err = copy_str(uri.user, &s->user);
    if (!err)
        err = copy_str(uri.host, &s->domain);
    if (!err)
        err = copy_target_domain(&uri, s);
    if (!err) {
        pp_uri_write_aor(&uri, &aor);
        err = pp_buf_take(&aor, &s->uri);
    }
    pp_free(full);
    return err;
}

static int read_registrar(const char *value, pp_settings *s)
{
    char *full = NULL;
    pp_buf text = {0};
    pp_uri uri;
    int err;

    if (!value || !*value) { /* the domain of the account, with its port */
        err = pp_uri_parse(pp_str_c(s->uri), &uri);
        if (err)
            return err;
        uri.user = PP_STR_NONE;
        pp_uri_write_aor(&uri, &text);
        return pp_buf_take(&text, &s->registrar);
    }
    err = with_scheme(value, &full);
    if (!err)
        err = parse_sip_uri("registrar_server", value, full, &uri);
    if (!err && (uri.user.p || uri.headers.n))
        err = pp_parameter_wrong("registrar_server", value,
                                 "not a server's URI: it has a user or headers");
    if (err) {
        pp_free(full);
        return err;
    }
    s->registrar = full;
    return 0;
}

static int replace_via_host(pp_str host, pp_settings *s)
{
    char *copy = NULL;
    int err = copy_str(host, &copy);

    if (err)
        return err;
    pp_free(s->via_host);
    s->via_host = copy;
    return 0;
}

static int read_contact(const char *value, const pp_rng *rng, pp_settings *s)
{
    char user[9], *full = NULL;
    pp_buf text = {0};
    pp_uri uri;
    int err;

    if (!value || !*value) {
        pp_rng_token(rng, user, sizeof(user) - 1);
        pp_buf_format(&text, "sip:%s@%s;transport=ws", user, s->via_host);
        return pp_buf_take(&text, &s->contact_uri);
    }
    err = with_scheme(value, &full);
    if (!err)
        err = parse_sip_uri("contact_uri", value, full, &uri);
    if (!err && (pp_str_empty(uri.user) || uri.headers.n))
        err = pp_parameter_wrong("contact_uri", value,
                                 "not a Contact: it lacks a user or has headers");
    if (!err) /* its host is how our server knows us */
        err = replace_via_host(uri.host, s);
    if (err) {
        pp_free(full);
        return err;
    }
    s->contact_uri = full;
    s->contact_given = true;
    return 0;
}

/* --- identities made of chance ---------------------------------------------------------------- */

static int make_token(const pp_rng *rng, size_t size, const char *tail, char **out)
{
    char token[32];
    pp_buf text = {0};

    pp_rng_token(rng, token, size);
    pp_buf_c(&text, token);
    pp_buf_c(&text, tail);
    return pp_buf_take(&text, out);
}

static bool is_uuid(pp_str text)
{
    if (text.n != 36)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = text.p[i];
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');

        if (dash ? c != '-' : !hex)
            return false;
    }
    return true;
}

/* RFC 9562 section 5.4: version 4. */
static int random_uuid(const pp_rng *rng, char **out)
{
    uint8_t octets[16];
    pp_buf text = {0};

    pp_rng_bytes(rng, octets, sizeof(octets));
    octets[6] = (uint8_t)((octets[6] & 0x0F) | 0x40);
    octets[8] = (uint8_t)((octets[8] & 0x3F) | 0x80);
    for (size_t i = 0; i < sizeof(octets); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            pp_buf_char(&text, '-');
        pp_buf_hex(&text, octets + i, 1);
    }
    return pp_buf_take(&text, out);
}

static int read_instance(const char *value, const pp_rng *rng, pp_settings *s)
{
    pp_str uuid = pp_str_c(value);

    if (pp_str_empty(uuid))
        return random_uuid(rng, &s->instance_id);
    if (pp_str_istarts(uuid, "urn:"))
        uuid = pp_str_from(uuid, 4);
    if (pp_str_istarts(uuid, "uuid:"))
        uuid = pp_str_sub(uuid, 5, uuid.n);
    if (!is_uuid(uuid))
        return pp_parameter_wrong("instance_id", value, "no UUID");
    return copy_str(uuid, &s->instance_id);
}

/* --- credentials ------------------------------------------------------------------------------ */

static int read_credentials(const pipit_ua_configuration *c, pp_settings *s)
{
    int err =
        pp_parameter_line("authorization_user", c->authorization_user, &s->authorization_user);

    if (!err && !s->authorization_user)
        err = pp_settings_default_user(s, &s->authorization_user);
    if (!err)
        err = pp_parameter_line("realm", c->realm, &s->realm);
    if (!err)
        err = pp_parameter_secret("password", c->password, &s->password);
    if (!err)
        err = pp_parameter_ha1("ha1", c->ha1, &s->ha1);
    if (!err)
        err = pp_parameter_ha1_sha256("ha1_sha256", c->ha1_sha256, &s->ha1_sha256);
    if (!err)
        err = pp_settings_check_realm(s);
    if (!err)
        err = pp_parameter_secret_line("authorization_jwt", c->authorization_jwt,
                                       &s->authorization_jwt);
    s->allow_insecure_authorization = c->allow_insecure_authorization;
    s->credentials = c->credentials;
    return err;
}

/* --- header lines ----------------------------------------------------------------------------- */

static bool is_header_line(pp_str line)
{
    size_t colon = pp_str_find(line, ':');
    pp_str name = pp_str_trim(pp_str_sub(line, 0, colon));

    return colon < line.n && pp_str_is(name, PP_CHAR_TOKEN) && pp_str_is_line(line);
}

int pp_header_lines_copy(const char *const *lines, char ***out)
{
    size_t count = 0;
    char **copy;

    if (!lines) {
        *out = NULL;
        return 0;
    }
    while (lines[count]) {
        if (!is_header_line(pp_str_c(lines[count])))
            return pp_error(PIPIT_ERR_SYNTAX, "extra header: '%.80s' is no 'Name: value' line",
                            lines[count]);
        count++;
    }
    copy = pp_array(count + 1, sizeof(*copy));
    if (!copy)
        return PIPIT_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) {
        copy[i] = pp_strdup(lines[i]);
        if (!copy[i]) {
            pp_header_lines_free(copy);
            return PIPIT_ERR_MEMORY;
        }
    }
    *out = copy;
    return 0;
}

void pp_header_lines_free(char **lines)
{
    for (size_t i = 0; lines && lines[i]; i++)
        pp_free(lines[i]);
    pp_free(lines);
}

static int read_extra_headers(const char *const *lines, pp_settings *s)
{
    for (size_t i = 0; lines && lines[i]; i++)
        if (!is_header_line(pp_str_c(lines[i])))
            return pp_parameter_wrong("extra_headers", lines[i], "no 'Name: value' line");
    return pp_header_lines_copy(lines, &s->extra_headers);
}

/* --- all of it -------------------------------------------------------------------------------- */

static int check_sockets(const pipit_weighted_socket *sockets)
{
    if (!sockets[0].socket)
        return pp_parameter_wrong("sockets", NULL, NULL);
    for (size_t i = 1; i < PIPIT_SOCKETS_MAX; i++) {
        if (sockets[i].socket && !sockets[i - 1].socket)
            return pp_error(PIPIT_ERR_CONFIGURATION,
                            "configuration: sockets[%zu] stands behind a gap", i);
        for (size_t k = 0; k < i && sockets[i].socket; k++)
            if (sockets[i].socket == sockets[k].socket)
                return pp_error(PIPIT_ERR_CONFIGURATION,
                                "configuration: sockets[%zu] is sockets[%zu] once more", i, k);
    }
    return 0;
}

static int read_tag_trail(const char *value, pp_settings *s)
{
    if (value && *value && !pp_str_is(pp_str_c(value), PP_CHAR_TOKEN))
        return pp_parameter_wrong("register_from_tag_trail", value, "no token");
    return pp_parameter_line("register_from_tag_trail", value, &s->from_tag_trail);
}

static int read_message_size(unsigned size, pp_settings *s)
{
    if (size > PP_LIMIT_SIP_MESSAGE)
        return pp_error(PIPIT_ERR_CONFIGURATION,
                        "configuration: max_message_size '%u' is more than %u", size,
                        PP_LIMIT_SIP_MESSAGE);
    s->message_size_max = size ? size : PP_LIMIT_SIP_MESSAGE_DEFAULT;
    return 0;
}

static int read_sessions(unsigned max, pp_settings *s)
{
    if (max > PP_LIMIT_SESSIONS_MAX)
        return pp_error(PIPIT_ERR_CONFIGURATION, "configuration: max_sessions '%u' is more than %u",
                        max, PP_LIMIT_SESSIONS_MAX);
    s->sessions_max = max ? max : PP_LIMIT_SESSIONS;
    return 0;
}

static int read_session_timers(const pipit_ua_configuration *c, pp_settings *s)
{
    const char *method =
        c->session_timers_refresh_method ? c->session_timers_refresh_method : "UPDATE";

    s->session_timers = !c->no_session_timers;
    s->force_refresher = c->session_timers_force_refresher;
    s->session_min_s = c->session_timers_min ? c->session_timers_min : PP_SESSION_EXPIRES_MIN_S;
    s->session_expires_s = c->session_timers_expires;
    if (!s->session_expires_s)
        s->session_expires_s =
            s->session_min_s > SESSION_EXPIRES_S ? s->session_min_s : SESSION_EXPIRES_S;
    s->refresh_by_invite = pp_str_ieq_c(pp_str_c(method), "INVITE");
    if (!s->refresh_by_invite && !pp_str_ieq_c(pp_str_c(method), "UPDATE"))
        return pp_error(
            PIPIT_ERR_CONFIGURATION,
            "configuration: session_timers_refresh_method '%s' is neither UPDATE nor INVITE",
            method);
    if (s->session_min_s < PP_SESSION_EXPIRES_MIN_S ||
        s->session_min_s > PP_LIMIT_SESSION_EXPIRES_S)
        return pp_error(PIPIT_ERR_CONFIGURATION,
                        "configuration: session_timers_min '%u' is not between %u and %u",
                        s->session_min_s, PP_SESSION_EXPIRES_MIN_S, PP_LIMIT_SESSION_EXPIRES_S);
    if (s->session_expires_s < s->session_min_s ||
        s->session_expires_s > PP_LIMIT_SESSION_EXPIRES_S)
        return pp_error(PIPIT_ERR_CONFIGURATION,
                        "configuration: session_timers_expires '%u' is not between %u and %u",
                        s->session_expires_s, s->session_min_s, PP_LIMIT_SESSION_EXPIRES_S);
    return 0;
}

static int read_numbers(const pipit_ua_configuration *c, pp_settings *s)
{
    s->register_on_start = !c->no_register;
    s->preloaded_route = c->use_preloaded_route;
    s->register_expires_s = c->register_expires ? c->register_expires : REGISTER_EXPIRES_S;
    if (c->register_expires == PIPIT_NO_EXPIRES)
        s->register_expires_s = 0;
    s->registration_retry_s = c->registration_retry_interval;
    s->registration_retry_max_s = c->registration_retry_max_interval
                                      ? c->registration_retry_max_interval
                                      : REGISTRATION_RETRY_MAX_S;
    s->auto_answer = c->auto_answer;
    s->follow_redirects = c->follow_redirects;
    s->reliable = c->reliable_provisionals;
    s->no_answer_timeout_s = c->no_answer_timeout ? c->no_answer_timeout : NO_ANSWER_S;
    s->recovery_max_attempts = c->connection_recovery_max_attempts;
    s->no_recovery = c->no_connection_recovery;
    s->no_call_recovery = c->no_call_recovery;
    s->network_changes = c->network_changes;
    s->ice_recovery_s = c->ice_recovery_timeout ? c->ice_recovery_timeout : ICE_RECOVERY_S;
    s->connect_timeout_s = c->connection_timeout;
    s->return_s = c->connection_return_interval;
    s->recovery_min_s = c->connection_recovery_min_interval;
    s->recovery_max_s = c->connection_recovery_max_interval;
    if (!s->recovery_max_s)
        s->recovery_max_s = s->recovery_min_s > RECOVERY_MAX_S ? s->recovery_min_s : RECOVERY_MAX_S;
    if (!s->recovery_min_s)
        s->recovery_min_s = s->recovery_max_s < RECOVERY_MIN_S ? s->recovery_max_s : RECOVERY_MIN_S;
    if (s->recovery_min_s > s->recovery_max_s)
        return pp_error(PIPIT_ERR_CONFIGURATION,
                        "configuration: connection_recovery_max_interval '%u' is less than "
                        "connection_recovery_min_interval '%u'",
                        s->recovery_max_s, s->recovery_min_s);
    return 0;
}

static int read_packages(const char *parameter, const char *value, char **out)
{
    pp_str rest = pp_str_c(value), member;
    pp_word word;

    while (pp_list_next(&rest, &member))
        if (pp_token_parse(member, &word))
            return pp_parameter_wrong(parameter, value, "no list of packages");
    return pp_parameter_line(parameter, value, out);
}

static int read_all(const pipit_ua_configuration *c, const pp_rng *rng, pp_settings *s)
{
    int err = read_uri(c->uri, s);

    if (!err)
        err = check_sockets(c->sockets);
    if (!err)
        err = make_token(rng, HOST_TOKEN_SIZE, ".invalid", &s->via_host);
    if (!err)
        err = make_token(rng, CALL_ID_PREFIX_SIZE, "", &s->call_id_prefix);
    if (!err)
        err = read_credentials(c, s);
    if (!err)
        err = pp_parameter_line("display_name", c->display_name, &s->display_name);
    if (!err)
        err = read_contact(c->contact_uri, rng, s);
    if (!err)
        err = read_instance(c->instance_id, rng, s);
    if (!err)
        err = read_registrar(c->registrar_server, s);
    if (!err)
        err = pp_parameter_line(
            "user_agent", c->user_agent && *c->user_agent ? c->user_agent : "Pipit " PIPIT_VERSION,
            &s->user_agent);
    if (!err)
        err = read_packages("allow_events", c->allow_events, &s->allow_events);
    if (!err)
        err = read_packages("recv_info", c->recv_info, &s->recv_info);
    if (!err)
        err = read_tag_trail(c->register_from_tag_trail, s);
    if (!err)
        err = read_extra_headers(c->extra_headers, s);
    if (!err)
        err = read_numbers(c, s);
    if (!err)
        err = read_session_timers(c, s);
    if (!err)
        err = read_sessions(c->max_sessions, s);
    if (!err)
        err = read_message_size(c->max_message_size, s);
    return err;
}

int pp_settings_read(const pipit_ua_configuration *configuration, const pp_rng *rng,
                     pp_settings *out)
{
    pp_settings settings = {0};
    int err = read_all(configuration, rng, &settings);

    if (err)
        pp_settings_free(&settings);
    else
        *out = settings;
    return err;
}

void pp_settings_free(pp_settings *s)
{
    pp_free(s->uri);
    pp_free(s->user);
    pp_free(s->domain);
    pp_free(s->target_domain);
    pp_free(s->display_name);
    pp_free(s->contact_uri);
    pp_free(s->instance_id);
    pp_free(s->registrar);
    pp_free(s->user_agent);
    pp_free(s->allow_events);
    pp_free(s->recv_info);
    pp_free(s->from_tag_trail);
    pp_free(s->via_host);
    pp_free(s->call_id_prefix);
    pp_free(s->authorization_user);
    pp_free(s->realm);
    pp_free_secret(s->password);
    pp_free_secret(s->ha1);
    pp_free_secret(s->ha1_sha256);
    pp_free_secret(s->authorization_jwt);
    pp_header_lines_free(s->extra_headers);
    *s = (pp_settings){0};
}

pp_credentials pp_settings_credentials(const pp_settings *settings)
{
    return (pp_credentials){.username = settings->authorization_user,
                            .password = settings->password,
                            .ha1 = settings->ha1,
                            .ha1_sha256 = settings->ha1_sha256,
                            .realm = settings->realm};
}
