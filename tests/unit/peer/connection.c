/* connection.c - tests of the public peer connection: two of them in a simulated network, described, changed, taken back. */
#include "unit/peer/support/couple.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned count_of(const char *text, const char *what)
{
    unsigned count = 0;

    for (; (text = strstr(text, what)); text += strlen(what))
        count++;
    return count;
}

static char *copy_local(end *e)
{
    pipit_description description;

    assert_true(pipit_peer_local_description(e->peer, &description));
    return strdup(description.sdp);
}

static int take(end *e, pipit_description_type type, const char *sdp)
{
    return pipit_peer_set_remote_description(e->peer, &(pipit_description){type, sdp});
}

static int say(end *e, pipit_description_type type, const char *sdp)
{
    return pipit_peer_set_local_description(e->peer, &(pipit_description){type, sdp});
}

static void two_connections_hear_each_other(void **state)
{
    couple c;

    (void)state;
    begin_couple(&c, 1);
    add_tone(&c.a, 440);
    assert_null(pipit_transceiver_mid(pipit_peer_transceiver(c.a.peer, 0)));
    advance(&c, 10);
    assert_int_equal(c.a.negotiations, 1);
    add_tone(&c.b, 880);
    negotiate(&c.a, &c.b);
    advance(&c, 3000);
    check_story(&c.a, "negotiate have-local-offer gather-complete stable ice-checking "
                      "connecting track ice-connected connected");
    check_story(&c.b, "have-remote-offer track stable connected");
    assert_int_equal(c.a.negotiations, 1);
    assert_true(c.a.heard[0] > 16000 && c.b.heard[0] > 16000);
    assert_string_equal(pipit_transceiver_mid(pipit_peer_transceiver(c.a.peer, 0)), "0");
    assert_int_equal(pipit_transceiver_current_direction(pipit_peer_transceiver(c.b.peer, 0)),
                     PIPIT_DIRECTION_SENDRECV);
    assert_int_equal(pipit_transceiver_insert_dtmf(pipit_peer_transceiver(c.a.peer, 0), '5', 0, 0),
                     0);
    advance(&c, 1000);
    check_story(&c.b, "tone-5");
    assert_int_equal(pipit_peer_close(c.a.peer), 0);
    assert_int_equal(pipit_peer_signaling_state(c.a.peer), PIPIT_SIGNALING_CLOSED);
    assert_int_equal(pipit_peer_set_local_description(c.a.peer, NULL), PIPIT_ERR_STATE);
    advance(&c, 100);
    assert_int_equal(pipit_peer_connection_state(c.b.peer), PIPIT_CONNECTION_DISCONNECTED);
    end_couple(&c);
}

/* Two tones in two sections on one transport: each comes out where it belongs, though codecs and payload types are the same. */
static void two_sections_share_a_transport_and_are_told_apart(void **state)
{
    couple c;
    char *offer;

    (void)state;
    begin_couple(&c, 2);
    add_tone(&c.a, 440);
    pipit_peer_add_transceiver(c.a.peer, PIPIT_MEDIA_AUDIO, NULL, NULL); /* silence */
    negotiate(&c.a, &c.b);
    offer = copy_local(&c.a);
    assert_non_null(strstr(offer, "a=group:BUNDLE 0 1\r\n"));
    assert_int_equal(count_of(offer, "sdes:mid\r\n"), 2);
    assert_int_equal(count_of(offer, "a=end-of-candidates\r\n"), 1);
    advance(&c, 3000);
    assert_int_equal(c.b.track_count, 2);
    assert_true(c.b.heard[0] > 16000);
    assert_true(c.b.heard[1] == 0);
    assert_string_equal(pipit_transceiver_mid(c.b.tracks[1]), "1");
    free(offer);
    end_couple(&c);
}

static void a_track_that_comes_later_is_negotiated(void **state)
{
    couple c;
    pipit_transceiver *second;

    (void)state;
    begin_couple(&c, 3);
    add_tone(&c.a, 440);
    negotiate(&c.a, &c.b);
    advance(&c, 1000);
    assert_int_equal(c.b.negotiations, 0);
    second = add_tone(&c.b, 880); /* the one that came with the offer sends from now on */
    assert_ptr_equal(second, pipit_peer_transceiver(c.b.peer, 0));
    advance(&c, 10);
    assert_int_equal(c.b.negotiations, 1);
    negotiate(&c.b, &c.a);
    assert_int_equal(pipit_transceiver_current_direction(second), PIPIT_DIRECTION_SENDRECV);
    advance(&c, 1000);
    assert_true(c.a.heard[0] > 8000);
    assert_int_equal(c.b.negotiations, 1);
    assert_int_equal(pipit_peer_remove_track(c.b.peer, second), 0);
    assert_int_equal(pipit_transceiver_direction(second), PIPIT_DIRECTION_RECVONLY);
    advance(&c, 200);
    assert_int_equal(c.b.negotiations, 2);
    negotiate(&c.b, &c.a);
    c.a.heard[0] = 0;
    advance(&c, 500);
    assert_true(c.a.heard[0] == 0);
    end_couple(&c);
}

static void a_stopped_section_is_refused_and_its_place_used_again(void **state)
{
    couple c;
    pipit_transceiver *second;
    char *offer;

    (void)state;
    begin_couple(&c, 4);
    add_tone(&c.a, 440);
    pipit_peer_add_transceiver(c.a.peer, PIPIT_MEDIA_AUDIO, NULL, &second);
    negotiate(&c.a, &c.b);
    advance(&c, 500);
    pipit_transceiver_ref(second);
    assert_int_equal(pipit_transceiver_stop(second), 0);
    assert_int_equal(pipit_transceiver_stop(second), 0);
    negotiate(&c.a, &c.b);
    offer = copy_local(&c.a);
    assert_int_equal(count_of(offer, "m=audio 0 "), 1);
    assert_non_null(strstr(offer, "a=group:BUNDLE 0\r\n"));
    assert_null(pipit_peer_transceiver(c.a.peer, 1));
    assert_null(pipit_peer_transceiver(c.b.peer, 1));
    assert_int_equal(pipit_transceiver_set_direction(second, PIPIT_DIRECTION_SENDRECV),
                     PIPIT_ERR_STATE);
    assert_int_equal(pipit_transceiver_current_direction(second), PIPIT_DIRECTION_STOPPED);
    second = pipit_transceiver_unref(second);
    free(offer);
    pipit_peer_add_transceiver(c.a.peer, PIPIT_MEDIA_AUDIO, NULL, &second);
    negotiate(&c.a, &c.b);
    offer = copy_local(&c.a);
    assert_int_equal(count_of(offer, "m=audio "), 2);
    assert_int_equal(count_of(offer, "m=audio 0 "), 0);
    assert_string_equal(pipit_transceiver_mid(second), "2"); /* not the one that was given up */
    assert_string_equal(pipit_transceiver_mid(pipit_peer_transceiver(c.b.peer, 1)), "2");
    advance(&c, 1000);
    assert_true(c.b.heard[0] > 8000);
    free(offer);
    end_couple(&c);
}

static void an_offer_is_taken_back(void **state)
{
    couple c;
    char *first, *again;

    (void)state;
    begin_couple(&c, 5);
    add_tone(&c.a, 440);
    assert_int_equal(say(&c.a, PIPIT_DESCRIPTION_ROLLBACK, NULL), PIPIT_ERR_STATE);
    assert_int_equal(pipit_peer_set_local_description(c.a.peer, NULL), 0);
    first = copy_local(&c.a);
    assert_int_equal(say(&c.a, PIPIT_DESCRIPTION_ROLLBACK, NULL), 0);
    assert_int_equal(pipit_peer_signaling_state(c.a.peer), PIPIT_SIGNALING_STABLE);
    assert_null(pipit_transceiver_mid(pipit_peer_transceiver(c.a.peer, 0)));
    assert_int_equal(take(&c.a, PIPIT_DESCRIPTION_ROLLBACK, NULL), PIPIT_ERR_STATE);
    assert_int_equal(take(&c.b, PIPIT_DESCRIPTION_OFFER, first), 0);
    assert_non_null(pipit_peer_transceiver(c.b.peer, 0));
    assert_int_equal(take(&c.b, PIPIT_DESCRIPTION_ROLLBACK, NULL), 0);
    assert_null(pipit_peer_transceiver(c.b.peer, 0)); /* it was there for the offer alone */
    advance(&c, 10);
    check_story(&c.a, "have-local-offer stable negotiate");
    negotiate(&c.a, &c.b);
    again = copy_local(&c.a);
    assert_string_equal(strstr(first, "m=audio"), strstr(again, "m=audio"));
    advance(&c, 2000);
    assert_true(c.b.heard[0] > 8000);
    free(first);
    free(again);
    end_couple(&c);
}

/* Both offer at once. The impolite side does not look at the other's offer, the polite side gives its own up (W3C section 10.7). */
static void offers_that_cross_come_to_one(void **state)
{
    couple c;

    (void)state;
    begin_couple(&c, 6);
    add_tone(&c.a, 440);
    add_tone(&c.b, 880);
    assert_int_equal(pipit_peer_set_local_description(c.a.peer, NULL), 0);
    assert_int_equal(pipit_peer_set_local_description(c.b.peer, NULL), 0);
    assert_int_equal(carry(&c.a, &c.b), 0); /* b is polite */
    assert_int_equal(pipit_peer_signaling_state(c.b.peer), PIPIT_SIGNALING_HAVE_REMOTE_OFFER);
    assert_int_equal(pipit_peer_set_local_description(c.b.peer, NULL), 0);
    assert_int_equal(carry(&c.b, &c.a), 0);
    advance(&c, 3000);
    assert_int_equal(pipit_peer_connection_state(c.a.peer), PIPIT_CONNECTION_CONNECTED);
    assert_true(c.a.heard[0] > 16000 && c.b.heard[0] > 16000);
    assert_null(pipit_peer_transceiver(c.b.peer, 1));
    end_couple(&c);
}

static void a_crossed_offer_with_more_to_say_is_made_again(void **state)
{
    couple c;

    (void)state;
    begin_couple(&c, 7);
    add_tone(&c.a, 440);
    negotiate(&c.a, &c.b);
    advance(&c, 1000);
    c.b.negotiations = 0;
    pipit_peer_add_transceiver(c.b.peer, PIPIT_MEDIA_AUDIO, NULL, NULL);
    assert_int_equal(pipit_transceiver_set_direction(pipit_peer_transceiver(c.a.peer, 0),
                                                     PIPIT_DIRECTION_SENDONLY),
                     0);
    assert_int_equal(pipit_peer_set_local_description(c.a.peer, NULL), 0);
    assert_int_equal(pipit_peer_set_local_description(c.b.peer, NULL), 0);
    assert_int_equal(carry(&c.a, &c.b), 0);
    assert_int_equal(pipit_peer_set_local_description(c.b.peer, NULL), 0);
    assert_int_equal(carry(&c.b, &c.a), 0);
    assert_int_equal(pipit_transceiver_current_direction(pipit_peer_transceiver(c.b.peer, 0)),
                     PIPIT_DIRECTION_RECVONLY);
    advance(&c, 10);
    assert_int_equal(c.b.negotiations, 1);
    negotiate(&c.b, &c.a);
    assert_non_null(pipit_peer_transceiver(c.a.peer, 1));
    assert_int_equal(pipit_peer_connection_state(c.a.peer), PIPIT_CONNECTION_CONNECTED);
    end_couple(&c);
}

static void descriptions_fit_the_state_or_are_refused(void **state)
{
    couple c;
    char *offer = NULL, *answer = NULL, *changed;

    (void)state;
    begin_couple(&c, 8);
    add_tone(&c.a, 440);
    assert_int_equal(pipit_peer_create_answer(c.a.peer, &answer), PIPIT_ERR_STATE);
    assert_int_equal(pipit_peer_create_offer(c.a.peer, &offer), 0);
    assert_int_equal(pipit_peer_signaling_state(c.a.peer), PIPIT_SIGNALING_STABLE);
    assert_int_equal(take(&c.b, PIPIT_DESCRIPTION_ANSWER, offer), PIPIT_ERR_STATE);
    assert_int_equal(take(&c.b, PIPIT_DESCRIPTION_OFFER, "no SDP"), PIPIT_ERR_SYNTAX);
    changed = strdup(offer);
    changed[strlen(changed) - 3] ^= 1;
    assert_int_equal(say(&c.a, PIPIT_DESCRIPTION_OFFER, changed), PIPIT_ERR_SYNTAX);
    assert_int_equal(say(&c.a, PIPIT_DESCRIPTION_ANSWER, offer), PIPIT_ERR_STATE);
    assert_int_equal(say(&c.a, PIPIT_DESCRIPTION_OFFER, offer), 0);
    assert_int_equal(take(&c.b, PIPIT_DESCRIPTION_OFFER, offer), 0);
    assert_int_equal(pipit_peer_create_answer(c.b.peer, &answer), 0);
    assert_int_equal(say(&c.b, PIPIT_DESCRIPTION_PRANSWER, answer), 0);
    assert_int_equal(pipit_peer_signaling_state(c.b.peer), PIPIT_SIGNALING_HAVE_LOCAL_PRANSWER);
    assert_int_equal(say(&c.b, PIPIT_DESCRIPTION_ROLLBACK, NULL), PIPIT_ERR_STATE);
    assert_int_equal(take(&c.a, PIPIT_DESCRIPTION_PRANSWER, answer), 0);
    assert_int_equal(pipit_peer_signaling_state(c.a.peer), PIPIT_SIGNALING_HAVE_REMOTE_PRANSWER);
    assert_int_equal(take(&c.a, PIPIT_DESCRIPTION_OFFER, offer), PIPIT_ERR_STATE);
    advance(&c, 2000);
    assert_int_equal(pipit_peer_connection_state(c.a.peer), PIPIT_CONNECTION_CONNECTED);
    assert_int_equal(pipit_peer_set_local_description(c.b.peer, NULL), 0);
    assert_int_equal(carry(&c.b, &c.a), 0);
    assert_int_equal(pipit_peer_signaling_state(c.a.peer), PIPIT_SIGNALING_STABLE);
    pipit_free(offer);
    pipit_free(answer);
    free(changed);
    end_couple(&c);
}

static void check_description(bool there, const pipit_description *is,
                              pipit_description_type expected)
{
    assert_true(there);
    assert_string_equal(pipit_description_type_name(is->type),
                        pipit_description_type_name(expected));
    assert_non_null(strstr(is->sdp, "m=audio"));
}

static void descriptions_are_pending_before_they_are_current(void **state)
{
    couple c;
    pipit_description d;

    (void)state;
    begin_couple(&c, 9);
    add_tone(&c.a, 440);
    assert_false(pipit_peer_local_description(c.a.peer, &d));
    assert_int_equal(pipit_peer_set_local_description(c.a.peer, NULL), 0);
    check_description(pipit_peer_pending_local_description(c.a.peer, &d), &d,
                      PIPIT_DESCRIPTION_OFFER);
    assert_non_null(strstr(d.sdp, "a=candidate:"));
    assert_false(pipit_peer_current_local_description(c.a.peer, &d));
    assert_int_equal(carry(&c.a, &c.b), 0);
    check_description(pipit_peer_pending_remote_description(c.b.peer, &d), &d,
                      PIPIT_DESCRIPTION_OFFER);
    assert_false(pipit_peer_current_remote_description(c.b.peer, &d));
    assert_int_equal(pipit_peer_set_local_description(c.b.peer, NULL), 0);
    check_description(pipit_peer_current_local_description(c.b.peer, &d), &d,
                      PIPIT_DESCRIPTION_ANSWER);
    check_description(pipit_peer_current_remote_description(c.b.peer, &d), &d,
                      PIPIT_DESCRIPTION_OFFER);
    assert_false(pipit_peer_pending_remote_description(c.b.peer, &d));
    assert_int_equal(carry(&c.b, &c.a), 0);
    check_description(pipit_peer_current_remote_description(c.a.peer, &d), &d,
                      PIPIT_DESCRIPTION_ANSWER);
    check_description(pipit_peer_current_local_description(c.a.peer, &d), &d,
                      PIPIT_DESCRIPTION_OFFER);
    assert_int_equal(pipit_peer_set_local_description(c.b.peer, NULL), 0);
    check_description(pipit_peer_pending_local_description(c.b.peer, &d), &d,
                      PIPIT_DESCRIPTION_OFFER);
    check_description(pipit_peer_current_local_description(c.b.peer, &d), &d,
                      PIPIT_DESCRIPTION_ANSWER);
    end_couple(&c);
}

static void codecs_are_preferred_and_left_out(void **state)
{
    couple c;
    pipit_transceiver *first;
    char *offer;

    (void)state;
    begin_couple(&c, 10);
    first = add_tone(&c.a, 440);
    assert_int_equal(pipit_transceiver_set_codec_preferences(first, "PCMA,nonsense"),
                     PIPIT_ERR_MEDIA);
    assert_int_equal(pipit_transceiver_set_codec_preferences(first, "PCMA,PCMU"), 0);
    negotiate(&c.a, &c.b);
    offer = copy_local(&c.a);
    assert_non_null(strstr(offer, "SAVPF 8 0 13 126\r\n"));
    free(offer);
    assert_int_equal(pipit_transceiver_set_codec_preferences(first, "PCMU"), 0);
    negotiate(&c.a, &c.b);
    offer = copy_local(&c.a);
    assert_non_null(strstr(offer, "SAVPF 0 13 126\r\n"));
    free(offer);
    advance(&c, 2000);
    assert_true(c.b.heard[0] > 16000);
    end_couple(&c);
}

static void an_answer_of_another_shape_is_refused(void **state)
{
    couple c;
    char *offer, *answer, *cut;

    (void)state;
    begin_couple(&c, 11);
    add_tone(&c.a, 440);
    pipit_peer_add_transceiver(c.a.peer, PIPIT_MEDIA_AUDIO, NULL, NULL);
    assert_int_equal(pipit_peer_set_local_description(c.a.peer, NULL), 0);
    offer = copy_local(&c.a);
    assert_int_equal(take(&c.b, PIPIT_DESCRIPTION_OFFER, offer), 0);
    assert_int_equal(pipit_peer_set_local_description(c.b.peer, NULL), 0);
    answer = copy_local(&c.b);
    cut = strdup(answer);
    strstr(strstr(cut, "m=audio") + 1, "m=audio")[0] = '\0';
    assert_int_equal(take(&c.a, PIPIT_DESCRIPTION_ANSWER, cut), PIPIT_ERR_MEDIA);
    assert_int_equal(pipit_peer_signaling_state(c.a.peer), PIPIT_SIGNALING_HAVE_LOCAL_OFFER);
    assert_int_equal(take(&c.a, PIPIT_DESCRIPTION_ANSWER, answer), 0);
    free(offer);
    free(answer);
    free(cut);
    end_couple(&c);
}

/* What there is no engine for is refused, in its place. */
static void sections_of_other_kinds_keep_their_places(void **state)
{
    couple c;
    char *offer, *answer, *mixed;
    size_t head;

    (void)state;
    begin_couple(&c, 12);
    add_tone(&c.a, 440);
    assert_int_equal(pipit_peer_set_local_description(c.a.peer, NULL), 0);
    offer = copy_local(&c.a);
    head = (size_t)(strstr(offer, "m=audio") - offer);
    mixed = calloc(1, strlen(offer) + 256);
    snprintf(mixed, strlen(offer) + 256, "%.*sm=text 9 RTP/AVP 98\r\na=mid:words\r\n%s", (int)head,
             offer, offer + head);
    assert_int_equal(take(&c.b, PIPIT_DESCRIPTION_OFFER, mixed), 0);
    assert_int_equal(pipit_peer_set_local_description(c.b.peer, NULL), 0);
    answer = copy_local(&c.b);
    assert_non_null(strstr(answer, "m=text 0 RTP/AVP 98\r\n"));
    assert_true(strstr(answer, "m=text") < strstr(answer, "m=audio"));
    assert_non_null(strstr(answer, "a=mid:words\r\n"));
    assert_string_equal(pipit_transceiver_mid(pipit_peer_transceiver(c.b.peer, 0)), "0");
    free(offer);
    free(answer);
    free(mixed);
    end_couple(&c);
}

static void ice_is_restarted(void **state)
{
    couple c;
    char *before, *after;

    (void)state;
    begin_couple(&c, 13);
    add_tone(&c.a, 440);
    negotiate(&c.a, &c.b);
    advance(&c, 2000);
    before = copy_local(&c.a);
    c.a.negotiations = 0;
    assert_int_equal(pipit_peer_restart_ice(c.a.peer), 0);
    advance(&c, 10);
    assert_int_equal(c.a.negotiations, 1);
    negotiate(&c.a, &c.b);
    after = copy_local(&c.a);
    assert_memory_not_equal(strstr(before, "a=ice-ufrag:"), strstr(after, "a=ice-ufrag:"), 20);
    c.b.heard[0] = 0;
    advance(&c, 2000);
    assert_true(c.b.heard[0] > 28000);
    assert_int_equal(c.a.negotiations, 1);
    free(before);
    free(after);
    end_couple(&c);
}

static void cut_candidates(char *sdp)
{
    char *line;

    while ((line = strstr(sdp, "a=candidate:")) || (line = strstr(sdp, "a=end-of-candidates")))
        memmove(line, strstr(line, "\r\n") + 2, strlen(strstr(line, "\r\n") + 2) + 1);
}

static void carry_bare(end *from, end *to, pipit_description_type type)
{
    char *sdp = copy_local(from);

    cut_candidates(sdp);
    assert_int_equal(take(to, type, sdp), 0);
    free(sdp);
}

static int give(end *to, const char *candidate, const char *mid, const char *ufrag)
{
    return pipit_peer_add_ice_candidate(to->peer, &(pipit_ice_candidate){candidate, mid, 0, ufrag});
}

static void candidates_follow_their_description(void **state)
{
    const pipit_peer_configuration own = {.own_socket = true};
    char other[64];
    couple c;

    (void)state;
    begin_couple_with(&c, 15, &own);
    add_tone(&c.a, 440);
    assert_int_equal(give(&c.b, "candidate:1 1 udp 1 192.0.2.7 5 typ host", "0", NULL),
                     PIPIT_ERR_STATE);
    assert_int_equal(pipit_peer_set_local_description(c.a.peer, NULL), 0);
    carry_bare(&c.a, &c.b, PIPIT_DESCRIPTION_OFFER);
    advance(&c, 1);
    assert_true(c.a.candidate_count == 1 && c.a.candidates_over);
    /* Before the answer: the description keeps it. */
    assert_int_equal(give(&c.b, c.a.candidates[0], "0", NULL), 0);
    assert_int_equal(pipit_peer_set_local_description(c.b.peer, NULL), 0);
    carry_bare(&c.b, &c.a, PIPIT_DESCRIPTION_ANSWER);
    advance(&c, 1);
    assert_true(c.b.candidate_count == 1 && c.b.candidates_over);
    assert_int_equal(give(&c.a, "candidate:nonsense", "0", NULL), PIPIT_ERR_SYNTAX);
    assert_int_equal(give(&c.a, "a=mid:0", "0", NULL), PIPIT_ERR_SYNTAX);
    assert_int_equal(give(&c.a, "candidate:1 1 udp 1 192.0.2.7 5 typ host\r\na=x", "0", NULL),
                     PIPIT_ERR_SYNTAX);
    assert_int_equal(give(&c.a, c.b.candidates[0], "another", NULL), PIPIT_ERR_ARGUMENT);
    assert_int_equal(give(&c.a, c.b.candidates[0], "0", "wrongone"), PIPIT_ERR_STATE);
    assert_int_equal(
        give(&c.a, "candidate:1 1 tcp 1 192.0.2.7 9 typ host tcptype active", "0", NULL), 0);
    assert_int_equal(give(&c.a, c.b.candidates[0], NULL, NULL), 0);
    assert_int_equal(pipit_peer_add_ice_candidate(c.a.peer, NULL), 0);
    advance(&c, 2000);
    assert_int_equal(pipit_peer_connection_state(c.a.peer), PIPIT_CONNECTION_CONNECTED);
    assert_true(c.b.heard[0] > 8000);
    for (unsigned i = 0; i < 100; i++) /* the same is one */
        assert_int_equal(give(&c.a, "candidate:1 1 udp 1 192.0.2.7 5 typ host", "0", NULL), 0);
    for (unsigned i = 0; i < 100; i++) { /* bounded */
        snprintf(other, sizeof(other), "candidate:1 1 udp 1 192.0.2.7 %u typ host", 10 + i);
        (void)give(&c.a, other, "0", NULL);
    }
    assert_int_equal(give(&c.a, "candidate:1 1 udp 1 192.0.2.7 6 typ host", "0", NULL),
                     PIPIT_ERR_LIMIT);
    end_couple(&c);
}

static void a_bundle_is_all_or_nothing_where_that_is_asked_for(void **state)
{
    const pipit_peer_configuration configuration = {.bundle_policy = PIPIT_BUNDLE_MAX_BUNDLE};
    couple c;
    char *offer;

    (void)state;
    begin_couple_with(&c, 16, &configuration);
    add_tone(&c.a, 440);
    pipit_peer_add_transceiver(c.a.peer, PIPIT_MEDIA_AUDIO, NULL, NULL);
    negotiate(&c.a, &c.b);
    offer = copy_local(&c.a);
    assert_int_equal(count_of(offer, "m=audio 0 "), 1);
    assert_int_equal(count_of(offer, "a=bundle-only\r\n"), 1);
    free(offer);
    assert_int_equal(pipit_transceiver_current_direction(pipit_peer_transceiver(c.a.peer, 1)),
                     PIPIT_DIRECTION_SENDONLY);
    negotiate(&c.a, &c.b); /* what is bundled already has the transport's port */
    offer = copy_local(&c.a);
    assert_int_equal(count_of(offer, "m=audio 0 "), 0);
    free(offer);
    end_couple(&c);
}

static void only_those_who_listen_are_told(void **state)
{
    static const pipit_peer_handlers none;
    couple c;

    (void)state;
    begin_couple(&c, 14);
    assert_int_equal(pipit_peer_add_handlers(c.a.peer, &none, &c), 0);
    assert_int_equal(pipit_peer_remove_handlers(c.a.peer, &none, NULL), PIPIT_ERR_NOT_FOUND);
    assert_int_equal(pipit_peer_remove_handlers(c.a.peer, &none, &c), 0);
    assert_int_equal(pipit_peer_remove_handlers(c.a.peer, &none, &c), PIPIT_ERR_NOT_FOUND);
    end_couple(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_connections_hear_each_other),
        cmocka_unit_test(two_sections_share_a_transport_and_are_told_apart),
        cmocka_unit_test(a_track_that_comes_later_is_negotiated),
        cmocka_unit_test(a_stopped_section_is_refused_and_its_place_used_again),
        cmocka_unit_test(an_offer_is_taken_back),
        cmocka_unit_test(offers_that_cross_come_to_one),
        cmocka_unit_test(a_crossed_offer_with_more_to_say_is_made_again),
        cmocka_unit_test(descriptions_fit_the_state_or_are_refused),
        cmocka_unit_test(descriptions_are_pending_before_they_are_current),
        cmocka_unit_test(codecs_are_preferred_and_left_out),
        cmocka_unit_test(an_answer_of_another_shape_is_refused),
        cmocka_unit_test(sections_of_other_kinds_keep_their_places),
        cmocka_unit_test(ice_is_restarted),
        cmocka_unit_test(candidates_follow_their_description),
        cmocka_unit_test(a_bundle_is_all_or_nothing_where_that_is_asked_for),
        cmocka_unit_test(only_those_who_listen_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
