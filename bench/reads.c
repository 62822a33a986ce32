// SPDX-License-Identifier: GPL-2.0-only
#include <pinredir.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "fail.h"
#include "reads.h"

static struct reads_list table[SECCOMP_PIN_MAX_NR];

static void add(unsigned int nr, enum reads_kind kind, unsigned int arg,
		uint32_t len)
{
	struct reads_list *list = &table[nr];

	if (list->count == sizeof(list->items) / sizeof(*list->items))
		fail("call %u reads too much", nr);
	list->items[list->count++] = (struct reads){
		.kind = kind,
		.arg = arg,
		.len = len,
	};
}

static void add_rule(const struct seccomp_pin_rule *rule)
{
	switch (rule->kind) {
	case SECCOMP_PIN_STRING:
		add(rule->nr, READS_STRING, rule->arg, 0);
		break;
	case SECCOMP_PIN_BYTES:
		add(rule->nr, READS_BYTES, rule->arg, rule->len);
		break;
	case SECCOMP_PIN_BYTES_ARG:
		add(rule->nr, READS_BYTES_ARG, rule->arg, rule->len);
		break;
	default:
		fail("call %u has a rule of kind %u", rule->nr, rule->kind);
	}
}

void reads_init(bool more)
{
	size_t i, count = pinredir_default_rules(NULL, 0, 0);
	struct seccomp_pin_rule *rules = calloc(count, sizeof(*rules));

	need(rules, "calloc");
	pinredir_default_rules(rules, count, sizeof(*rules));
	for (i = 0; i < count; i++)
		add_rule(&rules[i]);
	free(rules);
	if (!more)
		return;

	add(SYS_execve, READS_STRINGS, 1, 0);
	add(SYS_execve, READS_STRINGS, 2, 0);
	add(SYS_connect, READS_BYTES_ARG, 1, 2);
	add(SYS_sendmsg, READS_MESSAGE, 1, 0);
	add(SYS_write, READS_BYTES_ARG, 1, 2);
}

const struct reads_list *reads_of(unsigned int nr)
{
	static const struct reads_list nothing;

	return nr < SECCOMP_PIN_MAX_NR ? &table[nr] : &nothing;
}
