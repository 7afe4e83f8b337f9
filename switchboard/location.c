/* location.c - where users are: bindings of an address to a Contact on a connection (RFC 3261
 * section 10, RFC 5626). A binding ends when its time is up, when it is taken back, or with the
 * connection it came through. */
#include "switchboard/board.h"

#include "base/limits.h"

static bool is_same(const board_binding *binding, const board_contact *contact)
{
    pp_uri uri;

    /* RFC 5626 section 6: instance and flow name the binding, whatever its URI is by now. */
    if (contact->instance.n && contact->reg_id && binding->instance && binding->reg_id)
        return binding->reg_id == contact->reg_id &&
               pp_str_eq_c(contact->instance, binding->instance);
    return pp_uri_parse(pp_str_c(binding->contact), &uri) == 0 && pp_uri_equal(&uri, &contact->uri);
}

board_binding *board_location_find(const board_user *user, const board_contact *contact)
{
    for (board_binding *b = user->bindings; b; b = b->next)
        if (is_same(b, contact))
            return b;
    return NULL;
}

size_t board_location_count(const board_user *user)
{
    size_t count = 0;

    for (const board_binding *b = user->bindings; b; b = b->next)
        count++;
    return count;
}

static void binding_free(board_binding *binding)
{
    pp_free(binding->contact);
    pp_free(binding->instance);
    pp_free(binding->call_id);
    pp_free(binding);
}

void board_location_unbind(board_binding *binding)
{
    board_binding **at = &binding->user->bindings;

    while (*at != binding)
        at = &(*at)->next;
    *at = binding->next;
    pp_loop_stop_timer(binding->board->loop, &binding->timer);
    board_tell(binding->connection, SWITCHBOARD_UNREGISTERED, pp_str_c(binding->contact), 0);
    binding_free(binding);
}

static void binding_expired(void *arg)
{
    board_location_unbind(arg);
}

static int binding_new(board_connection *connection, board_user *user, const board_contact *contact,
                       const pp_message *request, board_binding **out)
{
    board_binding *binding = PP_NEW(board_binding);

    if (!binding)
        return PIPIT_ERR_MEMORY;
    binding->board = connection->board;
    binding->user = user;
    binding->connection = connection;
    binding->contact = pp_str_dup(contact->uri.text);
    binding->instance = contact->instance.n ? pp_str_dup(contact->instance) : NULL;
    binding->call_id = pp_str_dup(request->call_id);
    binding->reg_id = contact->reg_id;
    binding->cseq = request->cseq;
    if (!binding->contact || !binding->call_id || (contact->instance.n && !binding->instance)) {
        binding_free(binding);
        return PIPIT_ERR_MEMORY;
    }
    *out = binding;
    return 0;
}

/* In the order of registration, an old one replaced where it stands. */
static void put_in_place(board_user *user, board_binding *old, board_binding *binding)
{
    board_binding **at = &user->bindings;

    while (*at && *at != old)
        at = &(*at)->next;
    binding->next = old ? old->next : NULL;
    *at = binding;
    if (old) {
        pp_loop_stop_timer(old->board->loop, &old->timer);
        binding_free(old);
    }
}

int board_location_bind(board_connection *connection, board_user *user,
                        const board_contact *contact, const pp_message *request)
{
    pipit_loop *loop = connection->board->loop;
    board_binding *old = board_location_find(user, contact), *binding;
    uint64_t life_ms = (uint64_t)contact->expires_s * 1000;
    int err;

    if (!old && board_location_count(user) >= PP_LIMIT_BINDINGS)
        return pp_error(PIPIT_ERR_LIMIT, "registrar: '%s' has %u contacts already", user->name,
                        PP_LIMIT_BINDINGS);
    err = binding_new(connection, user, contact, request, &binding);
    if (err)
        return err;
    binding->expires_ms = pp_loop_now_ms(loop) + life_ms;
    put_in_place(user, old, binding);
    pp_loop_start_timer(loop, &binding->timer, life_ms, binding_expired, binding);
    board_tell(connection, SWITCHBOARD_REGISTERED, contact->uri.text, contact->expires_s);
    return 0;
}

void board_location_lost(board_connection *connection)
{
    board_user *user, *next;

    HASH_ITER (hh, connection->board->users, user, next) {
        board_binding *binding = user->bindings;

        while (binding) {
            board_binding *after = binding->next;

            if (binding->connection == connection)
                board_location_unbind(binding);
            binding = after;
        }
    }
}

/* A request inside of a dialog comes with ";ob" (RFC 5626 section 4.3), which was not in the REGISTER. */
static bool is_contact(const pp_uri *uri, const char *contact)
{
    pp_uri bound;

    return pp_str_eq_c(uri->text, contact) ||
           (pp_uri_parse(pp_str_c(contact), &bound) == 0 && pp_str_eq(uri->user, bound.user) &&
            pp_uri_equal(uri, &bound));
}

board_binding *board_location_of_contact(const switchboard *board, const pp_uri *uri)
{
    board_user *user, *next;

    HASH_ITER (hh, board->users, user, next)
        for (board_binding *b = user->bindings; b; b = b->next)
            if (is_contact(uri, b->contact))
                return b;
    return NULL;
}
