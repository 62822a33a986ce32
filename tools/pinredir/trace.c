// SPDX-License-Identifier: GPL-2.0-only
/* pinredir trace: what a command asks the kernel for, and gets */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "commands.h"
#include "front.h"
#include "log.h"
#include "show.h"
#include "supervise.h"

/* Room for two vectors, and as much in a larger slot */
#define SLOT_SIZE	(512U << 10)
#define SLOTS		8U
/* Enough for most argv: xargs(1) makes them half as long. Of more, the address. */
#define ARGV_SIZE	(256U << 10)
#define ARGV_STRINGS	32768
#define BUCKETS		1024U
/*
 * Milliseconds for a target to hand out a string: the first execve has no rule yet, and
 * thousands of strings in its argv.
 */
#define TIMEOUT		5000U

/**
 * struct pending - a call that runs
 * @next: in its bucket
 * @id: of its notification
 * @text: its record so far
 */
struct pending {
	struct pending *next;
	uint64_t id;
	struct text text;
};

/**
 * struct trace - what was asked for
 * @log: where it is written
 * @names: of calls, with commas between them, or NULL: what is the default
 * @pending: by id
 * @running: how many these are
 * @ctx: once it has begun
 */
struct trace {
	struct log log;
	char *names;
	struct pending *pending[BUCKETS];
	unsigned int running;
	struct pinredir *ctx;
};

static struct pending **bucket(struct trace *trace, uint64_t id)
{
	return &trace->pending[id % BUCKETS];
}

static void trace_put(struct trace *trace, struct text *text)
{
	if (trace->log.json)
		text_add(text, "}", 1);
	log_put(&trace->log, text);
	text_free(text);
}

static void trace_completion(const struct seccomp_pin_completion *completion,
			     void *data)
{
	struct trace *trace = data;
	struct pending **at = bucket(trace, completion->id), *pending;

	while (*at && (*at)->id != completion->id)
		at = &(*at)->next;
	pending = *at;
	if (!pending)
		return;
	*at = pending->next;
	trace->running--;
	show_result(&pending->text, completion, trace->log.json);
	trace_put(trace, &pending->text);
	free(pending);
}

/*
 * The record, as far as it is known before the call runs. @passed: there is no room to
 * look at its arguments.
 */
static void trace_begin_record(struct trace *trace, struct pinredir_call *call,
			       struct text *text, bool passed)
{
	const struct pinredir_syscall *syscall =
		pinredir_syscall(pinredir_nr(call));
	bool json = trace->log.json;

	if (json)
		log_time(&trace->log, text);
	text_print(text, json ? "\"pid\":%d,\"call\":\"%s\",\"args\":[" :
		   "%d %s(", pinredir_pid(call), syscall->name);
	if (passed)
		show_addresses(text, call, syscall, json);
	else
		show_arguments(text, call, syscall, json);
	text_print(text, json ? "]," : ") = ");
}

/* What the call reads is not pinned any more, and all arguments are the target's. */
static void trace_pass(struct pinredir_call *call)
{
	const struct pinredir_syscall *syscall =
		pinredir_syscall(pinredir_nr(call));
	unsigned int i;

	for (i = 0; i < syscall->count; i++)
		pinredir_set_value(call, i, pinredir_arg(call, i));
}

/* Nobody is denied what there is no room for: it runs as it is. */
static int trace_allow(struct trace *trace, struct pinredir_call *call,
		       struct text *text)
{
	int err = pinredir_allow(call);

	if (err != -ENOBUFS)
		return err;
	text_clear(text);
	trace_begin_record(trace, call, text, true);
	trace_pass(call);
	return pinredir_allow(call);
}

static void trace_put_unknown(struct trace *trace, struct text *text)
{
	show_unknown(text, trace->log.json);
	trace_put(trace, text);
}

static int trace_handle(struct pinredir_call *call, void *data)
{
	struct trace *trace = data;
	struct pending *pending = calloc(1, sizeof(*pending));
	struct pending **at = bucket(trace, pinredir_id(call));
	/* There is room for so many completions, of which few wait to be read. */
	bool wants = trace->running < SECCOMP_PIN_MAX_QUEUE / 2;
	int err;

	if (!pending)
		return -ENOMEM;
	pending->id = pinredir_id(call);
	trace_begin_record(trace, call, &pending->text, false);
	if (wants)
		pinredir_want_completion(call);
	err = trace_allow(trace, call, &pending->text);
	if (!err && wants) {
		/* This thread reads completions, so it is not too late. */
		pending->next = *at;
		*at = pending;
		trace->running++;
		return PINREDIR_ANSWERED;
	}
	if (!err) {
		trace_put_unknown(trace, &pending->text);
	} else if (err == PINREDIR_GONE) {
		text_free(&pending->text);
	} else {
		show_failure(&pending->text, err, trace->log.json);
		trace_put(trace, &pending->text);
	}
	free(pending);
	return err ? err : PINREDIR_ANSWERED;
}

/* By a rule, vectors are copied at once; without, string by string. */
static void add_argv_rule(struct seccomp_pin_rule *rules, size_t *count,
			  const struct pinredir_syscall *syscall)
{
	unsigned int i;

	for (i = 0; i < syscall->count; i++) {
		if (pinredir_argument(syscall, i)->shape != PINREDIR_VECTOR)
			continue;
		rules[(*count)++] = (struct seccomp_pin_rule){
			.nr = syscall->nr,
			.arg = i,
			.kind = PINREDIR_VECTOR,
			.max = ARGV_SIZE,
			.len = ARGV_STRINGS,
		};
		return;
	}
}

static int trace_set_rules(struct pinredir *ctx)
{
	const struct pinredir_syscall *syscall;
	struct seccomp_pin_rule *rules;
	size_t i, count = pinredir_default_rules(NULL, 0, 0);
	int err;

	/* One more for each syscall are more than enough. */
	rules = calloc(count + SECCOMP_PIN_MAX_NR, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	pinredir_default_rules(rules, count, sizeof(*rules));
	for (i = 0; (syscall = pinredir_syscall_at(i)); i++)
		add_argv_rule(rules, &count, syscall);
	err = pinredir_set_rules(ctx, rules, count, sizeof(*rules));
	free(rules);
	return err;
}

static int trace_begin(struct pinredir *ctx, struct pinredir_loop *loop,
		       void *data)
{
	struct trace *trace = data;
	int err;

	trace->ctx = ctx;
	err = trace_set_rules(ctx);
	if (err)
		return err;
	pinredir_loop_handle(loop, -1, trace_handle, trace);
	return log_begin(&trace->log);
}

static void trace_finish(void *data)
{
	struct trace *trace = data;
	struct pending *pending;
	unsigned int i;

	for (i = 0; i < BUCKETS; i++) {
		for (pending = trace->pending[i]; pending;
		     pending = pending->next) {
			trace_put_unknown(trace, &pending->text);
		}
	}
}

static void trace_end(struct text *text, void *data)
{
	struct trace *trace = data;

	log_end(&trace->log, "trace", text);
}

/* What programs do to files, and whom they talk to */
static bool is_default(const struct pinredir_syscall *syscall)
{
	unsigned int i;

	if (!strcmp(syscall->name, "connect") || !strcmp(syscall->name, "bind"))
		return true;
	for (i = 0; i < syscall->count; i++)
		if (pinredir_argument(syscall, i)->shape == PINREDIR_PATH)
			return true;
	return false;
}

/* Whether the names have this one */
static bool is_named(const char *names, const char *name)
{
	size_t len = strlen(name);
	const char *at;

	for (at = names; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, name, len) && (!at[len] || at[len] == ','))
			return true;
	}
	return false;
}

static bool is_wanted(const struct pinredir_syscall *syscall, void *data)
{
	const struct trace *trace = data;

	return trace->names ? is_named(trace->names, syscall->name) :
			      is_default(syscall);
}

/* Each of the names is a call that can be shown. */
static bool names_are_known(const char *names)
{
	const struct pinredir_syscall *syscall;
	char name[64];
	const char *at;
	size_t i, len;

	for (at = names; at; at = at[len] ? at + len + 1 : NULL) {
		len = strcspn(at, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, at);
		for (i = 0; (syscall = pinredir_syscall_at(i)); i++)
			if (!strcmp(syscall->name, name))
				break;
		if (!syscall || syscall->flags & PINREDIR_REFUSED ||
		    call_is_closed(syscall)) {
			fprintf(stderr, "pinredir trace: --calls: %s: %s\n",
				name, !syscall ? "there is no such call" :
				call_is_closed(syscall) ?
				"it fails with ENOSYS" : "it cannot be pinned");
			return false;
		}
	}
	return true;
}

enum {
	OPTION_CALLS = 256,
	OPTION_LOG,
	OPTION_JSON,
};

static const struct option options[] = {
	{ "calls", required_argument, NULL, OPTION_CALLS },
	{ "log", required_argument, NULL, OPTION_LOG },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

/* -1: go on; otherwise the status to exit with */
static int trace_option(struct trace *trace, int option, const char **log)
{
	switch (option) {
	case OPTION_CALLS:
		trace->names = optarg;
		return names_are_known(optarg) ? -1 : STATUS_FAILED;
	case OPTION_LOG:
		*log = optarg;
		return -1;
	case OPTION_JSON:
		trace->log.json = true;
		return -1;
	case 'h':
		fputs(trace_help, stdout);
		return 0;
	default:
		/* getopt has said what is wrong. */
		fputs("Try 'pinredir trace --help'.\n", stderr);
		return STATUS_FAILED;
	}
}

static int trace_parse(struct trace *trace, int argc, char **argv)
{
	const char *log = NULL;
	int option, err, status;

	while ((option = getopt_long(argc, argv, "+h", options, NULL)) >= 0) {
		status = trace_option(trace, option, &log);
		if (status >= 0)
			return status;
	}
	if (optind == argc) {
		fputs("pinredir trace: no command\nTry 'pinredir trace --help'.\n",
		      stderr);
		return STATUS_FAILED;
	}
	err = log_open(&trace->log, log);
	if (!err)
		return -1;
	fprintf(stderr, "pinredir trace: --log %s: %s\n", log ? log : "",
		err == -ENXIO ? "nobody reads it" : strerror(-err));
	return STATUS_FAILED;
}

int command_trace(int argc, char **argv, const struct start *start)
{
	struct trace trace = { .log = { .fd = -1, .patient = true } };
	struct supervision supervision = {
		.name = "trace",
		.options = {
			.size = sizeof(supervision.options),
			.slot_size = SLOT_SIZE,
			.window_size = SLOTS * SLOT_SIZE,
			.completions = SECCOMP_PIN_MAX_QUEUE,
			.timeout = TIMEOUT,
		},
		.loop = { .size = sizeof(supervision.loop) },
		.wait_for_all = true,
		.begin = trace_begin,
		.completion = trace_completion,
		.end = trace_end,
		.finish = trace_finish,
		.data = &trace,
	};
	int err, status = trace_parse(&trace, argc, argv);

	if (status >= 0)
		return status;
	err = calls_filter(&supervision.filter, is_wanted, &trace);
	if (err) {
		fprintf(stderr, "pinredir trace: the filter: %s\n",
			strerror(-err));
		return STATUS_FAILED;
	}
	supervision.argv = argv + optind;
	return supervise(&supervision, start);
}
