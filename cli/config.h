/* config.h - the configuration file: `key = value` lines, those before the first [section] for every account. */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include <stdbool.h>

/* Called for each line that counts for the account: those without a section, then those of the section `account` (NULL: none).
 * A value is valid during the call. Not 0 stops the reading. */
typedef int config_function(void *arg, const char *key, const char *value);

/* Reads `path`. `*found`: whether the section was there. A status; a sentence has been said when it is not STATUS_OK.
 * A file that is not there is as an empty one, unless `required`. */
int config_read(const char *path, bool required, const char *account, config_function *each,
                void *arg, bool *found);
/* $XDG_CONFIG_HOME/pipit/NAME or ~/.config/pipit/NAME; free(). NULL when there is no home. */
char *config_path(const char *name);

#endif
