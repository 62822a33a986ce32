// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What /proc says about a target. It is true of the target if the call still waits
 * afterwards: until then, its number is nobody else's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private.h"
#include "proc.h"

static void parse_ids(const char *at, struct proc_status *status)
{
	uint32_t *ids;
	char *end;

	for (;; at = end) {
		unsigned long id = strtoul(at, &end, 10);

		if (end == at)
			return;
		ids = reallocarray(status->groups, status->count + 1,
				   sizeof(*ids));
		if (!ids) {
			status->error = -ENOMEM;
			return;
		}
		ids[status->count++] = id;
		status->groups = ids;
	}
}

static void parse_line(const char *line, struct proc_status *status)
{
	unsigned long long caps;

	/* Real, effective, saved, and that of the file system */
	if (sscanf(line, "Uid: %*u %*u %*u %u", &status->uid) == 1 ||
	    sscanf(line, "Gid: %*u %*u %*u %u", &status->gid) == 1 ||
	    sscanf(line, "Umask: %o", &status->umask) == 1)
		status->found++;
	else if (sscanf(line, "CapEff: %llx", &caps) == 1)
		status->caps = caps, status->found++;
	else if (!strncmp(line, "Groups:", 7))
		parse_ids(line + 7, status);
}

/* That /proc is not there, or hides the thread, is not that the target's file is missing. */
static int proc_error(void)
{
	return errno == ENOENT ? -ESRCH : -errno;
}

/* Uid, Gid, Umask and CapEff: all there, or nothing is known. */
#define FOUND_ALL	4

int pinredir_proc_status(const char *who, struct proc_status *status)
{
	char name[64], *line = NULL;
	size_t size = 0;
	FILE *file;

	memset(status, 0, sizeof(*status));
	snprintf(name, sizeof(name), "/proc/%s/status", who);
	file = fopen(name, "re");
	if (!file)
		return proc_error();
	while (getline(&line, &size, file) > 0)
		parse_line(line, status);
	if (!status->error && (ferror(file) || status->found != FOUND_ALL))
		status->error = -EIO;
	free(line);
	fclose(file);
	return status->error;
}

void pinredir_proc_status_free(struct proc_status *status)
{
	free(status->groups);
}

bool pinredir_proc_in_group(const struct proc_status *status, uint32_t group)
{
	size_t i;

	if (status->gid == group)
		return true;
	for (i = 0; i < status->count; i++)
		if (status->groups[i] == group)
			return true;
	return false;
}

int pinredir_proc_same_namespace(const char *who, const char *kind)
{
	struct stat theirs, ours;
	char name[64];

	snprintf(name, sizeof(name), "/proc/%s/ns/%s", who, kind);
	if (stat(name, &theirs))
		return proc_error();
	snprintf(name, sizeof(name), "/proc/" PROC_SELF "/ns/%s", kind);
	if (stat(name, &ours))
		return proc_error();
	return ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

int pinredir_proc_target(const struct pinredir_call *call, char who[PROC_WHO])
{
	int pid = pinredir_pid(call);

	if (!pid)
		return -ESRCH;
	snprintf(who, PROC_WHO, "%d", pid);
	return 0;
}
