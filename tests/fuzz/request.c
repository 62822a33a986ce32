// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random and nearly valid requests. Each is first made as it could be by a
 * supervisor, from what is known of the calls that wait, and then perhaps
 * spoilt: its bytes, its size, its number, its address, the fd.
 *
 * Two things are kept in order, or nothing could be said of the bytes that
 * calls run on: who has received a call is the only one to answer it until it
 * is made known to the others, and those never fetch into the first half of a
 * slot, or of the first one of a larger slot.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

/* Newer than the headers of Debian 12 */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS	SECCOMP_IOW(4, __u64)
#endif

/* Room for a structure of the future */
#define REQUEST_SIZE	512

union request {
	struct seccomp_pin_query query;
	struct seccomp_pin_attach attach;
	struct seccomp_pin_rules rules;
	struct seccomp_pin_receive receive;
	struct seccomp_pin_fetch fetch;
	struct seccomp_pin_release release;
	struct seccomp_pin_install install;
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_next next;
	struct seccomp_pin_drop drop;
	struct seccomp_pin_alloc alloc;
	struct seccomp_notif notif;
	struct seccomp_notif_resp resp;
	struct seccomp_notif_addfd addfd;
	unsigned char bytes[REQUEST_SIZE];
};

int null_fd;

const struct seccomp_pin_rule fuzz_rule = {
	SYS_write, 1, SECCOMP_PIN_BYTES_ARG, 64, 2
};

enum {
	QUERY, ATTACH, RULES, RECEIVE, ADOPT, FETCH, RELEASE, INSTALL, REDIRECT,
	NEXT, DROP, ALLOC, UNKNOWN, READ, WRITE, POLL, MMAP, NOTIF_RECV,
	NOTIF_SEND, NOTIF_ID_VALID, NOTIF_SET_FLAGS, NOTIF_ADDFD, NOTIF_POLL,
	NOTIF_UNKNOWN, KINDS
};

/*
 * What may come of each, and what must have come of it in the end: that it was
 * done (0, unless it never can be), and the errors that are documented for it,
 * as far as they can be provoked here. Those behind -1 may come as well. What
 * every request may answer is not in it: see common_errors.
 */
static const struct expected {
	const char *name;
	int errors[24];
} expected[KINDS] = {
	[QUERY] = { "query", { 0, EINVAL, EFAULT, ENOTTY } },
	[ATTACH] = { "attach", { 0, EINVAL, EBADF, EACCES, EPERM, EBUSY, E2BIG,
				 EFAULT } },
	[RULES] = { "rules", { 0, EINVAL, EFAULT, E2BIG, ENOTCONN } },
	[RECEIVE] = { "receive", { 0, EINVAL, EAGAIN, EFAULT, E2BIG, ENOTCONN,
				   -1, EBADF, ESRCH } },
	[ADOPT] = { "adopt", { 0, EINVAL, ENOENT, EINPROGRESS, -1, EAGAIN } },
	[FETCH] = { "fetch", { 0, EINVAL, EFAULT, ENAMETOOLONG, ENOENT,
			       ETIMEDOUT, EACCES, EOPNOTSUPP, E2BIG, ENOTCONN,
			       -1, EBUSY, EINPROGRESS, ENOBUFS, EAGAIN } },
	[RELEASE] = { "release", { 0, EINVAL, EFAULT, ENOENT, E2BIG,
				   ENOTCONN } },
	[INSTALL] = { "install", { 0, EINVAL, EFAULT, EEXIST, EPERM, ENOBUFS,
				   ENOMEM, ENOENT, EACCES, EOPNOTSUPP, E2BIG,
				   ENOTCONN, -1, ESRCH, ETIMEDOUT, EBUSY,
				   EINPROGRESS, EAGAIN } },
	[REDIRECT] = { "redirect", { 0, EINVAL, EFAULT, EACCES, EOPNOTSUPP,
				     ENOBUFS, ENOENT, E2BIG, ENOTCONN, -1,
				     EINPROGRESS, EAGAIN } },
	[NEXT] = { "next", { 0, EINVAL, EAGAIN, ENOENT, EFAULT, E2BIG,
			     ENOTCONN, -1, EACCES, EOPNOTSUPP, ENOBUFS,
			     EINPROGRESS, EBADF, ESRCH } },
	[DROP] = { "drop", { 0, EINVAL, EFAULT, ENOTCONN, -1, E2BIG } },
	[ALLOC] = { "alloc", { 0, EINVAL, EFAULT, ENOENT, EACCES, EBUSY, ENOBUFS,
			       EOPNOTSUPP, E2BIG, ENOTCONN, -1, ENOMEM, ESRCH,
			       ETIMEDOUT, EINPROGRESS, EAGAIN } },
	[UNKNOWN] = { "unknown", { ENOTTY } },
	[READ] = { "read", { 0, EINVAL, EAGAIN, EFAULT, ENOTCONN, -1,
			     EISDIR } },
	[WRITE] = { "write", { EINVAL, -1, EBADF } },
	[POLL] = { "poll", { 0 } },
	[MMAP] = { "mmap", { ENODEV } },
	[NOTIF_RECV] = { "listener's receive", { 0, EINVAL, EFAULT, -1,
						 ENOENT } },
	[NOTIF_SEND] = { "listener's send", { 0, ENOENT, EINVAL, EFAULT, -1,
					      EINPROGRESS } },
	[NOTIF_ID_VALID] = { "listener's id_valid", { 0, ENOENT, EFAULT } },
	[NOTIF_SET_FLAGS] = { "listener's set_flags", { 0, EINVAL } },
	[NOTIF_ADDFD] = { "listener's addfd", { 0, ENOENT, EINVAL, EBADF,
						EFAULT, E2BIG, -1, EMFILE,
						EINPROGRESS, EBUSY, ESRCH } },
	[NOTIF_POLL] = { "listener's poll", { 0 } },
	[NOTIF_UNKNOWN] = { "listener's unknown", { EINVAL, -1, ENOENT,
						    EBADF } },
};

/* ENOTTY (and above EISDIR, EBADF): the fd has become a directory's. */
static const int common_errors[] = {
	0, EINVAL, EFAULT, E2BIG, ENOTTY, ENOTCONN, EINTR
};

/* By errno */
static atomic_ulong results[KINDS][256];

/* Queries by which there were calls that a verdict had answered */
static atomic_ulong hits;

static int tally(unsigned int kind, int err)
{
	const struct expected *e = &expected[kind];

	HOLDS(err <= 0 && err > -256);
	if (!one_of(err, common_errors, 7) && !one_of(err, e->errors, 24))
		complain(__FILE__, __LINE__, e->name, err);
	results[kind][-err]++;
	return err;
}

/* The errors at the start of the list, with 0 at most in front */
static unsigned int needed(const struct expected *e)
{
	unsigned int n = 1;

	while (e->errors[n] > 0)
		n++;
	return n;
}

unsigned int fuzz_lacks(void)
{
	unsigned int kind, i, lacks = 0;

	for (kind = 0; kind < KINDS; kind++)
		for (i = 0; i < needed(&expected[kind]); i++)
			lacks += !results[kind][expected[kind].errors[i]];
	return lacks;
}

static const char *error_name(unsigned int error)
{
	return error ? strerrorname_np(error) : "done";
}

void fuzz_report(void)
{
	unsigned int kind, i;

	for (kind = 0; kind < KINDS; kind++) {
		const struct expected *e = &expected[kind];

		printf("# %s:", e->name);
		for (i = 0; i < 256; i++)
			if (results[kind][i])
				printf(" %s %lu", error_name(i),
				       results[kind][i]);
		for (i = 0; i < needed(e); i++)
			if (!results[kind][e->errors[i]])
				printf(" LACKS %s", error_name(e->errors[i]));
		printf("\n");
	}
	printf("# %lu queries told of calls answered by verdicts\n", hits);
}

int fuzz_attach(int fd, struct seccomp_pin_attach *attach)
{
	return tally(ATTACH, pin_ioctl(fd, SECCOMP_PIN_ATTACH, attach));
}

/*
 * Calls, and who knows them
 */
static void post(struct lane *lane, const struct seccomp_pin_receive *r,
		 const char *text)
{
	struct verdict *verdict;

	pthread_mutex_lock(&lane->known_lock);
	lane->over[lane->next_over] = r->id;
	lane->next_over = (lane->next_over + 1) % KNOWN;
	pthread_mutex_unlock(&lane->known_lock);
	if (r->data.nr != SYS_write || r->data.args[3] >= VERDICTS)
		return;
	verdict = &board->verdicts[r->data.args[3]];
	verdict->pinned = text;
	if (text)
		memcpy(verdict->text, text, TEXT);
	verdict->serial = r->data.args[4];
}

/* As often as it was received and adopted, by whomever */
static void let_go(struct lane *lane, const struct seccomp_pin_receive *r)
{
	int err;

	do {
		err = tally(RELEASE, pin_release(&lane->pin, r->id));
	} while (!err || err == -EINTR);
}

/* Answered by the listener, a call is still held by the device. */
static void listener_answered(struct lane *lane,
			      const struct seccomp_pin_receive *r)
{
	post(lane, r, NULL);
	let_go(lane, r);
}

static int listener_send(struct lane *lane, const struct seccomp_pin_receive *r,
			 void *resp)
{
	int err = tally(NOTIF_SEND, pin_ioctl(lane->pin.listener,
					      SECCOMP_IOCTL_NOTIF_SEND, resp));

	if (!err)
		listener_answered(lane, r);
	return err;
}

static int answer(struct lane *lane, const struct seccomp_pin_receive *r,
		  int error, unsigned int flags)
{
	struct seccomp_notif_resp resp = {
		.id = r->id,
		.error = error,
		.flags = flags,
	};

	return listener_send(lane, r, &resp);
}

static void forget(struct lane *lane, const struct seccomp_pin_receive *r)
{
	if (!r->id)
		return;
	let_go(lane, r);
	while (answer(lane, r, -EAGAIN, 0) == -EINTR)
		;
}

static void publish(struct lane *lane, const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_receive old;

	pthread_mutex_lock(&lane->known_lock);
	old = lane->known[lane->next];
	lane->known[lane->next] = *r;
	lane->next = (lane->next + 1) % KNOWN;
	pthread_mutex_unlock(&lane->known_lock);
	forget(lane, &old);
}

void forget_known(struct lane *lane)
{
	struct seccomp_pin_receive none = { 0 };
	unsigned int i;

	for (i = 0; i < KNOWN; i++)
		publish(lane, &none);
}

/* It turned out to be gone: there is no more to be had from it. */
static void stale(struct lane *lane, const struct seccomp_pin_receive *r)
{
	unsigned int i;

	pthread_mutex_lock(&lane->known_lock);
	for (i = 0; i < KNOWN; i++)
		if (lane->known[i].id == r->id)
			lane->known[i].id = 0;
	pthread_mutex_unlock(&lane->known_lock);
	forget(lane, r);
}

static struct seccomp_pin_receive known(struct fuzzer *f, struct lane *lane)
{
	struct seccomp_pin_receive r;

	pthread_mutex_lock(&lane->known_lock);
	r = lane->known[chance_below(&f->chance, KNOWN)];
	pthread_mutex_unlock(&lane->known_lock);
	return r;
}

/* A larger slot of a call that waits, if there is one to be had */
static bool have_larger(struct fuzzer *f, struct lane *lane,
			const struct seccomp_pin_receive *r,
			struct seccomp_pin_alloc *alloc)
{
	*alloc = (struct seccomp_pin_alloc){
		.id = r->id,
		.size = 1 + chance_below(&f->chance, lane->attach.window_size),
		.timeout = 1 + chance_below(&f->chance, 20),
	};
	return !tally(ALLOC, pin_ioctl(lane->pin.fd, SECCOMP_PIN_ALLOC, alloc));
}

/* In either slot, for its target to find, and for nobody else */
static void leave_mark(struct lane *lane, const struct seccomp_pin_receive *r,
		       uint64_t offset)
{
	struct mark *mark = (struct mark *)(lane->pin.arena + offset +
					    r->slot_size / 2) - 1;

	mark->tag = r->data.args[5];
	mark->magic = mark_magic();
}

/* The receiver writes into the slots: for its target to find, and for the call. */
static bool answer_alone(struct fuzzer *f, struct lane *lane,
			 const struct seccomp_pin_receive *r)
{
	uint64_t offset = r->slot_offset + r->copies[1].offset;
	struct seccomp_pin_redirect redirect = {
		.id = r->id,
		.args_mask = 2,
		.ptr_mask = 2,
		.arena_mask = 2,
		.args[1] = offset,
		.ptr_len[1] = TEXT,
	};
	char *text = (char *)lane->pin.arena + offset, *larger, seen[TEXT];
	struct seccomp_pin_alloc alloc;
	int err;

	if (r->data.nr != SYS_write || r->copies[1].error || !r->slot_size ||
	    r->copies[1].len != TEXT || r->copies[1].offset)
		return false;
	leave_mark(lane, r, r->slot_offset);
	if (chance_hit(&f->chance, 3) && have_larger(f, lane, r, &alloc)) {
		leave_mark(lane, r, alloc.offset);
		larger = (char *)lane->pin.arena + alloc.offset;
		memcpy(larger, text, TEXT);
		redirect.args[1] = alloc.offset;
		text = larger;
	}
	/* What a supervisor does: it looks, and then lets it run. */
	if (text[0] != 'A')
		return !answer(lane, r, -EPERM, 0);
	if (chance_hit(&f->chance, 3))
		return !answer(lane, r, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	if (chance_hit(&f->chance, 2))
		text[0] = 'S';
	memcpy(seen, text, TEXT);
	if (chance_hit(&f->chance, 2))
		redirect.flags = SECCOMP_PIN_COMPLETION;
	err = tally(REDIRECT, pin_redirect(&lane->pin, &redirect));
	if (!err)
		post(lane, r, seen);
	return !err || err == -ENOENT;
}

/* An open is not judged: it is denied, and so are those after it. */
static bool remember_alone(struct lane *lane,
			   const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_redirect redirect = {
		.id = r->id,
		.flags = SECCOMP_PIN_DENY | SECCOMP_PIN_REMEMBER |
			 SECCOMP_PIN_FOR_ALL,
		.error = EPERM,
		.any_mask = 0x3f,
	};
	unsigned int i;
	int err;

	if (r->data.nr != SYS_openat)
		return false;
	for (i = 0; i < 6; i++)
		if (r->copies[i].kind)
			redirect.any_mask &= ~(1 << i);
	err = tally(REDIRECT, pin_redirect(&lane->pin, &redirect));
	return !err || err == -ENOENT;
}

static void received(struct fuzzer *f, struct lane *lane,
		     const struct seccomp_pin_receive *r)
{
	if (chance_hit(&f->chance, 8) && remember_alone(lane, r))
		return;
	if (chance_hit(&f->chance, 3) || !answer_alone(f, lane, r))
		publish(lane, r);
}

/*
 * Making requests
 */
static uint64_t odd_number(struct fuzzer *f)
{
	static const uint64_t odd[] = {
		0, 1, 8, 4095, 4096, 8192, 65536, 1 << 20, INT32_MAX,
		UINT32_MAX, 1ULL << 47, (1ULL << 47) - 4096, -4096ULL, -1ULL,
	};

	return chance_hit(&f->chance, 2) ? chance_draw(&f->chance) :
					   odd[chance_below(&f->chance, 14)];
}

/* Somewhere in a slot, the arena, or anywhere; @address: as the target sees it */
static uint64_t some_place(struct fuzzer *f, struct lane *lane,
			   const struct seccomp_pin_receive *r, bool address)
{
	uint64_t in = chance_below(&f->chance, lane->attach.slot_size / 2) & ~7;

	/* Not in the half where a receiver's text is. */
	in += lane->attach.slot_size / 2;
	switch (chance_below(&f->chance, 8)) {
	case 0:
		return odd_number(f);
	case 1:
		return address ? r->data.args[1] :
				 chance_draw(&f->chance) % lane->pin.size;
	default:
		return in + (address ? r->slot_address : r->slot_offset);
	}
}

static int some_arena(struct fuzzer *f, int *other)
{
	unsigned int seals = chance_hit(&f->chance, 4) ? 0 : ARENA_SEALS;
	char path[64];
	int fd = memfd_create("other", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	*other = -1;
	HOLDS(fd >= 0 && !ftruncate(fd, 1 << 20));
	HOLDS(!fcntl(fd, F_ADD_SEALS, seals));
	if (chance_hit(&f->chance, 4)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		*other = fd;
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	return fd;
}

/* To a device of its own: it is done where a lane has lost its own context. */
static void request_attach(struct fuzzer *f, struct lane *lane)
{
	int fd = open(SECCOMP_PIN_DEVICE, O_RDWR | O_CLOEXEC), other;
	struct seccomp_pin_attach attach = pin_attach_default();
	unsigned long cmd = SECCOMP_PIN_ATTACH;
	union request request = { 0 };

	/* One of the threads is not of those who may. */
	if (fd < 0)
		return;
	attach.listener = lane->pin.listener;
	attach.arena = some_arena(f, &other);
	request.attach = attach;
	switch (chance_below(&f->chance, 8)) {
	case 0:
		request.attach.listener = -1;
		break;
	case 1:
		request.attach.listener = fd;
		break;
	case 2:
		request.attach.arena = -1;
		break;
	case 3:
		request.bytes[chance_below(&f->chance, sizeof(attach) - 8) +
			      8] ^= 1 << chance_below(&f->chance, 8);
		break;
	case 4:
		cmd = _IOW(SECCOMP_PIN_IOC, 1, union request);
		request.bytes[sizeof(attach)] = chance_below(&f->chance, 2);
		break;
	}
	tally(ATTACH, pin_ioctl(fd, cmd, chance_hit(&f->chance, 8) ? NULL :
								     &request));
	close(attach.arena);
	close(fd);
	if (other >= 0)
		close(other);
}

/* A good one for what is judged, one more, and two that may be anything */
static void make_rules(struct fuzzer *f, struct seccomp_pin_rules *set)
{
	static const unsigned int nrs[] = {
		SYS_write, SYS_openat, SYS_execve, SYS_poll, SYS_getppid
	};
	struct seccomp_pin_rule *rules = f->rules;
	unsigned int i;

	rules[0] = fuzz_rule;
	rules[1] = (struct seccomp_pin_rule){
		SYS_openat, 1, SECCOMP_PIN_STRING, 1024, 0
	};
	for (i = 2; i < 4; i++) {
		rules[i].nr = nrs[chance_below(&f->chance, 5)];
		rules[i].arg = chance_below(&f->chance, 7);
		rules[i].kind = chance_below(&f->chance, 6);
		rules[i].max = 1 + chance_below(&f->chance, 2000);
		rules[i].len = chance_below(&f->chance, 7);
	}
	set->rules = (uintptr_t)rules;
	set->count = 1 + chance_below(&f->chance, 4);
	if (chance_hit(&f->chance, 16))
		set->rules = odd_number(f);
	if (chance_hit(&f->chance, 16))
		set->count = odd_number(f);
}

static void make_fetch(struct fuzzer *f, struct lane *lane,
		       const struct seccomp_pin_receive *r,
		       struct seccomp_pin_fetch *fetch)
{
	uint32_t half = lane->attach.slot_size / 2;

	fetch->id = r->id + chance_hit(&f->chance, 8);
	fetch->kind = 1 + chance_below(&f->chance, 2);
	fetch->address = some_place(f, lane, r, true);
	fetch->len = 1 + chance_below(&f->chance, half);
	fetch->offset = half + chance_below(&f->chance, half + 1 - fetch->len);
	fetch->timeout = chance_hit(&f->chance, 2) ? 1 : 20;
	if (chance_hit(&f->chance, 4)) {
		fetch->address = r->data.args[chance_below(&f->chance, 2)];
		fetch->len = chance_hit(&f->chance, 2) ? 64 : 2;
		fetch->offset = half;
	}
	/* Of the larger slot, if it has one */
	if (chance_hit(&f->chance, 4))
		fetch->offset += lane->attach.slot_size;
}

/* Not where a receiver's text may be */
static uint32_t keep_off(const struct lane *lane, uint32_t offset)
{
	uint32_t size = lane->attach.slot_size;

	if (offset < size / 2 ||
	    (offset >= size && offset - size < size / 2))
		return offset + size / 2;
	return offset;
}

static void make_alloc(struct fuzzer *f, struct lane *lane,
		       const struct seccomp_pin_receive *r,
		       struct seccomp_pin_alloc *alloc)
{
	alloc->id = r->id + chance_hit(&f->chance, 8);
	alloc->size = 1 + chance_below(&f->chance, lane->attach.window_size);
	if (chance_hit(&f->chance, 8))
		alloc->size = odd_number(f);
	alloc->timeout = 1 + chance_below(&f->chance, 20);
}

static void make_install(struct fuzzer *f, struct lane *lane,
			 const struct seccomp_pin_receive *r,
			 struct seccomp_pin_install *install)
{
	uint64_t addresses[] = {
		0, 0, 4096, r->slot_address, r->data.args[1] & -4096ULL,
		odd_number(f) & ((1ULL << 46) - 4096), 1ULL << 47,
		odd_number(f),
	};

	install->id = r->id + chance_hit(&f->chance, 8);
	install->address = addresses[chance_below(&f->chance, 8)];
	install->length = 4096 * (1 + chance_below(&f->chance, 4));
	if (chance_hit(&f->chance, 8))
		install->length = odd_number(f) & -4096ULL;
	if (chance_hit(&f->chance, 8))
		install->length = lane->attach.window_size * 2ULL;
	install->timeout = 1 + chance_below(&f->chance, 20);
}

static void make_remember(struct fuzzer *f,
			  struct seccomp_pin_redirect *redirect)
{
	redirect->flags |= SECCOMP_PIN_REMEMBER;
	redirect->cookie = chance_below(&f->chance, 4);
	if (chance_hit(&f->chance, 2))
		redirect->flags |= SECCOMP_PIN_FOR_ALL;
	if (chance_hit(&f->chance, 2))
		redirect->any_mask = chance_below(&f->chance, 64);
}

static void make_redirect(struct fuzzer *f, struct lane *lane,
			  const struct seccomp_pin_receive *r,
			  struct seccomp_pin_redirect *redirect)
{
	unsigned int i;

	redirect->id = r->id;
	if (chance_hit(&f->chance, 4)) {
		redirect->flags = SECCOMP_PIN_COPIED |
				  chance_below(&f->chance, 2);
		return;
	}
	if (chance_hit(&f->chance, 3))
		make_remember(f, redirect);
	if (chance_hit(&f->chance, 4)) {
		redirect->flags |= SECCOMP_PIN_DENY;
		redirect->error = EPERM;
		return;
	}
	redirect->flags |= chance_below(&f->chance, 2);
	redirect->args_mask = chance_below(&f->chance, 64);
	redirect->ptr_mask = redirect->args_mask &
			     chance_below(&f->chance, 64) &
			     chance_below(&f->chance, 64);
	redirect->arena_mask = redirect->ptr_mask & chance_below(&f->chance, 64);
	redirect->str_mask = redirect->ptr_mask & chance_below(&f->chance, 64) &
			     chance_below(&f->chance, 64);
	for (i = 0; i < 6; i++) {
		if (!(redirect->args_mask & 1 << i))
			continue;
		redirect->args[i] = some_place(f, lane, r,
			!(redirect->arena_mask & 1 << i));
		if (redirect->ptr_mask & 1 << i)
			redirect->ptr_len[i] = 1 + chance_below(&f->chance, 64);
	}
}

/*
 * After spoiling, too: what a call does is between its target and itself. It
 * writes to no other fd, makes no other kind of child and does not wait.
 */
static void keep_harmless(const struct seccomp_pin_receive *r,
			  struct seccomp_pin_redirect *redirect)
{
	uint8_t never = r->data.nr == SYS_clone ? 0x1f :
			r->data.nr == SYS_poll ? 6 : 1;
	unsigned int i;

	redirect->id = r->id;
	/* Those that are judged have numbers, and are each answered once. */
	if (r->data.nr == SYS_write)
		redirect->any_mask &= 7;
	redirect->args_mask &= ~never;
	redirect->ptr_mask &= ~never;
	redirect->arena_mask &= ~never;
	redirect->str_mask &= ~never;
	for (i = 0; i < 6; i++) {
		if (!(never & 1 << i))
			continue;
		redirect->args[i] = 0;
		redirect->ptr_len[i] = 0;
	}
}

/* Answers to calls that are known, or to one of them twice */
static void make_next(struct fuzzer *f, struct lane *lane,
		      struct seccomp_pin_next *next)
{
	unsigned int i, count = chance_below(&f->chance, ANSWERS + 1);

	memset(f->answers, 0, sizeof(f->answers));
	for (i = 0; i < count; i++) {
		f->answered[i] = known(f, lane);
		make_redirect(f, lane, &f->answered[i], &f->answers[i]);
		if (chance_hit(&f->chance, 8))
			((unsigned char *)&f->answers[i])
				[chance_below(&f->chance,
					      sizeof(*f->answers))] =
				chance_draw(&f->chance);
		keep_harmless(&f->answered[i], &f->answers[i]);
	}
	next->answers = (uintptr_t)f->answers;
	next->size = sizeof(*f->answers);
	if (count == 1 && chance_hit(&f->chance, 3))
		next->size = SECCOMP_PIN_SHORT;
	next->count = count;
	next->receive.flags = !chance_hit(&f->chance, 8);
}

/* What is no array of answers that keep_harmless() has seen is none at all. */
static void spoil_next(struct fuzzer *f, struct seccomp_pin_next *next)
{
	if (next->count > ANSWERS && next->count <= SECCOMP_PIN_MAX_ANSWERS)
		next->count = ANSWERS;
	if (next->answers != (uintptr_t)f->answers)
		next->answers = chance_hit(&f->chance, 2) ? 8 : -4096ULL;
	if (next->size != sizeof(*f->answers) && next->count > 1)
		next->count = 1;
	next->answered = 0;
}

/* As many as it says, whatever else came of it */
static void next_done(struct lane *lane, struct fuzzer *f,
		      const struct seccomp_pin_next *next, int err)
{
	unsigned int i;

	HOLDS(next->answered <= ANSWERS);
	for (i = 0; i < next->answered; i++)
		post(lane, &f->answered[i], NULL);
	if (!err && next->receive.flags & SECCOMP_PIN_ADOPT)
		tally(RELEASE, pin_release(&lane->pin, next->receive.id));
	else if (!err)
		received(f, lane, &next->receive);
	if (err == -ENOENT && i < next->count && i < ANSWERS)
		stale(lane, &f->answered[i]);
}

#define RECEIVE_REQUEST	2

static const struct {
	unsigned int kind;
	unsigned long cmd;
} requests[] = {
	{ QUERY, SECCOMP_PIN_QUERY },
	{ RULES, SECCOMP_PIN_RULES },
	[RECEIVE_REQUEST] = { RECEIVE, SECCOMP_PIN_RECEIVE },
	{ ADOPT, SECCOMP_PIN_RECEIVE },
	{ FETCH, SECCOMP_PIN_FETCH },
	{ RELEASE, SECCOMP_PIN_RELEASE },
	{ INSTALL, SECCOMP_PIN_INSTALL },
	{ REDIRECT, SECCOMP_PIN_REDIRECT },
	{ REDIRECT, SECCOMP_PIN_REDIRECT_SHORT },
	{ NEXT, SECCOMP_PIN_NEXT },
	{ DROP, SECCOMP_PIN_DROP },
	{ ALLOC, SECCOMP_PIN_ALLOC },
};

#define REQUESTS	(sizeof(requests) / sizeof(*requests))

static void make(struct fuzzer *f, struct lane *lane, unsigned int kind,
		 const struct seccomp_pin_receive *r, union request *request)
{
	switch (kind) {
	case RULES:
		make_rules(f, &request->rules);
		break;
	case RECEIVE:
		request->receive.flags = !chance_hit(&f->chance, 8);
		break;
	case ADOPT:
		request->receive.id = r->id + chance_hit(&f->chance, 8);
		request->receive.flags = SECCOMP_PIN_ADOPT;
		break;
	case FETCH:
		make_fetch(f, lane, r, &request->fetch);
		break;
	case RELEASE:
		request->release.id = r->id;
		break;
	case INSTALL:
		make_install(f, lane, r, &request->install);
		break;
	case ALLOC:
		make_alloc(f, lane, r, &request->alloc);
		break;
	case REDIRECT:
		make_redirect(f, lane, r, &request->redirect);
		break;
	case NEXT:
		make_next(f, lane, &request->next);
		break;
	case DROP:
		request->drop.cookie = chance_below(&f->chance, 4);
		if (chance_hit(&f->chance, 4))
			request->drop = (struct seccomp_pin_drop){
				.flags = SECCOMP_PIN_DROP_ALL,
			};
		break;
	}
}

/* Another byte, but what the above keeps in order */
static void spoil(struct fuzzer *f, struct lane *lane, unsigned int kind,
		  const struct seccomp_pin_receive *r, size_t size,
		  union request *request)
{
	request->bytes[chance_below(&f->chance, size)] =
		chance_draw(&f->chance);
	switch (kind) {
	case RELEASE:
		request->release.id = r->id;
		break;
	case FETCH:
		request->fetch.offset = keep_off(lane, request->fetch.offset);
		/* Longer ones are waited for elsewhere. */
		request->fetch.timeout &= 0x800000ff;
		break;
	case INSTALL:
		request->install.timeout &= 0x800000ff;
		break;
	case ALLOC:
		request->alloc.timeout &= 0x800000ff;
		break;
	}
}

static void done(struct fuzzer *f, struct lane *lane, unsigned int kind,
		 const struct seccomp_pin_receive *r,
		 const union request *request)
{
	switch (kind) {
	case RECEIVE:
	case ADOPT:
		if (!(request->receive.flags & SECCOMP_PIN_ADOPT))
			received(f, lane, &request->receive);
		else if (chance_hit(&f->chance, 2) ||
			 request->receive.id != r->id)
			/* It may be its receiver's alone. */
			tally(RELEASE, pin_release(&lane->pin,
						   request->receive.id));
		break;
	case REDIRECT:
		post(lane, r, NULL);
		break;
	case QUERY:
		hits += !!request->query.hits;
		break;
	}
}

static void request_struct(struct fuzzer *f, struct lane *lane)
{
	struct seccomp_pin_receive r = known(f, lane);
	unsigned int i = chance_below(&f->chance, REQUESTS), kind, type;
	struct pollfd pollfd = { lane->pin.listener, POLLIN, 0 };
	int fd = lane->pin.fd, err;
	union request request = { 0 };
	void *arg = &request;
	unsigned long cmd;
	bool untold;
	size_t size;

	/* Without a call there is little to ask for: let targets make one. */
	if (!r.id && !chance_hit(&f->chance, 8)) {
		poll(&pollfd, 1, 5);
		i = RECEIVE_REQUEST;
	}
	/* Whatever is dropped, nothing that waits is remembered after it. */
	if (requests[i].kind == DROP && !chance_hit(&f->chance, 4))
		i = RECEIVE_REQUEST;
	kind = requests[i].kind;
	cmd = requests[i].cmd;
	size = _IOC_SIZE(cmd);

	make(f, lane, kind, &r, &request);
	if (chance_hit(&f->chance, 6))
		spoil(f, lane, kind, &r, size, &request);
	if (kind == REDIRECT)
		keep_harmless(&r, &request.redirect);
	if (kind == NEXT)
		spoil_next(f, &request.next);
	/* One may have become the other. */
	if (kind == RECEIVE || kind == ADOPT)
		kind = request.receive.flags & SECCOMP_PIN_ADOPT ? ADOPT :
								   RECEIVE;
	type = chance_below(&f->chance, 64);
	switch (type) {
	case 0:
		size = chance_below(&f->chance, size);
		break;
	case 1:
		size += 8 * chance_below(&f->chance, 8);
		break;
	case 2:
		request.bytes[size + chance_below(&f->chance, 8)] = 1;
		size += 8;
		break;
	case 3:
		arg = (void *)(uintptr_t)(chance_hit(&f->chance, 2) ? 8 : -1);
		break;
	case 4:
		/* It is done before it turns out that it cannot be told. */
		if (kind == RECEIVE || kind == QUERY)
			arg = f->readonly;
		break;
	case 5:
		fd = open(SECCOMP_PIN_DEVICE, O_RDWR | O_CLOEXEC);
		break;
	}
	cmd = _IOC(_IOC_DIR(cmd), SECCOMP_PIN_IOC, _IOC_NR(cmd), size);
	if (fd < 0)
		return;
	untold = arg == f->readonly ||
		 (kind == ADOPT && request.receive.id != r.id);
	if (untold)
		pthread_mutex_lock(&lane->untold_lock);
	err = tally(kind, pin_ioctl(fd, cmd, arg));
	if (untold)
		pthread_mutex_unlock(&lane->untold_lock);
	if (kind == NEXT && arg == &request)
		next_done(lane, f, &request.next, err);
	else if (!err && arg == &request)
		done(f, lane, kind, &r, &request);
	if (err == -ENOENT && kind != RELEASE && kind != NEXT)
		stale(lane, &r);
	if (type == 5)
		close(fd);
}

static void request_unknown(struct fuzzer *f, struct lane *lane)
{
	unsigned long cmd = _IOC(chance_below(&f->chance, 4), SECCOMP_PIN_IOC,
				 chance_draw(&f->chance) & 0xff,
				 chance_draw(&f->chance) & 0x3fff);
	union request request = { 0 };

	switch (chance_below(&f->chance, 3)) {
	case 0:
		cmd ^= (1 + chance_below(&f->chance, 255)) << _IOC_TYPESHIFT;
		break;
	case 1:
		/* A number that is known, with the directions of another */
		cmd = _IOC(_IOC_NONE, SECCOMP_PIN_IOC,
			   chance_below(&f->chance, 11), 32);
		break;
	default:
		cmd |= 16 << _IOC_NRSHIFT;
	}
	tally(UNKNOWN, pin_ioctl(lane->pin.fd, cmd, &request));
}

static int minus_errno(long ret)
{
	return ret < 0 ? -errno : 0;
}

/* The other ways to use an fd */
static void request_file(struct fuzzer *f, struct lane *lane)
{
	static const size_t sizes[] = { 0, 31, 32, 33, 64, 1024 };
	struct pollfd pollfd = { lane->pin.fd, chance_draw(&f->chance), 0 };
	size_t size = sizes[chance_below(&f->chance, 6)];
	char buf[1024];
	void *map, *to = chance_hit(&f->chance, 4) ? (void *)8 : buf;
	struct pin fresh;

	switch (chance_below(&f->chance, 8)) {
	case 0:
		tally(POLL, minus_errno(poll(&pollfd, 1, 0)));
		break;
	case 1:
		map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, lane->pin.fd, 0);
		tally(MMAP, map == MAP_FAILED ? -errno : 0);
		break;
	case 2:
		if (lane->pin.fd >= 0)
			tally(WRITE, minus_errno(write(lane->pin.fd, buf, 8)));
		break;
	case 3:
		fresh.fd = open(SECCOMP_PIN_DEVICE, O_RDWR | O_CLOEXEC);
		if (fresh.fd < 0)
			break;
		tally(READ, minus_errno(read(fresh.fd, buf, 32)));
		close(fresh.fd);
		break;
	default:
		tally(READ, minus_errno(read(lane->pin.fd, to, size)));
	}
}

/*
 * The listener's own requests
 */
static void request_listener_receive(struct fuzzer *f, struct lane *lane)
{
	struct pollfd pollfd = { lane->pin.listener, POLLIN, 0 };
	bool untold = chance_hit(&f->chance, 16);
	struct seccomp_pin_receive r;
	union request request = { 0 };
	int err;

	/* Without a call it waits, and is interrupted. */
	if (!chance_hit(&f->chance, 4) &&
	    (poll(&pollfd, 1, 0) != 1 || !(pollfd.revents & POLLIN)))
		return;
	request.bytes[chance_below(&f->chance, sizeof(request.notif))] =
		chance_hit(&f->chance, 16);
	if (untold)
		pthread_mutex_lock(&lane->untold_lock);
	err = tally(NOTIF_RECV, pin_ioctl(lane->pin.listener,
					  SECCOMP_IOCTL_NOTIF_RECV,
					  untold ? f->readonly : &request));
	if (untold)
		pthread_mutex_unlock(&lane->untold_lock);
	if (err)
		return;
	r = (struct seccomp_pin_receive){
		.id = request.notif.id,
		.flags = SECCOMP_PIN_ADOPT,
		.data = request.notif.data,
	};
	/* Adopted or not, whoever knows it can go on with it. */
	if (!chance_hit(&f->chance, 3))
		tally(ADOPT, pin_ioctl(lane->pin.fd, SECCOMP_PIN_RECEIVE, &r));
	publish(lane, &r);
}

bool deny_all(struct lane *lane)
{
	struct pollfd pollfd = { lane->pin.listener, POLLIN, 0 };
	struct seccomp_pin_receive r = { 0 };
	struct seccomp_notif notif;

	while (poll(&pollfd, 1, 0) == 1 && pollfd.revents & POLLIN) {
		memset(&notif, 0, sizeof(notif));
		/* Its target may be killed meanwhile, and there be no other. */
		if (tally(NOTIF_RECV, pin_ioctl(lane->pin.listener,
				SECCOMP_IOCTL_NOTIF_RECV, &notif)))
			continue;
		r.id = notif.id;
		r.data = notif.data;
		answer(lane, &r, -EPERM, 0);
	}
	return !(pollfd.revents & POLLHUP);
}

/*
 * The id of a call that is known; or one under which no call waits: that of one
 * that is over, or any number.
 */
static uint64_t some_id(struct fuzzer *f, struct lane *lane,
			const struct seccomp_pin_receive *r)
{
	uint64_t id = r->id;

	switch (chance_below(&f->chance, 8)) {
	case 0:
		id = odd_number(f);
		break;
	case 1:
		pthread_mutex_lock(&lane->known_lock);
		id = lane->over[chance_below(&f->chance, KNOWN)];
		pthread_mutex_unlock(&lane->known_lock);
		break;
	}
	return id;
}

/* One of those that came after it: another's, or yet to be received */
static uint64_t later_id(struct fuzzer *f, uint64_t id)
{
	return id && chance_hit(&f->chance, 4) ?
	       id + 1 + chance_below(&f->chance, 4) : id;
}

/*
 * No target takes the value for a file of its own, or itself for its child. A
 * write is not begun anew.
 */
static void make_resp(struct fuzzer *f, const struct seccomp_pin_receive *r,
		      struct seccomp_notif_resp *resp)
{
	static const int errors[] = {
		-EPERM, -ENOSYS, -EINTR, -4095, INT_MIN, 1 << 30, INT_MAX,
		/* ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND, and the last */
		-512, -513, -514, -516,
	};
	static const int64_t values[] = {
		1 << 30, INT_MAX, -1, -4095, -4096, INT64_MIN, TEXT, 0,
	};
	bool own = r->data.nr == SYS_clone || r->data.nr == SYS_openat;

	switch (chance_below(&f->chance, 3)) {
	case 0:
		resp->error = errors[chance_below(&f->chance,
			r->data.nr == SYS_write ? 7 : 11)];
		break;
	case 1:
		resp->val = values[chance_below(&f->chance, own ? 6 : 8)];
		break;
	case 2:
		resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		break;
	}
	if (!chance_hit(&f->chance, 8))
		return;
	/* One answer too many, or one that does not exist */
	if (resp->flags)
		resp->val = 1;
	else
		resp->flags = 1 << chance_below(&f->chance, 32);
	resp->error = -EPERM;
}

static void *some_address(struct fuzzer *f, void *address)
{
	if (!chance_hit(&f->chance, 16))
		return address;
	return (void *)(uintptr_t)(chance_hit(&f->chance, 2) ? 8 : -1);
}

/* Whatever came of a request, it was nothing if no call can have had this id. */
static void listener_done(struct lane *lane,
			  const struct seccomp_pin_receive *r, uint64_t id,
			  bool later, int err)
{
	if (id == r->id && err == -ENOENT)
		stale(lane, r);
	HOLDS(id == r->id || later || err);
}

static void request_listener_send(struct fuzzer *f, struct lane *lane)
{
	struct seccomp_pin_receive r = known(f, lane);
	struct seccomp_notif_resp resp = { .id = some_id(f, lane, &r) };
	int err;

	make_resp(f, &r, &resp);
	err = listener_send(lane, &r, some_address(f, &resp));
	listener_done(lane, &r, resp.id, false, err);
}

static void request_listener_id_valid(struct fuzzer *f, struct lane *lane)
{
	/* The second is what it was first called by. */
	static const unsigned long cmds[] = {
		SECCOMP_IOCTL_NOTIF_ID_VALID, SECCOMP_IOR(2, __u64)
	};
	struct seccomp_pin_receive r = known(f, lane);
	uint64_t id = some_id(f, lane, &r), tried = later_id(f, id);
	int err;

	err = tally(NOTIF_ID_VALID, pin_ioctl(lane->pin.listener,
			cmds[chance_below(&f->chance, 2)],
			some_address(f, &tried)));
	listener_done(lane, &r, tried, tried != id, err);
}

static void request_listener_set_flags(struct fuzzer *f, struct lane *lane)
{
	uint64_t flags = chance_hit(&f->chance, 4) ?
			 odd_number(f) : chance_below(&f->chance, 2);

	/* Not an address but the flags */
	tally(NOTIF_SET_FLAGS, pin_ioctl(lane->pin.listener,
					 SECCOMP_IOCTL_NOTIF_SET_FLAGS,
					 (void *)(uintptr_t)flags));
}

static void make_addfd(struct fuzzer *f, struct seccomp_notif_addfd *addfd)
{
	addfd->flags = chance_below(&f->chance, 4);
	addfd->srcfd = chance_hit(&f->chance, 8) ? -1 : null_fd;
	addfd->newfd_flags = chance_below(&f->chance, 2) * O_CLOEXEC;
	/* A number in place of a target's own would do harm. */
	if (addfd->flags & SECCOMP_ADDFD_FLAG_SETFD)
		addfd->newfd = OWN_FDS + chance_below(&f->chance,
						      FDS + 8 - OWN_FDS);
	switch (chance_below(&f->chance, 32)) {
	case 0:
		addfd->flags |= 4 << chance_below(&f->chance, 30);
		break;
	case 1:
		addfd->newfd_flags |= 1 << chance_below(&f->chance, 19);
		break;
	case 2:
		addfd->flags &= ~SECCOMP_ADDFD_FLAG_SETFD;
		addfd->newfd = 1;
		break;
	}
}

static void request_listener_addfd(struct fuzzer *f, struct lane *lane)
{
	struct seccomp_pin_receive r = known(f, lane);
	uint64_t id = some_id(f, lane, &r);
	size_t size = sizeof(struct seccomp_notif_addfd);
	union request request = { 0 };
	bool send;
	int err;

	make_addfd(f, &request.addfd);
	send = request.addfd.flags & SECCOMP_ADDFD_FLAG_SEND;
	request.addfd.id = send ? id : later_id(f, id);
	switch (chance_below(&f->chance, 32)) {
	case 0:
		size = chance_below(&f->chance, size);
		break;
	case 1:
		size += 8 * chance_below(&f->chance, 8);
		break;
	case 2:
		request.bytes[size + chance_below(&f->chance, 8)] = 1;
		size += 8;
		break;
	case 3:
		size = 4096 << chance_below(&f->chance, 2);
		break;
	}
	err = pin_ioctl(lane->pin.listener,
			_IOC(chance_below(&f->chance, 4), SECCOMP_IOC_MAGIC,
			     _IOC_NR(SECCOMP_IOCTL_NOTIF_ADDFD), size),
			some_address(f, &request));
	err = tally(NOTIF_ADDFD, err > 0 ? 0 : err);
	if (!err && send)
		listener_answered(lane, &r);
	listener_done(lane, &r, request.addfd.id, request.addfd.id != id, err);
}

static void request_listener_poll(struct fuzzer *f, struct lane *lane)
{
	struct pollfd pollfd = { lane->pin.listener, chance_draw(&f->chance), 0 };
	int ret = poll(&pollfd, 1, chance_below(&f->chance, 3));

	tally(NOTIF_POLL, minus_errno(ret));
	/* POLLERR: a signal came while it waited for the listener's lock. */
	HOLDS(!(pollfd.revents & (POLLNVAL | POLLPRI)));
}

/* Not those that are made elsewhere */
static void request_listener_unknown(struct fuzzer *f, struct lane *lane)
{
	unsigned long cmd = _IOC(chance_below(&f->chance, 4), SECCOMP_IOC_MAGIC,
				 chance_below(&f->chance, 6),
				 chance_hit(&f->chance, 2) ?
				 chance_below(&f->chance, 128) :
				 chance_draw(&f->chance) & 0x3fff);
	union request request = { 0 };

	if (cmd == SECCOMP_IOCTL_NOTIF_RECV ||
	    cmd == SECCOMP_IOCTL_NOTIF_SET_FLAGS)
		return;
	tally(NOTIF_UNKNOWN, pin_ioctl(lane->pin.listener, cmd, &request));
}

static void request_listener(struct fuzzer *f, struct lane *lane)
{
	switch (chance_below(&f->chance, 12)) {
	case 0:
		request_listener_unknown(f, lane);
		break;
	case 1:
		request_listener_set_flags(f, lane);
		break;
	case 2:
		request_listener_poll(f, lane);
		break;
	case 3:
	case 4:
		request_listener_id_valid(f, lane);
		break;
	case 5:
	case 6:
		request_listener_send(f, lane);
		break;
	case 7:
	case 8:
		request_listener_addfd(f, lane);
		break;
	default:
		request_listener_receive(f, lane);
	}
}

static int id_valid(struct lane *lane, uint64_t id)
{
	return pin_ioctl(lane->pin.listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
}

/* What the listener says of itself; nothing if it has become a directory */
static short listener_events(struct lane *lane)
{
	struct pollfd pollfd = { lane->pin.listener, POLLIN | POLLOUT, 0 };

	HOLDS(poll(&pollfd, 1, 0) >= 0);
	return id_valid(lane, 0) == -ENOTTY ? 0 : pollfd.revents;
}

void check_known(struct lane *lane)
{
	unsigned int i;
	short events;
	bool valid;

	for (i = 0; i < KNOWN; i++) {
		valid = lane->known[i].id && !id_valid(lane, lane->known[i].id);
		events = listener_events(lane);
		/* Its target may have been killed meanwhile. */
		if (valid && !id_valid(lane, lane->known[i].id))
			HOLDS(events & POLLOUT);
	}
}

void check_none_known(struct lane *lane)
{
	HOLDS(!(listener_events(lane) & POLLOUT));
}

void fuzz_request(struct fuzzer *f, struct lane *lane)
{
	switch (chance_below(&f->chance, 32)) {
	case 0:
		request_attach(f, lane);
		break;
	case 1:
		request_unknown(f, lane);
		break;
	case 2:
	case 3:
		request_file(f, lane);
		break;
	case 4 ... 9:
		request_listener(f, lane);
		break;
	default:
		request_struct(f, lane);
	}
}
