/* SPDX-License-Identifier: Apache-2.0
 * file.c - scripts in files, with what was answered to them.
 */
#include "campaign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* No script is larger. */
#define LARGEST_FILE (4 * 1024 * 1024)

static int read_all(FILE *in, char **ret_text)
{
    struct parity_bytes text = {0};
    char bytes[4096];
    size_t n;

    while ((n = fread(bytes, 1, sizeof bytes, in)) > 0 &&
           text.length <= LARGEST_FILE)
        parity_bytes_add(&text, bytes, n);
    bool is_bad = ferror(in) || text.length > LARGEST_FILE ||
                  (text.length > 0 && memchr(text.at, '\0', text.length));
    parity_bytes_add(&text, "", 1);
    if (is_bad || text.is_short) {
        parity_bytes_free(&text);
        return is_bad ? -EINVAL : -ENOMEM;
    }
    *ret_text = (char *)text.at;
    return 0;
}

int parity_file_read(const char *path, struct parity_script *ret_script)
{
    FILE *in = fopen(path, "r");
    size_t line = 0;
    char *text;

    if (in == NULL) {
        int err = -errno;
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return err;
    }
    int err = read_all(in, &text);
    fclose(in);
    if (err == 0) {
        err = parity_script_parse(text, ret_script, &line);
        free(text);
    }
    if (err == -EINVAL)
        fprintf(stderr, "%s:%zu: this is no line of a script\n", path, line);
    else if (err != 0)
        fprintf(stderr, "%s: %s\n", path, strerror(-err));
    return err;
}

int parity_file_write(const char *dir, const char *name, const char *head,
                      const struct parity_job *job, char **ret_path)
{
    FILE *out;
    char *path;

    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return -errno;
    if (asprintf(&path, "%s/%s", dir, name) < 0)
        return -ENOMEM;
    out = fopen(path, "w");
    if (out == NULL) {
        int err = -errno;
        free(path);
        return err;
    }
    fputs(head, out);
    parity_script_print(job->script, out);
    fputs("#\n# The real server said:\n", out);
    parity_transcript_print(&job->real.transcript, "#   ", out);
    fputs("# The fake said:\n", out);
    parity_transcript_print(&job->fake.transcript, "#   ", out);
    bool is_written = !ferror(out);
    if (fclose(out) != 0 || !is_written) {
        free(path);
        return -EIO;
    }
    *ret_path = path;
    return 0;
}
