/* challenge.c - a server's question, handed on to the application, and its answer (RFC 8898 section 2.1 for tokens). */
#include "base/alloc.h"
#include "base/error.h"
#include "base/log.h"
#include "ua/ua.h"

struct pipit_challenge {
    unsigned references;
    pipit_ua *ua; /* NULL: nobody waits for the answer any more */
    void (*resume)(void *arg);
    void *arg;
    char *realm; /* without quotes and backslashes */
    bool bearer_at_the_end;
    bool inside; /* the handler is being called */
    bool answered, refused;
    pp_post post;
};

static void free_challenge(pipit_challenge *challenge)
{
    pp_free(challenge->realm);
    pp_free(challenge);
}

/* --- the question ----------------------------------------------------------------------------- */

typedef struct texts { /* of the event */
    char *realm, *algorithm, *authz_server, *scope, *error;
} texts;

static int unquote(pp_str value, char **out)
{
    pp_buf plain = {0};

    pp_unescape_quoted(value, &plain);
    pp_buf_c(&plain, "");
    return pp_buf_take(&plain, out);
}

static int read_texts(const pp_challenge *challenge, texts *out)
{
    int err = unquote(challenge->realm, &out->realm);

    if (!err)
        err = unquote(challenge->algorithm_name, &out->algorithm);
    if (!err)
        err = unquote(challenge->authz_server, &out->authz_server);
    if (!err)
        err = unquote(challenge->scope, &out->scope);
    if (!err)
        err = unquote(challenge->error, &out->error);
    return err;
}

static void free_texts(texts *t)
{
    pp_free(t->realm);
    pp_free(t->algorithm);
    pp_free(t->authz_server);
    pp_free(t->scope);
    pp_free(t->error);
}

static int new_challenge(pipit_ua *ua, const pp_question *question, const char *realm,
                         pipit_challenge **out)
{
    const pp_demand *demand = question->demand;
    pipit_challenge *challenge = PP_NEW(pipit_challenge);

    if (!challenge)
        return PIPIT_ERR_MEMORY;
    challenge->realm = pp_strdup(realm);
    if (!challenge->realm) {
        pp_free(challenge);
        return PIPIT_ERR_MEMORY;
    }
    challenge->references = 1;
    challenge->ua = ua;
    challenge->resume = question->resume;
    challenge->arg = question->arg;
    challenge->bearer_at_the_end =
        demand->challenge.bearer && demand->answer == PP_HEADER_AUTHORIZATION;
    *out = challenge;
    return 0;
}

static void call_handler(pipit_challenge *challenge, const pp_question *question, const texts *t)
{
    const pp_demand *demand = question->demand;
    pipit_ua *ua = challenge->ua;
    const pipit_credentials_event event = {
        .challenge = challenge,
        .method = question->method,
        .scheme = demand->challenge.bearer ? "Bearer" : "Digest",
        .realm = t->realm,
        .algorithm = t->algorithm,
        .authz_server = t->authz_server,
        .scope = t->scope,
        .error = t->error,
        .proxy = demand->answer == PP_HEADER_PROXY_AUTHORIZATION,
        .stale = demand->challenge.stale,
        .refused = question->refused,
    };

    challenge->inside = true;
    ua->settings.credentials(ua, &event, ua->listeners.first.user);
    challenge->inside = false;
}

int pp_challenge_ask(pipit_ua *ua, const pp_question *question, pipit_challenge **out, bool *given)
{
    pipit_challenge *challenge = NULL;
    texts t = {0};
    int err = read_texts(&question->demand->challenge, &t);

    if (!err)
        err = new_challenge(ua, question, t.realm, &challenge);
    if (!err) {
        call_handler(challenge, question, &t);
        *given = challenge->answered && !challenge->refused;
        if (!challenge->answered && challenge->references > 1)
            *out = challenge; /* kept, to be answered later */
        else
            pp_challenge_drop(challenge);
    }
    free_texts(&t);
    return err;
}

bool pp_challenge_is_refused(const pipit_challenge *challenge)
{
    return !challenge->answered || challenge->refused;
}

pipit_challenge *pp_challenge_drop(pipit_challenge *challenge)
{
    if (!challenge)
        return NULL;
    if (challenge->ua)
        pp_loop_unpost(challenge->ua->loop, &challenge->post);
    challenge->ua = NULL;
    return pipit_challenge_unref(challenge);
}

/* --- the answer ------------------------------------------------------------------------------- */

static void on_post(void *arg)
{
    pipit_challenge *challenge = arg;

    challenge->resume(challenge->arg);
}

static void settle(pipit_challenge *challenge, bool refused)
{
    challenge->answered = true;
    challenge->refused = refused;
    if (!challenge->inside)
        pp_loop_post(challenge->ua->loop, &challenge->post, on_post, challenge);
}

void pp_challenge_give_up(pipit_challenge *challenge)
{
    settle(challenge, true);
}

/* The old one would go on being sent with every request. */
static int replace_jwt(const pipit_challenge *challenge, const char *token)
{
    pp_settings *settings = &challenge->ua->settings;
    pp_buf value = {0};
    char *jwt = NULL;
    int err;

    if (!token || !challenge->bearer_at_the_end ||
        !pp_str_istarts(pp_str_c(settings->authorization_jwt), "Bearer "))
        return 0;
    pp_buf_format(&value, "Bearer %s", token);
    err = pp_buf_take(&value, &jwt);
    if (err)
        return err;
    pp_free_secret(settings->authorization_jwt);
    settings->authorization_jwt = jwt;
    return 0;
}

static int keep(const pipit_challenge *challenge, const pipit_credentials *credentials)
{
    pp_authentication *authentication = &challenge->ua->authentication;

    pp_met_forget_ha1(&authentication->met);
    return pp_keyring_put(&authentication->keyring, challenge->realm, credentials);
}

int pipit_challenge_answer(pipit_challenge *challenge, const pipit_credentials *credentials)
{
    int err = 0;

    if (!challenge)
        return pp_error(PIPIT_ERR_ARGUMENT, "credentials: the challenge is missing");
    if (!challenge->ua || challenge->answered)
        return pp_error(PIPIT_ERR_STATE, "credentials: nobody waits for them any more");
    if (credentials)
        err = pp_keyring_check(credentials);
    if (!err && credentials)
        err = keep(challenge, credentials);
    if (!err && credentials)
        err = replace_jwt(challenge, credentials->token);
    if (!err)
        settle(challenge, !credentials);
    return err;
}

pipit_challenge *pipit_challenge_ref(pipit_challenge *challenge)
{
    challenge->references++;
    return challenge;
}

pipit_challenge *pipit_challenge_unref(pipit_challenge *challenge)
{
    if (!challenge)
        return NULL;
    challenge->references--;
    if (challenge->references == 0)
        free_challenge(challenge);
    else if (challenge->references == 1 && challenge->ua && !challenge->answered &&
             !challenge->inside)
        settle(challenge, true); /* only the request holds it: there is nobody left to answer */
    return NULL;
}
