/* SPDX-License-Identifier: Apache-2.0
 * process.c - a process by id and start time: its state, signals to it.
 */
#include "real.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The letter and the start time of a stat file. The name in parentheses may
 * hold anything, so the last parenthesis counts. */
static bool read_stat(const char *path, char *ret_letter,
                      unsigned long long *ret_start)
{
    char text[1024];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *at = strrchr(text, ')');
    return at != NULL && sscanf(at + 1,
                                " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
                                " %*s %*s %*s %*s %*s %*s %*s %*s %llu",
                                ret_letter, ret_start) == 2;
}

bool real_process_self(struct real_process *ret_process)
{
    char letter;
    ret_process->pid = getpid();
    return read_stat("/proc/self/stat", &letter, &ret_process->start);
}

bool real_process_read(const char *file, struct real_process *ret_process)
{
    long pid;
    FILE *in = fopen(file, "re");
    if (in == NULL)
        return false;
    bool is_read = fscanf(in, "%ld %llu", &pid, &ret_process->start) == 2;
    fclose(in);
    ret_process->pid = (pid_t)pid;
    return is_read && pid > 1;
}

bool real_process_write(const char *file, const struct real_process *process)
{
    FILE *out = fopen(file, "we");
    if (out == NULL)
        return false;
    fprintf(out, "%ld %llu\n", (long)process->pid, process->start);
    return fclose(out) == 0;
}

/* A stop reaches the threads of a process one after the other, and after a
 * kill the first thread is a zombie while others still hold the sockets. */
static enum real_state state_of_threads(DIR *tasks, pid_t pid)
{
    unsigned n = 0, n_stopped = 0, n_dead = 0;
    struct dirent *entry;
    while ((entry = readdir(tasks)) != NULL) {
        char path[64], letter;
        unsigned long long start;
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%ld/task/%.20s/stat", (long)pid,
                 entry->d_name);
        if (!read_stat(path, &letter, &start))
            continue;
        n++;
        n_stopped += letter == 'T' || letter == 't';
        n_dead += letter == 'Z' || letter == 'X';
    }
    if (n == 0 || (n == 1 && n_dead == 1))
        return REAL_GONE;
    return n == n_stopped ? REAL_STOPPED : REAL_RUNNING;
}

enum real_state real_process_state(const struct real_process *process)
{
    char path[64], letter;
    unsigned long long start;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)process->pid);
    if (!read_stat(path, &letter, &start) || start != process->start)
        return REAL_GONE;
    snprintf(path, sizeof path, "/proc/%ld/task", (long)process->pid);
    DIR *tasks = opendir(path);
    if (tasks == NULL)
        return REAL_GONE;
    enum real_state state = state_of_threads(tasks, process->pid);
    closedir(tasks);
    return state;
}

static bool has_taken_effect(enum real_state state, int signal)
{
    if (signal == SIGKILL || signal == SIGTERM)
        return state == REAL_GONE;
    return signal == SIGSTOP ? state == REAL_STOPPED : state == REAL_RUNNING;
}

bool real_process_signal(const struct real_process *process, int signal,
                         int64_t limit_ms)
{
    int64_t until_ms = real_now_ms() + limit_ms;
    if (real_process_state(process) != REAL_GONE)
        kill(process->pid, signal);
    for (;;) {
        enum real_state state = real_process_state(process);
        if (has_taken_effect(state, signal))
            return true;
        if (state == REAL_GONE || real_now_ms() >= until_ms)
            return false;
        real_nap();
    }
}
