// SPDX-License-Identifier: GPL-2.0-only
/* pinredir check: what this machine lacks */
#define _GNU_SOURCE
#include <getopt.h>
#include <inttypes.h>
#include <pinredir.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "front.h"
#include "text.h"

#define STATUS_MISSING	1

/* What it takes, in the order in which the probe comes to it */
enum item {
	ITEM_SECCOMP,
	ITEM_MEMFD,
	ITEM_PATCH,
	ITEM_MODULE,
	ITEM_NODE,
	ITEM_PERMISSION,
	ITEM_ABI,
	ITEM_TRIAL,
	ITEMS,
};

static const char *const item_names[ITEMS] = {
	[ITEM_SECCOMP] = "seccomp user notifications",
	[ITEM_MEMFD] = "sealed memory",
	[ITEM_PATCH] = "enabling patch",
	[ITEM_MODULE] = "module",
	[ITEM_NODE] = "device node",
	[ITEM_PERMISSION] = "permission to open it",
	[ITEM_ABI] = "ABI of the module",
	[ITEM_TRIAL] = "call of a child, on trial",
};

/* Which of them a problem is about; other problems can be about any. */
static const int problem_items[] = {
	[PINREDIR_NO_SECCOMP] = ITEM_SECCOMP,
	[PINREDIR_NO_MEMFD] = ITEM_MEMFD,
	[PINREDIR_NO_PATCH] = ITEM_PATCH,
	[PINREDIR_NO_DEVICE] = ITEM_MODULE,
	[PINREDIR_NO_NODE] = ITEM_NODE,
	[PINREDIR_NO_PERMISSION] = ITEM_PERMISSION,
	[PINREDIR_NO_DEVICE_CGROUP] = ITEM_PERMISSION,
	[PINREDIR_NOT_THE_DEVICE] = ITEM_ABI,
	[PINREDIR_WRONG_ABI] = ITEM_ABI,
};

enum state {
	STATE_OK,
	STATE_MISSING,
	STATE_UNKNOWN,
};

static const char *const state_names[] = {
	[STATE_OK] = "ok",
	[STATE_MISSING] = "missing",
	[STATE_UNKNOWN] = "unknown",
};

static enum item missing_item(const struct pinredir_report *report)
{
	switch (report->problem) {
	case PINREDIR_NO_PROBLEM:
		return ITEMS;
	case PINREDIR_NO_SECCOMP ... PINREDIR_WRONG_ABI:
		return problem_items[report->problem];
	default:
		return ITEM_TRIAL;
	}
}

/* @missing is the item that the problem is about. */
static enum state item_state(const struct pinredir_report *report,
			     enum item item, enum item missing)
{
	if (item == missing)
		return STATE_MISSING;
	if (item > missing)
		return STATE_UNKNOWN;
	/* The trial failed, or never came about: the ABI is asked for before. */
	if (missing == ITEM_TRIAL && !report->abi_version)
		return STATE_UNKNOWN;
	return STATE_OK;
}

static void print_report(const struct pinredir_report *report)
{
	enum item item, missing = missing_item(report);
	enum state state;

	printf("kernel: %s\n", report->kernel);
	if (report->yama_scope >= 0)
		printf("Yama ptrace_scope: %d\n", report->yama_scope);
	for (item = 0; item < ITEMS; item++) {
		state = item_state(report, item, missing);
		printf("%s: %s", item_names[item], state_names[state]);
		if (state == STATE_MISSING && report->error)
			printf(" (%s)", strerrorname_np(-report->error));
		if (state == STATE_MISSING)
			printf(": %s", pinredir_problem_string(report->problem));
		putchar('\n');
	}
}

static void print_item_json(struct text *text,
			    const struct pinredir_report *report,
			    enum item item, enum state state)
{
	const char *what = pinredir_problem_string(report->problem);

	text_print(text, "%s{\"name\":\"%s\",\"state\":\"%s\"",
		   item ? "," : "", item_names[item], state_names[state]);
	if (state == STATE_MISSING) {
		text_add(text, ",", 1);
		text_json_string(text, "problem", what, strlen(what));
		if (report->error)
			text_print(text, ",\"errno\":\"%s\"",
				   strerrorname_np(-report->error));
	}
	text_add(text, "}", 1);
}

static int print_report_json(const struct pinredir_report *report)
{
	enum item item, missing = missing_item(report);
	struct text text = { 0 };
	int status = 0;

	text_print(&text, "{\"ok\":%s,",
		   missing == ITEMS ? "true" : "false");
	text_json_string(&text, "kernel", report->kernel,
			 strlen(report->kernel));
	if (report->yama_scope >= 0)
		text_print(&text, ",\"yama_scope\":%d", report->yama_scope);
	text_print(&text, ",\"abi_version\":%" PRIu32
		   ",\"features\":%" PRIu64 ",\"items\":[",
		   report->abi_version, report->features);
	for (item = 0; item < ITEMS; item++)
		print_item_json(&text, report, item,
				item_state(report, item, missing));
	text_print(&text, "]}");
	if (text.failed)
		status = STATUS_FAILED;
	else
		puts(text.bytes);
	text_free(&text);
	return status;
}

static int check(const char *device, bool json)
{
	struct pinredir_report report = { .size = sizeof(report) };
	int status = 0, err = pinredir_probe(&report, device);

	if (err) {
		fprintf(stderr, "pinredir check: %s\n", strerror(-err));
		return STATUS_FAILED;
	}
	if (json)
		status = print_report_json(&report);
	else
		print_report(&report);
	if (status)
		return status;
	return report.problem == PINREDIR_NO_PROBLEM ? 0 : STATUS_MISSING;
}

enum {
	OPTION_JSON = 256,
	OPTION_DEVICE,
};

static const struct option options[] = {
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "device", required_argument, NULL, OPTION_DEVICE },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

static int check_usage(void)
{
	fputs("Try 'pinredir check --help'.\n", stderr);
	return STATUS_FAILED;
}

int command_check(int argc, char **argv)
{
	const char *device = NULL;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (option) {
		case OPTION_JSON:
			json = true;
			break;
		case OPTION_DEVICE:
			device = optarg;
			break;
		case 'h':
			fputs(check_help, stdout);
			return 0;
		default:
			return check_usage();
		}
	}
	if (optind < argc) {
		fprintf(stderr, "pinredir check: it takes no arguments: %s\n",
			argv[optind]);
		return check_usage();
	}
	return check(device, json);
}
