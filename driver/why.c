/* SPDX-License-Identifier: Apache-2.0
 * why.c - the sentence about this thread's last failure, and all the names.
 */
#include "why.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char sentence[512];

int sg_why_set(int code, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(sentence, sizeof sentence, format, list);
    va_end(list);
    return code;
}

const char *sg_why(void)
{
    return sentence;
}

const char *sg_error_name(int error)
{
    static const char *const names[] = {
        "SG_OK",       "SG_EINVAL",     "SG_ENOMEM", "SG_EUNKNOWN",
        "SG_ENOTSUP",  "SG_EURL",       "SG_ENAME",  "SG_EMETADATA",
        "SG_ETOOBIG",  "SG_ENOTJOINED", "SG_EINUSE", "SG_EREPLACED",
        "SG_ETIMEOUT", "SG_EREFUSED",   "SG_EFORKED"};

    if (error == SG_PENDING)
        return "SG_PENDING";
    if (error > 0 || -error >= (int)(sizeof names / sizeof *names))
        return "(no such error)";
    return names[-error];
}

const char *sg_status_name(enum sg_status s)
{
    switch (s) {
    case SG_UP:
        return "UP";
    case SG_DOWN:
        return "DOWN";
    case SG_UNKNOWN:
        break;
    }
    return "UNKNOWN";
}

const char *sg_reason_name(enum sg_reason r)
{
    static const char *const names[] = {
        "-",       "NOT_A_MEMBER", "EXPIRED",      "REPLACED",
        "FORCED",  "TIMED_OUT",    "UNREACHABLE",  "CUT",
        "GARBAGE", "WRONG_ROLE",   "SERVER_ERROR", "LOST_DATA",
        "BUSY",    "NO_MEMORY"};

    return (unsigned)r < sizeof names / sizeof *names ? names[r]
                                                      : "(no such reason)";
}
