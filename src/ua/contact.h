/* contact.h - where we can be reached: the Contact URI, and the GRUUs a registrar gave (RFC 5627). */
#ifndef PP_UA_CONTACT_H
#define PP_UA_CONTACT_H

#include "base/buf.h"
#include "sip/uri.h"

typedef struct pp_contact {
    char *uri;                  /* as configured or made up */
    char *pub_gruu, *temp_gruu; /* NULL until a registrar gave them */
    char *anonymous;            /* at the same address; NULL while that is a made-up name */
    char *
        left; /* one that was registered and is not ours any more; NULL: none. Behind our own in a REGISTER,
                                   for registrars that do not know that it is the same instance */
    struct pp_told *told; /* the last one; NULL when it would be another now */
    bool bound;           /* `uri` is registered */
} pp_contact;

typedef struct pp_contact_form {
    bool anonymous; /* tell nothing of the account */
    bool outbound;  /* dialog-forming: ";ob" (RFC 5626 section 4.3), needless with a GRUU */
} pp_contact_form;

/* A Contact as it was told to somebody; all who were told the same share it. */
typedef struct pp_told {
    unsigned references;
    pp_contact_form form;
    char text[];
} pp_told;

int pp_contact_init(pp_contact *contact, const char *uri);
void pp_contact_free(pp_contact *contact);
/* At that address from now on, with the user part of `made`, the URI as configured; "": `made` itself. */
int pp_contact_place(pp_contact *contact, const char *made, const char *address,
                     const char *transport);
/* A REGISTER with it was taken. */
void pp_contact_bound(pp_contact *contact);
/* The URI others use to reach us. */
const char *pp_contact_uri(const pp_contact *contact);
/* Writes "<uri>". */
void pp_contact_write(const pp_contact *contact, pp_contact_form form, pp_buf *out);
/* The same, kept, and fit to be sent as it is; yours. */
int pp_contact_tell(pp_contact *contact, pp_contact_form form, pp_told **out);
void pp_told_unref(pp_told *told); /* NULL is fine */
/* Takes over the quoted or bare values of a registrar's Contact; anything but a SIP URI is left out. */
int pp_contact_set_gruus(pp_contact *contact, pp_str pub_gruu, pp_str temp_gruu);
/* Whether a Request-URI means us by one of the addresses we gave out. Proxies and registrars lower-case GRUUs,
 * so letter case does not matter here. */
bool pp_contact_means_us(const pp_contact *contact, const pp_uri *ruri);

#endif
