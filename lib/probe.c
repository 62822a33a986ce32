// SPDX-License-Identifier: LGPL-2.1-or-later
/* Finding out what is in the way of pinning. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "private.h"
#include "spawn.h"

#define YAMA_SCOPE	"/proc/sys/kernel/yama/ptrace_scope"

/* A function of the series, and how /proc/misc names the device */
#define SERIES_SYMBOL	" vm_mmap_seal_remote"
#define MISC_NAME	" seccomp-pin"

#define PROBE_ARENA	(16U << 20)

static const char *const problems[] = {
	[PINREDIR_NO_PROBLEM] = "calls can be pinned",
	[PINREDIR_NO_SECCOMP] =
		"the kernel has no seccomp user notifications: it has to be built with CONFIG_SECCOMP_FILTER",
	[PINREDIR_NO_MEMFD] =
		"a sealed memfd cannot be made: the kernel has to be built with CONFIG_MEMFD_CREATE, or the container's seccomp profile has to let memfd_create through",
	[PINREDIR_NO_PATCH] =
		"the kernel lacks the enabling patch, without which there is no module for it: boot a kernel with the series in patches/",
	[PINREDIR_NO_DEVICE] =
		"the module is not loaded: modprobe seccomp_pin",
	[PINREDIR_NO_NODE] =
		"the module is loaded, but its device node is not here: give it to the container (--device /dev/seccomp-pin), or look for it under another name",
	[PINREDIR_NO_PERMISSION] =
		"this user may not open the device: join the group that its node belongs to; or it is on a file system that is mounted nodev",
	[PINREDIR_NO_DEVICE_CGROUP] =
		"the device is kept from this cgroup: let it into the container (--device /dev/seccomp-pin)",
	[PINREDIR_NOT_THE_DEVICE] =
		"the device node is not seccomp-pin's: remove it, and load the module anew",
	[PINREDIR_WRONG_ABI] =
		"the module is older than this library: install the module of the same version",
	[PINREDIR_FILTERED] =
		"a seccomp filter refuses what a supervisor needs: extend the container's seccomp profile",
	[PINREDIR_NESTED] =
		"this process is under a seccomp filter with a listener itself, and the kernel lets its children have no other: start it outside of that supervisor",
	[PINREDIR_NO_PTRACE] =
		"this process may not attach to its own children: kernel.yama.ptrace_scope has to be 0 or 1, or CAP_SYS_PTRACE be there for 2",
	[PINREDIR_OTHER_PROBLEM] =
		"calls cannot be pinned, for a reason that only the errno tells",
};

const char *pinredir_problem_string(int problem)
{
	if (problem < 0 ||
	    (size_t)problem >= sizeof(problems) / sizeof(*problems))
		return problems[PINREDIR_OTHER_PROBLEM];
	return problems[problem];
}

/* What a filter answers with that somebody else has installed */
static bool is_refusal(int err)
{
	return err == -EPERM || err == -EACCES || err == -ENOSYS;
}

static int refused_or(int err, int problem)
{
	return is_refusal(err) ? PINREDIR_FILTERED : problem;
}

static int probe_yama(void)
{
	int scope = -1;
	FILE *file = fopen(YAMA_SCOPE, "re");

	if (!file)
		return -1;
	if (fscanf(file, "%d", &scope) != 1)
		scope = -1;
	fclose(file);
	return scope;
}

static int probe_seccomp(struct pinredir_report *report)
{
	uint32_t action = SECCOMP_RET_USER_NOTIF;

	if (!syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action))
		return PINREDIR_NO_PROBLEM;
	report->error = -errno;
	return errno == EPERM || errno == EACCES ? PINREDIR_FILTERED :
						   PINREDIR_NO_SECCOMP;
}

static int probe_memfd(struct pinredir_report *report)
{
	int fd = memfd_create("pinredir-probe",
			      MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0) {
		close(fd);
		return PINREDIR_NO_PROBLEM;
	}
	report->error = -errno;
	return is_refusal(report->error) ? PINREDIR_NO_MEMFD :
					   PINREDIR_OTHER_PROBLEM;
}

/* Whether a line ends with this: 1, 0, or -1 if there is no such file to read */
static int file_has(const char *name, const char *what)
{
	FILE *file = fopen(name, "re");
	char *line = NULL, *at;
	int found = 0, lines = 0;
	size_t size = 0;

	if (!file)
		return -1;
	while (!found && getline(&line, &size, file) > 0) {
		lines++;
		at = strstr(line, what);
		found = at && strchr("\n\t", at[strlen(what)]);
	}
	free(line);
	fclose(file);
	return lines ? found : -1;
}

static int device_missing(void)
{
	if (file_has("/proc/misc", MISC_NAME) == 1)
		return PINREDIR_NO_NODE;
	/* It has the names of all functions, for everybody to read. */
	if (file_has("/proc/kallsyms", SERIES_SYMBOL) == 0)
		return PINREDIR_NO_PATCH;
	return PINREDIR_NO_DEVICE;
}

static int open_problem(int err)
{
	switch (err) {
	case -ENOENT:
	case -ENOTDIR:
	case -ENXIO:
	case -ENODEV:
		return device_missing();
	case -EACCES:
		return PINREDIR_NO_PERMISSION;
	case -EPERM:
		return PINREDIR_NO_DEVICE_CGROUP;
	default:
		return PINREDIR_OTHER_PROBLEM;
	}
}

static int probe_device(struct pinredir_report *report, const char *device)
{
	struct seccomp_pin_query query = { 0 };
	int err, fd = open(device, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		report->error = -errno;
		return open_problem(report->error);
	}
	err = pinredir_ioctl(fd, SECCOMP_PIN_QUERY, &query);
	close(fd);
	if (err) {
		report->error = err;
		return refused_or(err, PINREDIR_NOT_THE_DEVICE);
	}
	report->abi_version = query.abi_version;
	report->features = query.features;
	if (query.abi_version >= SECCOMP_PIN_ABI_VERSION)
		return PINREDIR_NO_PROBLEM;
	report->error = -EPROTO;
	return PINREDIR_WRONG_ABI;
}

/* In the child: the call that is asked about. The rest is let through. */
static void trial_call(void)
{
	syscall(SYS_faccessat, AT_FDCWD, "/", 0);
}

static int trial_spawn(struct pinredir_child **child)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_faccessat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct pinredir_spawn how = { .size = sizeof(how) };
	struct spawn_plan plan = {
		.prog = {
			.filter = insns,
			.len = sizeof(insns) / sizeof(*insns),
		},
		.no_new_privs = true,
		.how = &how,
		.run = trial_call,
	};

	return pinredir_spawn_plan(child, &plan);
}

/* A call, from its trap to its answer */
static int trial_pin(struct pinredir *ctx, struct pinredir_report *report)
{
	struct pinredir_call *call;
	const char *path;
	int err, problem = PINREDIR_NO_PROBLEM;

	err = pinredir_receive(ctx, &call, 0);
	if (err) {
		report->error = err;
		return refused_or(err, PINREDIR_OTHER_PROBLEM);
	}
	err = pinredir_get_string(call, 1, &path);
	if (!err)
		err = pinredir_allow(call);
	if (err) {
		pinredir_deny(call, EPERM);
		problem = err == -EACCES ? PINREDIR_NO_PTRACE :
					   PINREDIR_OTHER_PROBLEM;
	}
	report->error = err;
	pinredir_release(call);
	return problem;
}

static int probe_trial(struct pinredir_report *report, const char *device)
{
	/* This process is no supervisor yet, and its child has nothing. */
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = PINREDIR_STAY_DUMPABLE,
		.arena_size = PROBE_ARENA,
		.device = device,
	};
	struct pinredir_child *child;
	struct pinredir *ctx;
	int problem;

	report->error = trial_spawn(&child);
	if (report->error)
		return report->error == -EBUSY ? PINREDIR_NESTED :
		       refused_or(report->error, PINREDIR_OTHER_PROBLEM);
	report->error = pinredir_open(&ctx, pinredir_child_listener(child),
				      &options);
	if (report->error) {
		problem = refused_or(report->error, PINREDIR_OTHER_PROBLEM);
	} else {
		problem = trial_pin(ctx, report);
		pinredir_close(ctx);
	}
	pinredir_child_end(child);
	return problem;
}

static void probe(struct pinredir_report *report, const char *device)
{
	struct utsname name;

	report->yama_scope = probe_yama();
	if (!uname(&name))
		snprintf(report->kernel, sizeof(report->kernel), "%s",
			 name.release);
	if (!device)
		device = SECCOMP_PIN_DEVICE;
	report->problem = probe_seccomp(report);
	if (!report->problem)
		report->problem = probe_memfd(report);
	if (!report->problem)
		report->problem = probe_device(report, device);
	if (!report->problem)
		report->problem = probe_trial(report, device);
}

int pinredir_probe(struct pinredir_report *report, const char *device)
{
	struct pinredir_report known = { 0 };

	if (!report || report->size < SIZE_TO(typeof(known), kernel))
		return -EINVAL;
	known.size = report->size;
	probe(&known, device);
	pinredir_sized_out(report, report->size, &known, sizeof(known));
	return 0;
}
