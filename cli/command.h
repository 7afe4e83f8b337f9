/* command.h - the commands of pipit: each reads what stands behind its name and returns the exit status. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

int command_call(int argc, char **argv);
int command_answer(int argc, char **argv);
int command_message(int argc, char **argv);
int command_options(int argc, char **argv);
int command_subscribe(int argc, char **argv);
int command_register(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_ladder(int argc, char **argv);
int command_devices(int argc, char **argv);

#endif
