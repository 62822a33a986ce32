// SPDX-License-Identifier: GPL-2.0-only
/* pinredir run: a command under a policy */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "confine.h"
#include "front.h"
#include "judge.h"
#include "log.h"
#include "socket.h"
#include "supervise.h"

/* Two paths, what they are rewritten to, and openat2()'s struct */
#define SLOT_SIZE	(32U << 10)
/* Remembered paths */
#define VERDICTS	16384

/**
 * struct run - what was asked for, and what came of it
 * @judge: decides
 * @log: of decisions
 * @quiet: no summary
 * @remember: decisions that depend on bytes alone are not asked for twice
 * @forgot: until now; a target has changed what names mean
 * @wait: for all targets
 * @ctx: once it has begun
 * @record: of the decision at hand
 * @judgement: of the call at hand
 * @allowed, @rewritten, @denied: calls, by decision
 * @failed: those that were not decided on, or could not be run
 */
struct run {
	struct judge judge;
	struct log log;
	bool quiet;
	bool remember;
	bool forgot;
	bool wait;
	struct pinredir *ctx;
	struct text record;
	struct judgement judgement;
	unsigned long allowed;
	unsigned long rewritten;
	unsigned long denied;
	unsigned long failed;
};

static bool is_rewritten(const struct judgement *judgement)
{
	unsigned int i;

	for (i = 0; i < judgement->count; i++)
		if (judgement->paths[i].has_verdict &&
		    judgement->paths[i].verdict.action == ACTION_REWRITE)
			return true;
	return false;
}

static bool is_denied(const struct judgement *judgement, int err)
{
	const struct judged *last;

	if (err != -EACCES || !judgement->count)
		return false;
	last = &judgement->paths[judgement->count - 1];
	return last->has_verdict && last->verdict.action == ACTION_DENY;
}

static void run_count(struct run *run, int err)
{
	if (is_denied(&run->judgement, err))
		run->denied++;
	else if (err)
		run->failed++;
	else if (is_rewritten(&run->judgement))
		run->rewritten++;
	else
		run->allowed++;
}

static void record_path(struct text *record, const struct judged *judged)
{
	const struct verdict *verdict = &judged->verdict;

	if (!judged->path) {
		text_print(record, " NULL");
		return;
	}
	text_add(record, " ", 1);
	text_quote(record, judged->path, strlen(judged->path), 0);
	if (judged->absolute[0]) {
		text_print(record, " = ");
		text_quote(record, judged->absolute, strlen(judged->absolute),
			   0);
	}
	if (judged->has_verdict && verdict->path[0]) {
		text_print(record, " -> ");
		text_quote(record, verdict->path, strlen(verdict->path), 0);
	}
	if (judged->has_verdict && verdict->rule &&
	    verdict->action == ACTION_DENY) {
		text_print(record, " by ");
		text_quote(record, verdict->rule->path, verdict->rule->len, 0);
	}
}

static void record_path_json(struct text *record, const struct judged *judged)
{
	const struct verdict *verdict = &judged->verdict;

	if (!judged->path) {
		text_print(record, "{\"path\":null}");
		return;
	}
	text_add(record, "{", 1);
	text_json_string(record, "path", judged->path, strlen(judged->path));
	if (judged->absolute[0]) {
		text_add(record, ",", 1);
		text_json_string(record, "absolute", judged->absolute,
				 strlen(judged->absolute));
	}
	if (judged->has_verdict) {
		text_print(record, ",\"decision\":\"%s\"",
			   action_name(verdict->action));
		if (verdict->path[0]) {
			text_add(record, ",", 1);
			text_json_string(record, "to", verdict->path,
					 strlen(verdict->path));
		}
		if (verdict->rule) {
			text_add(record, ",", 1);
			text_json_string(record, "rule", verdict->rule->path,
					 verdict->rule->len);
		}
	}
	text_add(record, "}", 1);
}

static const char *decision(const struct run *run, int err)
{
	if (is_denied(&run->judgement, err))
		return "deny";
	if (err)
		return "fail";
	return is_rewritten(&run->judgement) ? "rewrite" : "allow";
}

/* Beginning of a record: when, who and what */
static void record_begin(struct run *run, struct pinredir_call *call,
			 const char *what)
{
	const char *name = pinredir_syscall(pinredir_nr(call))->name;

	log_time(&run->log, &run->record);
	text_print(&run->record, run->log.json ?
		   "\"pid\":%d,\"call\":\"%s\",\"decision\":\"%s\"" :
		   "%d %s %s", pinredir_pid(call), name, what);
}

static void record_end(struct run *run, int err)
{
	const char *name = err ? strerrorname_np(-err) : NULL;

	if (name)
		text_print(&run->record, run->log.json ? ",\"errno\":\"%s\"" :
			   " %s", name);
	if (run->log.json)
		text_add(&run->record, "}", 1);
	log_put(&run->log, &run->record);
}

static void run_record(struct run *run, struct pinredir_call *call, int err)
{
	const struct judgement *judgement = &run->judgement;
	unsigned int i;

	if (!run->log.sink)
		return;
	record_begin(run, call, decision(run, err));
	if (run->log.json)
		text_print(&run->record, ",\"paths\":[");
	for (i = 0; i < judgement->count; i++) {
		if (run->log.json && i)
			text_add(&run->record, ",", 1);
		if (run->log.json)
			record_path_json(&run->record, &judgement->paths[i]);
		else
			record_path(&run->record, &judgement->paths[i]);
	}
	if (run->log.json)
		text_add(&run->record, "]", 1);
	record_end(run, err);
}

/* The command's execve may have been made before there were rules to copy by. */
static bool is_first_call(const struct run *run)
{
	return run->allowed + run->rewritten + run->denied + run->failed == 1;
}

/*
 * The same bytes are decided on in the same way, whoever passes them, until they can be
 * names of other files.
 */
static void run_remember(struct run *run, struct pinredir_call *call, int err)
{
	const struct pinredir_syscall *syscall =
		pinredir_syscall(pinredir_nr(call));
	const struct judgement *judgement = &run->judgement;
	unsigned int i, any = 0;

	if (!run->remember || is_first_call(run) || !judgement->count ||
	    !judgement->by_bytes ||
	    (err && !is_denied(judgement, err)) || judge_each(syscall))
		return;
	/* What is no pointer to what the call reads has no part in it. */
	for (i = 0; i < syscall->count; i++)
		if (pinredir_argument(syscall, i)->direction != PINREDIR_IN)
			any |= 1U << i;
	pinredir_remember(call, any, 0, PINREDIR_FOR_ALL);
}

/* A target changes its root, or mounts: what is remembered is right no more. */
static void run_forget(struct run *run)
{
	if (!run->remember)
		return;
	run->remember = false;
	run->forgot = true;
	pinredir_drop(run->ctx, 0);
}

static int run_handle(struct pinredir_call *call, void *data)
{
	struct run *run = data;
	int err = judge_call(&run->judge, call, &run->judgement);

	if (err == PINREDIR_GONE)
		return err;
	run_count(run, err);
	run_record(run, call, err);
	if (!err && run->judgement.changes_names)
		run_forget(run);
	run_remember(run, call, err);
	return err ? err : PINREDIR_ALLOW;
}

/* It was decided that it may run, but it cannot. */
static void run_trouble(struct pinredir_call *call, int error, void *data)
{
	struct run *run = data;

	/* It was counted when it was decided on. */
	if (is_rewritten(&run->judgement))
		run->rewritten--;
	else
		run->allowed--;
	run->failed++;
	if (!run->log.sink)
		return;
	record_begin(run, call, "fail");
	record_end(run, error);
}

static int run_begin(struct pinredir *ctx, struct pinredir_loop *loop,
		     void *data)
{
	struct run *run = data;
	struct judge *judge = &run->judge;
	int err = world_open(&judge->world);

	/* What the policy's paths are about, whatever is mounted later */
	if (!err)
		err = world_mounts(&judge->world, &judge->policy.mounts,
				   &judge->policy.root);
	if (err)
		return err;
	run->ctx = ctx;
	pinredir_loop_handle(loop, -1, run_handle, run);
	pinredir_loop_handle(loop, SCMP_SYS(sendmmsg), socket_send_many, NULL);
	return log_begin(&run->log);
}

static void run_summary(struct run *run, struct text *text)
{
	struct seccomp_pin_query query = { 0 };
	unsigned long calls = run->allowed + run->rewritten + run->denied +
			      run->failed;

	text_print(text, "pinredir run: %lu calls: %lu allowed, %lu rewritten, %lu denied, %lu failed",
		   calls, run->allowed, run->rewritten, run->denied,
		   run->failed);
	if ((run->remember || run->forgot) &&
	    !pinredir_query(run->ctx, &query, sizeof(query)))
		text_print(text, "; %llu more as remembered",
			   (unsigned long long)query.hits);
	text_print(text, "\n");
}

static void run_summary_json(struct run *run)
{
	log_time(&run->log, &run->record);
	text_print(&run->record, "\"summary\":{\"allowed\":%lu,\"rewritten\":%lu,\"denied\":%lu,\"failed\":%lu}}",
		   run->allowed, run->rewritten, run->denied, run->failed);
	log_put(&run->log, &run->record);
}

static void run_end(struct text *text, void *data)
{
	struct run *run = data;

	if (!run->quiet && run->log.json)
		run_summary_json(run);
	log_end(&run->log, "run", text);
	if (!run->quiet && !run->log.json)
		run_summary(run, text);
}

static void run_finish(void *data)
{
	struct run *run = data;
	struct text nobody_listens = { 0 };

	log_end(&run->log, "run", &nobody_listens);
	text_free(&nobody_listens);
}

static bool add_rule(struct run *run, enum action action, const char *path)
{
	const char *wrong = policy_add(&run->judge.policy, action, path, NULL);

	if (wrong)
		fprintf(stderr, "pinredir run: --%s %s: %s\n",
			action_name(action), path, wrong);
	return !wrong;
}

/* FROM=TO, at the first '=': other paths can be written in a file. */
static bool add_rewrite(struct run *run, char *argument)
{
	char *to = strchr(argument, '=');
	const char *wrong = "there is no '='";

	if (to) {
		*to = '\0';
		wrong = policy_add(&run->judge.policy, ACTION_REWRITE, argument,
				   to + 1);
		*to = '=';
	}
	if (wrong)
		fprintf(stderr, "pinredir run: --rewrite %s: %s\n", argument,
			wrong);
	return !wrong;
}

static bool add_file(struct run *run, const char *path)
{
	FILE *file = fopen(path, "re");
	const char *wrong;
	unsigned int line;

	if (!file) {
		fprintf(stderr, "pinredir run: %s: %s\n", path,
			strerror(errno));
		return false;
	}
	wrong = policy_read(&run->judge.policy, file, &line);
	fclose(file);
	if (wrong && line)
		fprintf(stderr, "pinredir run: %s:%u: %s\n", path, line,
			wrong);
	else if (wrong)
		fprintf(stderr, "pinredir run: %s: %s\n", path, wrong);
	return !wrong;
}

enum {
	OPTION_ALLOW = 256,
	OPTION_DENY,
	OPTION_REWRITE,
	OPTION_POLICY,
	OPTION_LOG,
	OPTION_JSON,
	OPTION_ABSOLUTE,
	OPTION_REMEMBER,
	OPTION_WAIT,
};

static const struct option options[] = {
	{ "allow", required_argument, NULL, OPTION_ALLOW },
	{ "deny", required_argument, NULL, OPTION_DENY },
	{ "rewrite", required_argument, NULL, OPTION_REWRITE },
	{ "policy", required_argument, NULL, OPTION_POLICY },
	{ "log", required_argument, NULL, OPTION_LOG },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "absolute", no_argument, NULL, OPTION_ABSOLUTE },
	{ "remember", no_argument, NULL, OPTION_REMEMBER },
	{ "wait", no_argument, NULL, OPTION_WAIT },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

/* -1: go on; otherwise the status to exit with */
static int run_option(struct run *run, int option, const char **log)
{
	switch (option) {
	case OPTION_ALLOW:
		return add_rule(run, ACTION_ALLOW, optarg) ? -1 : STATUS_FAILED;
	case OPTION_DENY:
		return add_rule(run, ACTION_DENY, optarg) ? -1 : STATUS_FAILED;
	case OPTION_REWRITE:
		return add_rewrite(run, optarg) ? -1 : STATUS_FAILED;
	case OPTION_POLICY:
		return add_file(run, optarg) ? -1 : STATUS_FAILED;
	case OPTION_LOG:
		*log = optarg;
		return -1;
	case OPTION_JSON:
		run->log.json = true;
		return -1;
	case OPTION_ABSOLUTE:
		run->judge.absolute = true;
		return -1;
	case OPTION_REMEMBER:
		run->remember = true;
		return -1;
	case OPTION_WAIT:
		run->wait = true;
		return -1;
	case 'q':
		run->quiet = true;
		return -1;
	case 'h':
		fputs(run_help, stdout);
		return 0;
	default:
		/* getopt has said what is wrong. */
		fputs("Try 'pinredir run --help'.\n", stderr);
		return STATUS_FAILED;
	}
}

/* Names that are no links: what the user did not write */
static void rule_told(const struct rule *rule, const char *to)
{
	fprintf(stderr, "pinredir run: --%s %s: it is %s as well\n",
		action_name(rule->action), rule->path, to);
}

static int run_resolve(struct run *run)
{
	bool quiet = run->quiet || run->log.json;
	int err = policy_resolve(&run->judge.policy, quiet ? NULL : rule_told);

	if (!err)
		return -1;
	fprintf(stderr, "pinredir run: %s\n", strerror(-err));
	return STATUS_FAILED;
}

static int run_parse(struct run *run, int argc, char **argv)
{
	const char *log = NULL;
	int option, err, status;

	while ((option = getopt_long(argc, argv, "+qh", options, NULL)) >= 0) {
		status = run_option(run, option, &log);
		if (status >= 0)
			return status;
	}
	if (optind == argc) {
		fputs("pinredir run: no command\nTry 'pinredir run --help'.\n",
		      stderr);
		return STATUS_FAILED;
	}
	/* What is not asked about has no record. */
	if (run->remember && (log || run->log.json)) {
		fputs("pinredir run: --remember leaves nothing to log\n",
		      stderr);
		return STATUS_FAILED;
	}
	if (!log && !run->log.json)
		return -1;
	err = log_open(&run->log, log);
	if (!err)
		return -1;
	fprintf(stderr, "pinredir run: --log %s: %s\n", log ? log : "",
		err == -ENXIO ? "nobody reads it" : strerror(-err));
	return STATUS_FAILED;
}

int command_run(int argc, char **argv, const struct start *start)
{
	/* With room for paths: static, for the stack need not be that large. */
	static struct run run = { .log.fd = -1 };
	struct supervision supervision = {
		.name = "run",
		.confined = true,
		.options = {
			.size = sizeof(supervision.options),
			.slot_size = SLOT_SIZE,
		},
		.loop = {
			.size = sizeof(supervision.loop),
			.trouble = run_trouble,
			.data = &run,
		},
		.begin = run_begin,
		.end = run_end,
		.finish = run_finish,
		.data = &run,
	};
	int err, status = run_parse(&run, argc, argv);

	if (status < 0)
		status = run_resolve(&run);
	if (status >= 0)
		return status;
	err = confine_protect(&run.judge.policy, run.log.fd);
	if (!err)
		err = confine_filter(&supervision.filter, &run.judge.policy);
	if (err) {
		fprintf(stderr, "pinredir run: the filter: %s\n",
			strerror(-err));
		return STATUS_FAILED;
	}
	supervision.argv = argv + optind;
	supervision.wait_for_all = run.wait;
	if (run.remember)
		supervision.options.verdicts = VERDICTS;
	return supervise(&supervision, start);
}
