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

unsigned long cgroup_stat(const struct cgroup *cgroup, const char *name)
{
	char path[PATH], line[128];
	size_t len = strlen(name);
	unsigned long bytes;
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "%s/test/memory.stat", cgroup->root);
	file = fopen(path, "r");
	assert_non_null(file);
	while (!found && fgets(line, sizeof(line), file))
		found = !strncmp(line, name, len) &&
			sscanf(line + len, " %lu", &bytes) == 1;
	fclose(file);
	assert_true(found);
	return bytes;
}
