// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup.h"
#include "pin.h"

#define PATH	96

void cgroup_start(struct cgroup *cgroup)
{
	char path[PATH];

	strcpy(cgroup->root, "/tmp/cgroup.XXXXXX");
	assert_non_null(mkdtemp(cgroup->root));
	assert_int_equal(mount("cgroup2", cgroup->root, "cgroup2", 0, NULL), 0);
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", cgroup->root);
	assert_int_equal(write_file(path, "+memory"), 0);
	snprintf(path, sizeof(path), "%s/test", cgroup->root);
	assert_int_equal(mkdir(path, 0755), 0);
}

void cgroup_end(const struct cgroup *cgroup)
{
	char path[PATH];

	snprintf(path, sizeof(path), "%s/test", cgroup->root);
	AWAIT(!rmdir(path));
	assert_int_equal(umount(cgroup->root), 0);
	assert_int_equal(rmdir(cgroup->root), 0);
}

void cgroup_enter(const struct cgroup *cgroup, pid_t pid)
{
	assert_int_equal(cgroup_write(cgroup, "cgroup.procs", pid), 0);
}

void cgroup_leave(const struct cgroup *cgroup, pid_t pid)
{
	assert_int_equal(cgroup_write(cgroup, "../cgroup.procs", pid), 0);
}

int cgroup_write(const struct cgroup *cgroup, const char *name,
		 unsigned long value)
{
	char path[PATH], text[32];

	snprintf(path, sizeof(path), "%s/test/%s", cgroup->root, name);
	snprintf(text, sizeof(text), "%lu", value);
	return write_file(path, text);
}

/* What a line of a file that has a name and a number in each line says */
static unsigned long cgroup_line(const struct cgroup *cgroup, const char *in,
				 const char *name)
{
	char path[PATH], line[128];
	size_t len = strlen(name);
	bool found = false;
	unsigned long value;
	FILE *file;

	snprintf(path, sizeof(path), "%s/test/%s", cgroup->root, in);
	file = fopen(path, "r");
	assert_non_null(file);
	while (!found && fgets(line, sizeof(line), file))
		found = !strncmp(line, name, len) &&
			sscanf(line + len, " %lu", &value) == 1;
	fclose(file);
	assert_true(found);
	return value;
}

unsigned long cgroup_stat(const struct cgroup *cgroup, const char *name)
{
	return cgroup_line(cgroup, "memory.stat", name);
}

bool cgroup_frozen(const struct cgroup *cgroup)
{
	return cgroup_line(cgroup, "cgroup.events", "frozen");
}
