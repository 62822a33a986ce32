/* SPDX-License-Identifier: GPL-2.0-only */
/* The subcommands; each takes its name as argv[0], and returns the exit status. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "start.h"

int command_run(int argc, char **argv, const struct start *start);
int command_trace(int argc, char **argv, const struct start *start);
int command_check(int argc, char **argv);

extern const char run_help[];
extern const char trace_help[];
extern const char check_help[];

#endif /* COMMANDS_H */
