/* parameters.h - text parameters of a user agent, from its configuration or changed at run time: checked and copied alike.
 * NULL and "" are the default. What a secret is stands in no error message. */
#ifndef PP_UA_PARAMETERS_H
#define PP_UA_PARAMETERS_H

#include "ua/configuration.h"

/* PIPIT_ERR_CONFIGURATION with a sentence; `value` NULL: it is missing. */
int pp_parameter_wrong(const char *parameter, const char *value, const char *what);

/* Each gives NULL for the default. */
int pp_parameter_line(const char *parameter, const char *value, char **out);
int pp_parameter_secret(const char *parameter, const char *value, char **out);
int pp_parameter_secret_line(const char *parameter, const char *value, char **out);
int pp_parameter_ha1(const char *parameter, const char *value, char **out);
int pp_parameter_ha1_sha256(const char *parameter, const char *value, char **out);

/* The user to authenticate as when none is named: that of the account. */
int pp_settings_default_user(const pp_settings *settings, char **out);
/* A hash is of one realm only, so that must be known. */
int pp_settings_check_realm(const pp_settings *settings);

#endif
