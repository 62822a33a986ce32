// SPDX-License-Identifier: GPL-2.0-only
/* A target that does what it is told, and a context that remembers verdicts. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scene.h"

const char *const traps[] = {
	"openat2", "faccessat2", "socket", NULL
};

const char *const trap_prctl[] = { "prctl", NULL };
const char *const trap_clone[] = { "clone", NULL };
const char *const trap_writev[] = { "writev", NULL };
const char *const trap_read[] = { "read", NULL };

static const struct seccomp_pin_rule all_rules[] = {
	{ SYS_openat2, 1, SECCOMP_PIN_STRING, PAGE, 0 },
	{ SYS_openat2, 2, SECCOMP_PIN_BYTES_ARG, 64, 3 },
	{ SYS_faccessat2, 1, SECCOMP_PIN_STRING, PAGE, 0 },
	{ SYS_prctl, 1, SECCOMP_PIN_STRING, 64, 0 },
	{ SYS_writev, 1, SECCOMP_PIN_BYTES, 16, 16 },
};

void set_rules(struct scene *s)
{
	struct seccomp_pin_rules rules = {
		.rules = (uintptr_t)all_rules,
		.count = sizeof(all_rules) / sizeof(*all_rules),
	};

	assert_int_equal(pin_ioctl(s->pin.fd, SECCOMP_PIN_RULES, &rules), 0);
}

void scene_attach(struct scene *s, unsigned int verdicts,
			 unsigned int completions)
{
	struct seccomp_pin_attach attach = pin_attach_default();

	attach.verdicts = verdicts;
	attach.completions = completions;
	pin_open_with(&s->pin, s->target.listener, TEST_ARENA, &attach);
	set_rules(s);
}

void scene_start(struct scene *s, target_filter outer,
			const char *const *which)
{
	board_make();
	assert_int_equal(target_start(&s->target, outer, which, run_orders,
				      NULL), 0);
	scene_attach(s, NR_VERDICTS, 16);
}

struct scene scene(void)
{
	struct scene s;

	scene_start(&s, NULL, traps);
	return s;
}

void scene_end(struct scene *s)
{
	assert_int_equal(kill(s->target.pid, SIGKILL), 0);
	assert_int_equal(target_wait(&s->target), 128 + SIGKILL);
	AWAIT(pin_query(&s->pin).calls == 0);
	pin_close(&s->pin);
}

bool waits(struct scene *s)
{
	struct pollfd pollfd = { .fd = s->pin.listener, .events = POLLIN };

	return poll(&pollfd, 1, 0) == 1 && pollfd.revents & POLLIN;
}

void no_more_notifications(struct scene *s)
{
	struct seccomp_pin_receive r = { .flags = SECCOMP_PIN_NONBLOCK };

	assert_int_equal(pin_ioctl(s->pin.fd, SECCOMP_PIN_RECEIVE, &r),
			 -EAGAIN);
}

void asked(struct scene *s)
{
	uint64_t hits = pin_query(&s->pin).hits;

	order(CALL);
	AWAIT(is_done() || waits(s));
	assert_false(is_done());
	pin_receive(&s->pin, &s->r);
	assert_int_equal(s->r.data.nr, board->nr);
	assert_memory_equal(s->r.data.args, board->args, sizeof(board->args));
	assert_int_equal(pin_query(&s->pin).hits, hits);
}

long served_how(struct scene *s, enum what what)
{
	uint64_t hits = pin_query(&s->pin).hits;

	order(what);
	AWAIT(is_done() || waits(s));
	assert_true(is_done());
	assert_int_equal(pin_query(&s->pin).hits, hits + 1);
	assert_int_equal(pin_query(&s->pin).slots, 0);
	no_more_notifications(s);
	return finished();
}

long served(struct scene *s)
{
	return served_how(s, CALL);
}

struct seccomp_pin_redirect pinned(const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_redirect answer = { .id = r->id };
	unsigned int i;

	for (i = 0; i < 6; i++) {
		if (!r->copies[i].kind || r->copies[i].error)
			continue;
		answer.args_mask |= 1 << i;
		answer.args[i] = r->slot_offset + r->copies[i].offset;
		answer.ptr_len[i] = r->copies[i].len;
		if (r->copies[i].kind == SECCOMP_PIN_STRING)
			answer.str_mask |= 1 << i;
	}
	answer.ptr_mask = answer.args_mask;
	answer.arena_mask = answer.args_mask;
	return answer;
}

struct seccomp_pin_redirect remembered(const struct seccomp_pin_receive *r, uint64_t cookie)
{
	struct seccomp_pin_redirect answer = pinned(r);

	answer.flags = SECCOMP_PIN_REMEMBER;
	answer.cookie = cookie;
	return answer;
}

struct seccomp_pin_redirect denied(const struct seccomp_pin_receive *r, uint32_t error)
{
	return (struct seccomp_pin_redirect){
		.id = r->id,
		.flags = SECCOMP_PIN_DENY | SECCOMP_PIN_REMEMBER,
		.error = error,
	};
}

void answer(struct scene *s, struct seccomp_pin_redirect redirect)
{
	assert_int_equal(pin_redirect(&s->pin, &redirect), 0);
}

void asked_allow(struct scene *s, uint64_t cookie)
{
	asked(s);
	answer(s, remembered(&s->r, cookie));
	assert_true(finished() >= 0);
}

void asked_deny(struct scene *s, int error)
{
	asked(s);
	answer(s, denied(&s->r, error));
	assert_int_equal(finished(), -error);
}

void asked_once(struct scene *s)
{
	asked(s);
	assert_int_equal(pin_deny(&s->pin, s->r.id, ENOTNAM), 0);
	assert_int_equal(finished(), -ENOTNAM);
}

int drop(struct scene *s, uint64_t cookie, uint32_t flags)
{
	struct seccomp_pin_drop request = { .cookie = cookie, .flags = flags };

	return pin_ioctl(s->pin.fd, SECCOMP_PIN_DROP, &request);
}

bool receive_soon(struct scene *s)
{
	struct pollfd pollfd = { .fd = s->pin.listener, .events = POLLIN };

	if (poll(&pollfd, 1, 100) != 1 || !(pollfd.revents & POLLIN))
		return false;
	memset(&s->r, 0, sizeof(s->r));
	s->r.flags = SECCOMP_PIN_NONBLOCK;
	return !pin_ioctl(s->pin.fd, SECCOMP_PIN_RECEIVE, &s->r);
}

int scene_stop(struct scene *s)
{
	int status;

	board->stop = 1;
	while (waitpid(s->target.pid, &status, WNOHANG) != s->target.pid)
		if (receive_soon(s))
			pin_deny(&s->pin, s->r.id, EPERM);
	pin_close(&s->pin);
	close(s->target.listener);
	return status;
}

void asked_for_all(struct scene *s, int error)
{
	struct seccomp_pin_redirect redirect;

	asked(s);
	redirect = denied(&s->r, error);
	redirect.flags |= SECCOMP_PIN_FOR_ALL;
	answer(s, redirect);
	assert_int_equal(finished(), -error);
}

int scene_main(int argc, char **argv)
{
	if (argc == 3)
		_exit(run_executed(argv));
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	return board_files();
}
