// SPDX-License-Identifier: GPL-2.0-only
/* Spawning: programs under filters that leave them not one syscall. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pinredir.h>

#include "pin.h"

/* Whose parent's memory the target would have */
static char secret[] = "spawn-test-secret";

static scmp_filter_ctx filter_for(const char *const *names)
{
	scmp_filter_ctx filter = seccomp_init(names ? SCMP_ACT_ALLOW :
						      SCMP_ACT_NOTIFY);

	assert_non_null(filter);
	for (; names && *names; names++)
		assert_int_equal(seccomp_rule_add(filter, SCMP_ACT_NOTIFY,
				 seccomp_syscall_resolve_name(*names), 0), 0);
	return filter;
}

static int allow(struct pinredir_call *call, void *data)
{
	(void)call;
	(void)data;
	return PINREDIR_ALLOW;
}

/* Spawn under @filter, which is released */
static int spawn_how(struct pinredir_child **child, scmp_filter_ctx filter,
		     struct pinredir_spawn *how)
{
	int err;

	how->size = sizeof(*how);
	err = pinredir_spawn(child, filter, how);
	seccomp_release(filter);
	return err;
}

static struct pinredir_child *spawn(scmp_filter_ctx filter, char **argv)
{
	struct pinredir_spawn how = { .argv = argv };
	struct pinredir_child *child;

	assert_int_equal(spawn_how(&child, filter, &how), 0);
	return child;
}

/* Supervise it to its end with everything allowed; as pinredir_child_wait() */
static int supervise_with(struct pinredir_child *child, int *status,
			  pinredir_handler handler, void *data)
{
	struct pinredir *ctx;
	struct pinredir_loop *loop;
	int err;

	assert_int_equal(pinredir_open(&ctx, pinredir_child_listener(child),
				       NULL), 0);
	assert_int_equal(pinredir_loop_new(&loop, ctx, NULL), 0);
	assert_int_equal(pinredir_loop_handle(loop, -1, handler, data), 0);
	assert_int_equal(pinredir_loop_run(loop), 0);
	pinredir_loop_free(loop);
	pinredir_close(ctx);
	err = pinredir_child_wait(child, status, 0);
	pinredir_child_free(child);
	return err;
}

static int supervise(struct pinredir_child *child)
{
	int status;

	assert_int_equal(supervise_with(child, &status, allow, NULL), 0);
	return status;
}

/* Not one syscall of these goes by itself, from their execve on. */
static void every_syscall_notifies(void **state)
{
	char *const *argv;
	static char *programs[][4] = {
		{ "true" },
		{ "false" },
		{ "sh", "-c", "exit 7" },
		{ "python3", "-c", "import os, threading\n"
		  "t = threading.Thread(target=os.getpid)\n"
		  "t.start()\nt.join()\nos._exit(9)" },
	};
	static const int statuses[] = { 0, 1, 7, 9 };
	unsigned int i;
	int status;

	(void)state;
	for (i = 0; i < 4; i++) {
		argv = programs[i];
		status = supervise(spawn(filter_for(NULL), (char **)argv));
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), statuses[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_syscall_notifies),
	};

	(void)secret;
	return run_group(tests);
}
