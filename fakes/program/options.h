/* SPDX-License-Identifier: Apache-2.0
 * options.h - what the command line of build/fakes says.
 */
#ifndef PROGRAM_OPTIONS_H
#define PROGRAM_OPTIONS_H

#include "program.h"

#include <sys/types.h>

struct program_options {
    struct program_plan plan;
    bool is_help;
    bool is_control_stdin;
    int control_port;  /* 0: a free one                                   */
    const char *trace; /* a file, "-", or NULL                            */
    const char *ready; /* a file, or NULL                                 */
    pid_t owner;       /* ends with it; 0: with nobody                    */
};

/* False: in `ret_why` a sentence. */
bool program_options_read(int argc, char **argv,
                          struct program_options *ret_options, char *ret_why,
                          size_t size);
void program_print_help(FILE *out);

#endif
