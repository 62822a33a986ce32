// SPDX-License-Identifier: GPL-2.0-only
/* The tool's paths, policies and lines of output, on the host. */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <cmocka.h>

#include "calls.h"
#include "layers.h"
#include "path.h"
#include "policy.h"
#include "text.h"

/* Nothing here has a device. */
int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	(void)fd;
	(void)request;
	(void)arg;
	fail();
	return -1;
}

static void paths_are_normalised(void **state)
{
	static const char *const cases[][2] = {
		{ "/", "/" },
		{ "//", "/" },
		{ "/.", "/" },
		{ "/..", "/" },
		{ "/../..", "/" },
		{ "/a", "/a" },
		{ "/a/", "/a" },
		{ "//a//b//", "/a/b" },
		{ "/a/./b/.", "/a/b" },
		{ "/a/../b", "/b" },
		{ "/a/b/..", "/a" },
		{ "/a/b/../..", "/" },
		{ "/a/b/../../../c", "/c" },
		{ "/../a", "/a" },
		{ "/...", "/..." },
		{ "/..a/.b/a..", "/..a/.b/a.." },
		{ "/a/.../..", "/a" },
		{ "/etc//../etc/./shadow/", "/etc/shadow" },
		{ "/a\n/\xff/..", "/a\n" },
	};
	char path[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		strcpy(path, cases[i][0]);
		path_normalise(path);
		assert_string_equal(path, cases[i][1]);
		/* Once more changes nothing. */
		path_normalise(path);
		assert_string_equal(path, cases[i][1]);
	}
}

static void relative_paths_are_normalised(void **state)
{
	static const char *const cases[][2] = {
		{ "a", "a" },
		{ ".", "." },
		{ "./", "." },
		{ "./a//b/", "a/b" },
		{ "a/..", "." },
		{ "a/../b", "b" },
		{ "..", ".." },
		{ "../../a", "../../a" },
		{ "a/../../b", "../b" },
		{ "../a/../..", "../.." },
		{ "a/b/../../../..", "../.." },
		{ "...", "..." },
		{ "..a/..", "." },
	};
	char path[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		strcpy(path, cases[i][0]);
		path_normalise(path);
		assert_string_equal(path, cases[i][1]);
		path_normalise(path);
		assert_string_equal(path, cases[i][1]);
	}
}

static void dots_behind_names_are_found(void **state)
{
	static const struct {
		const char *path;
		size_t dots;
	} cases[] = {
		{ "", 0 }, { "/", 0 }, { "/..", 0 }, { "../..", 0 },
		{ ".././../a", 0 }, { "/../a", 0 }, { "a/...", 0 },
		{ "a/..", 4 }, { "/a/../b", 5 }, { "../a/../b/../c", 12 },
		{ "/a/b/c/../..x", 9 }, { "//a//..//", 7 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(path_dots(cases[i].path), cases[i].dots);
	assert_true(path_ends_in_dots(".."));
	assert_true(path_ends_in_dots("a/.."));
	assert_false(path_ends_in_dots("a.."));
	assert_false(path_ends_in_dots("a/../"));
	assert_false(path_ends_in_dots("."));
}

/* As overlayfs takes its options apart */
static void layers_are_listed(void **state)
{
	static const struct {
		const char *options;
		const char *layers[4];
	} cases[] = {
		{ "", { NULL } },
		{ "ro,index=off", { NULL } },
		{ "lowerdir=a", { "a" } },
		{ "lowerdir=/a:/b::c", { "/a", "/b", "", "c" } },
		{ "lowerdir=a\\:b:\\c\\,d,ro", { "a:b", "c,d" } },
		{ "ro,lowerdir=a:b,upperdir=c:d,workdir=e",
		  { "a", "b", "c:d", "e" } },
		{ "lowerdir+=a:b,datadir+=c", { "a:b", "c" } },
		{ "lowerdir=a:,upperdir=b", { "a", "", "b" } },
		{ "x\\,lowerdir=a", { "a" } },
	};
	const char *options;
	char path[16];
	bool list;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		options = cases[i].options;
		list = false;
		for (j = 0; j < 4 && cases[i].layers[j]; j++) {
			assert_int_equal(layers_next(&options, &list, path,
						     sizeof(path)), 1);
			assert_string_equal(path, cases[i].layers[j]);
		}
		assert_int_equal(layers_next(&options, &list, path,
					     sizeof(path)), 0);
	}
	options = "lowerdir=0123456789abcdef";
	list = false;
	assert_int_equal(layers_next(&options, &list, path, sizeof(path)),
			 -ENAMETOOLONG);
}

static void a_path_is_below_by_components(void **state)
{
	(void)state;
	assert_true(path_below("/a", "/a", 2));
	assert_true(path_below("/a/b", "/a", 2));
	assert_true(path_below("/a/b/c", "/a/b", 4));
	assert_true(path_below("/", "/", 1));
	assert_true(path_below("/a", "/", 1));
	assert_false(path_below("/ab", "/a", 2));
	assert_false(path_below("/a", "/a/b", 4));
	assert_false(path_below("/", "/a", 2));
	assert_false(path_below("/b", "/a", 2));
}

static void slashes_at_the_end_are_seen(void **state)
{
	(void)state;
	assert_true(path_wants_directory("/"));
	assert_true(path_wants_directory("a/"));
	assert_true(path_wants_directory("a/."));
	assert_false(path_wants_directory("a"));
	assert_false(path_wants_directory("a."));
	assert_false(path_wants_directory(""));
	assert_false(path_wants_directory("."));
}

static struct policy policy;
static struct verdict verdict;

static void allow(const char *path)
{
	assert_null(policy_add(&policy, ACTION_ALLOW, path, NULL));
}

static void deny(const char *path)
{
	assert_null(policy_add(&policy, ACTION_DENY, path, NULL));
}

static void rewrite(const char *path, const char *to)
{
	assert_null(policy_add(&policy, ACTION_REWRITE, path, to));
}

static enum action judge(const char *path)
{
	assert_int_equal(policy_judge(&policy, path, &verdict), 0);
	return verdict.action;
}

static int clear(void **state)
{
	(void)state;
	policy_free(&policy);
	return 0;
}

static void without_rules_all_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(judge("/"), ACTION_ALLOW);
	assert_int_equal(judge("/etc/shadow"), ACTION_ALLOW);
	assert_null(verdict.rule);
}

static void what_is_not_denied_is_allowed(void **state)
{
	(void)state;
	deny("/etc/shadow");
	assert_int_equal(judge("/etc/shadow"), ACTION_DENY);
	assert_ptr_equal(verdict.rule, &policy.rules[0]);
	assert_int_equal(judge("/etc/shadow/below"), ACTION_DENY);
	assert_int_equal(judge("/etc/shadow-"), ACTION_ALLOW);
	assert_int_equal(judge("/etc"), ACTION_ALLOW);
}

static void what_is_not_allowed_is_denied_if_something_is(void **state)
{
	(void)state;
	allow("/usr");
	assert_int_equal(judge("/usr"), ACTION_ALLOW);
	assert_int_equal(judge("/usr/lib"), ACTION_ALLOW);
	assert_int_equal(judge("/"), ACTION_DENY);
	assert_null(verdict.rule);
	assert_int_equal(judge("/usrlocal"), ACTION_DENY);
}

static void rewriting_alone_denies_nothing(void **state)
{
	(void)state;
	rewrite("/a", "/b");
	assert_int_equal(judge("/c"), ACTION_ALLOW);
	assert_int_equal(judge("/b"), ACTION_ALLOW);
}

/* In whichever order they are given */
static void the_longest_rule_decides(void **state)
{
	int order;

	for (order = 0; order < 2; order++) {
		clear(state);
		if (order) {
			deny("/home");
			allow("/home/me");
			deny("/home/me/secret");
		} else {
			deny("/home/me/secret");
			allow("/home/me");
			deny("/home");
		}
		assert_int_equal(judge("/home"), ACTION_DENY);
		assert_int_equal(judge("/home/you"), ACTION_DENY);
		assert_int_equal(judge("/home/me"), ACTION_ALLOW);
		assert_int_equal(judge("/home/me/file"), ACTION_ALLOW);
		assert_int_equal(judge("/home/me/secret"), ACTION_DENY);
		assert_int_equal(judge("/home/me/secret/file"), ACTION_DENY);
		assert_int_equal(judge("/home/me/secrets"), ACTION_ALLOW);
	}
}

static void denying_wins_then_rewriting(void **state)
{
	(void)state;
	rewrite("/a", "/b");
	allow("/a");
	assert_int_equal(judge("/a/x"), ACTION_REWRITE);
	deny("/a");
	assert_int_equal(judge("/a/x"), ACTION_DENY);
	clear(state);
	deny("/a");
	allow("/a");
	rewrite("/a", "/b");
	assert_int_equal(judge("/a"), ACTION_DENY);
}

static void paths_below_are_rewritten_too(void **state)
{
	(void)state;
	rewrite("/etc/hostname", "/srv/name");
	rewrite("/a", "/");
	rewrite("/b/c", "/d");
	assert_int_equal(judge("/etc/hostname"), ACTION_REWRITE);
	assert_string_equal(verdict.path, "/srv/name");
	assert_int_equal(judge("/etc/hostname/x"), ACTION_REWRITE);
	assert_string_equal(verdict.path, "/srv/name/x");
	assert_int_equal(judge("/etc/hostnames"), ACTION_ALLOW);
	assert_int_equal(judge("/a"), ACTION_REWRITE);
	assert_string_equal(verdict.path, "/");
	assert_int_equal(judge("/a/etc"), ACTION_REWRITE);
	assert_string_equal(verdict.path, "/etc");
	assert_int_equal(judge("/b/c/e"), ACTION_REWRITE);
	assert_string_equal(verdict.path, "/d/e");
	/* Not rewritten again */
	rewrite("/d", "/f");
	assert_int_equal(judge("/b/c/e"), ACTION_REWRITE);
	assert_string_equal(verdict.path, "/d/e");
}

static void the_root_can_be_rewritten(void **state)
{
	(void)state;
	rewrite("/", "/srv/root");
	assert_int_equal(judge("/"), ACTION_REWRITE);
	assert_string_equal(verdict.path, "/srv/root");
	assert_int_equal(judge("/etc"), ACTION_REWRITE);
	assert_string_equal(verdict.path, "/srv/root/etc");
	clear(state);
	rewrite("/", "/");
	assert_int_equal(judge("/"), ACTION_REWRITE);
	assert_string_equal(verdict.path, "/");
	assert_int_equal(judge("/etc"), ACTION_REWRITE);
	assert_string_equal(verdict.path, "/etc");
}

static void what_is_rewritten_is_judged_again(void **state)
{
	(void)state;
	rewrite("/etc", "/srv/etc");
	/* It counts as allowed itself, where others would not be. */
	allow("/usr");
	assert_int_equal(judge("/etc/passwd"), ACTION_REWRITE);
	assert_int_equal(judge("/srv/etc/passwd"), ACTION_DENY);
	/* Longer ones deny. */
	deny("/srv/etc/shadow");
	assert_int_equal(judge("/etc/shadow"), ACTION_DENY);
	assert_string_equal(verdict.path, "/srv/etc/shadow");
	assert_string_equal(verdict.rule->path, "/srv/etc/shadow");
	allow("/srv/etc/shadow/not");
	assert_int_equal(judge("/etc/shadow/not"), ACTION_REWRITE);
	/* Shorter ones do not. */
	deny("/srv");
	assert_int_equal(judge("/etc/passwd"), ACTION_REWRITE);
	/* As long a one does. */
	deny("/srv/etc");
	assert_int_equal(judge("/etc/passwd"), ACTION_DENY);
}

/* A root, a disk at /home, the root's /data once more at /srv, and all of it at /all */
static struct mount disks[] = {
	{ 1, 0, "/8:1", "", "ext4" },
	{ 2, 1, "/8:2", "/home", "ext4" },
	{ 3, 1, "/8:1/data", "/srv", "ext4" },
	{ 4, 1, "/8:1", "/all", "ext4" },
};

/* What becomes of a file that is called by a name which is not denied by itself */
static enum action judge_file(const char *file, const char *name)
{
	enum action action;

	policy.mounts = (struct mounts){ .list = disks, .count = 4 };
	policy.root = &disks[0];
	action = judge(name);
	if (action != ACTION_DENY)
		policy_judge_file(&policy, file, name, &verdict);
	policy.mounts = (struct mounts){ 0 };
	return verdict.action;
}

static void files_are_denied_by_their_other_names(void **state)
{
	(void)state;
	deny("/data/x");
	deny("/home/me");
	assert_int_equal(judge_file("/8:1/data/x", "/srv/x"), ACTION_DENY);
	assert_ptr_equal(verdict.rule, &policy.rules[0]);
	assert_int_equal(judge_file("/8:1/data/x/y", "/all/data/x/y"),
			 ACTION_DENY);
	assert_int_equal(judge_file("/8:1/data/x", "/anywhere"), ACTION_DENY);
	assert_int_equal(judge_file("/8:2/me/file", "/anywhere"), ACTION_DENY);
	assert_int_equal(judge_file("/8:1/data/xx", "/srv/xx"), ACTION_ALLOW);
	assert_int_equal(judge_file("/8:2/you", "/anywhere"), ACTION_ALLOW);
	/* What the disk at /home hides has no name. */
	assert_int_equal(judge_file("/8:1/home/me", "/anywhere"), ACTION_ALLOW);
	/* Nor have other file systems. */
	assert_int_equal(judge_file("/8:3/data/x", "/anywhere"), ACTION_ALLOW);
}

static void a_mount_is_denied_by_its_name(void **state)
{
	(void)state;
	deny("/all");
	assert_int_equal(judge_file("/8:1/data/x", "/data/x"), ACTION_ALLOW);
	assert_int_equal(judge_file("/8:1/data/x", "/srv/x"), ACTION_ALLOW);
	/* In a container, say */
	assert_int_equal(judge_file("/8:1/data/x", "/anywhere"), ACTION_ALLOW);
	/* There it has no other name. */
	deny("/home");
	assert_int_equal(judge_file("/8:2/x", "/anywhere"), ACTION_DENY);
	clear(state);
	deny("/");
	allow("/srv");
	assert_int_equal(judge_file("/8:1/data/x", "/srv/x"), ACTION_ALLOW);
}

static void other_names_do_not_allow(void **state)
{
	(void)state;
	allow("/srv");
	allow("/home");
	assert_int_equal(judge_file("/8:1/data/x", "/srv/x"), ACTION_ALLOW);
	assert_int_equal(judge_file("/8:2/x", "/home/x"), ACTION_ALLOW);
	assert_int_equal(judge_file("/8:1/data/x", "/data/x"), ACTION_DENY);
	/* Mounted where something is allowed */
	assert_int_equal(judge_file("/8:1/etc/shadow", "/srv/x"), ACTION_DENY);
	assert_null(verdict.rule);
	assert_int_equal(judge_file("/8:2/x", "/srv/x"), ACTION_ALLOW);
	/* A file system that was not there */
	assert_int_equal(judge_file("/0:99/x", "/srv/x"), ACTION_ALLOW);
}

static enum action judge_tree(const char *file, const char *name)
{
	policy.mounts = (struct mounts){ .list = disks, .count = 4 };
	policy.root = &disks[0];
	assert_int_equal(judge(name), ACTION_ALLOW);
	policy_judge_tree(&policy, file, name, &verdict);
	policy.mounts = (struct mounts){ 0 };
	return verdict.action;
}

static void trees_are_denied_with_what_is_below(void **state)
{
	(void)state;
	deny("/data/x/y");
	rewrite("/home/me", "/you");
	assert_int_equal(judge_tree("/8:1/data/x", "/data/x"), ACTION_DENY);
	assert_string_equal(verdict.rule->path, "/data/x/y");
	assert_int_equal(judge_tree("/8:1/data", "/anywhere"), ACTION_DENY);
	assert_int_equal(judge_tree("/8:1", "/all"), ACTION_DENY);
	assert_int_equal(judge_tree("/8:2", "/home"), ACTION_DENY);
	assert_int_equal(judge_tree("/8:2", "/anywhere"), ACTION_DENY);
	assert_int_equal(judge_tree("/8:1/data/z", "/srv/z"), ACTION_ALLOW);
	assert_int_equal(judge_tree("/8:1/data/x/yy", "/data/x/yy"),
			 ACTION_ALLOW);
}

static void what_becomes_too_long_is_told(void **state)
{
	char path[PATH_MAX];

	(void)state;
	rewrite("/a", "/bb");
	memset(path, 'x', sizeof(path));
	memcpy(path, "/a/", 3);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(policy_judge(&policy, path, &verdict), -ENAMETOOLONG);
	path[sizeof(path) - 2] = '\0';
	assert_int_equal(policy_judge(&policy, path, &verdict), 0);
	assert_int_equal(strlen(verdict.path), PATH_MAX - 1);
}

static void rules_are_normalised(void **state)
{
	(void)state;
	deny("//etc/../etc/./shadow/");
	rewrite("/a/", "/b/../c/");
	assert_int_equal(judge("/etc/shadow"), ACTION_DENY);
	assert_int_equal(judge("/a"), ACTION_REWRITE);
	assert_string_equal(verdict.path, "/c");
}

static void wrong_rules_are_refused(void **state)
{
	char path[PATH_MAX + 1];

	(void)state;
	assert_string_equal(policy_add(&policy, ACTION_DENY, "etc", NULL),
			    "the path is not absolute");
	assert_string_equal(policy_add(&policy, ACTION_ALLOW, "", NULL),
			    "the path is not absolute");
	assert_string_equal(policy_add(&policy, ACTION_REWRITE, "/a", "b"),
			    "the path is not absolute");
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[PATH_MAX] = '\0';
	assert_string_equal(policy_add(&policy, ACTION_DENY, path, NULL),
			    "the path is too long");
	assert_string_equal(policy_add(&policy, ACTION_REWRITE, "/a", path),
			    "the path is too long");
	rewrite("/a", "/b");
	rewrite("/a/", "/b");
	assert_string_equal(policy_add(&policy, ACTION_REWRITE, "/a", "/c"),
			    "the path is rewritten to another one already");
	/* None of that has left anything. */
	assert_int_equal(policy.count, 2);
	assert_int_equal(judge("/etc"), ACTION_ALLOW);
}

/* Reads a policy; what is wrong, and where */
static const char *read_bytes(const char *text, size_t len,
			      unsigned int *line)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, len, "r");
	const char *wrong;

	assert_non_null(file);
	wrong = policy_read(&policy, file, line);
	fclose(file);
	return wrong;
}

static const char *read_text(const char *text, unsigned int *line)
{
	return read_bytes(text, strlen(text), line);
}

static void files_are_read(void **state)
{
	unsigned int line;

	(void)state;
	assert_null(read_text("# A comment\n"
			      "\n"
			      "   \t \n"
			      "allow /usr\r\n"
			      "\tdeny  /usr/secret # why\n"
			      "deny /usr/a#b\n"
			      "rewrite /a\t/usr/b\n"
			      "allow \"/with blank\"\n"
			      "allow \"/q\\\"\\\\\\n\\t\\r\\377#\" # more\n"
			      "rewrite \"/c\" \"/d\"\n"
			      "allow /last", &line));
	assert_int_equal(policy.count, 8);
	assert_int_equal(judge("/usr/lib"), ACTION_ALLOW);
	assert_int_equal(judge("/usr/secret"), ACTION_DENY);
	assert_int_equal(judge("/usr/a#b"), ACTION_DENY);
	assert_int_equal(judge("/a"), ACTION_REWRITE);
	assert_string_equal(verdict.path, "/usr/b");
	assert_int_equal(judge("/with blank"), ACTION_ALLOW);
	assert_int_equal(judge("/q\"\\\n\t\r\xff#"), ACTION_ALLOW);
	assert_int_equal(judge("/c"), ACTION_REWRITE);
	assert_string_equal(verdict.path, "/d");
	assert_int_equal(judge("/last"), ACTION_ALLOW);
	assert_int_equal(judge("/other"), ACTION_DENY);
}

static void wrong_lines_are_told(void **state)
{
	static const struct {
		const char *text;
		const char *wrong;
		unsigned int line;
	} cases[] = {
		{ "permit /a\n",
		  "the line begins with neither allow, deny nor rewrite", 1 },
		{ "allow /a\n\ndeny\n", "deny takes one path", 3 },
		{ "allow\n", "allow takes one path", 1 },
		{ "allow /a /b\n", "allow takes one path", 1 },
		{ "deny /a /b", "deny takes one path", 1 },
		{ "rewrite /a\n", "rewrite takes two paths", 1 },
		{ "rewrite\n", "rewrite takes two paths", 1 },
		{ "rewrite /a /b /c\n", "there are too many words", 1 },
		{ "#\nallow a\n", "the path is not absolute", 2 },
		{ "deny \"\"\n", "the path is not absolute", 1 },
		{ "deny \"/a\n", "there is no closing quote", 1 },
		{ "deny \"/a", "there is no closing quote", 1 },
		{ "deny \"/a\\", "there is no such escape", 1 },
		{ "deny \"/a\\q\"\n", "there is no such escape", 1 },
		{ "deny \"/a\\000\"\n", "there is no such escape", 1 },
		{ "deny \"/a\\400\"\n", "there is no such escape", 1 },
		{ "deny \"/a\\18\"\n", "there is no such escape", 1 },
		{ "deny \"/a\"b\n", "something follows the closing quote", 1 },
		{ "rewrite /a /b\nrewrite /a /c\n",
		  "the path is rewritten to another one already", 2 },
	};
	unsigned int line;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		clear(state);
		assert_string_equal(read_text(cases[i].text, &line),
				    cases[i].wrong);
		assert_int_equal(line, cases[i].line);
	}
	assert_string_equal(read_bytes("deny /a\0b\n", 10, &line),
			    "there is a NUL in the line");
	assert_int_equal(line, 1);
}

static void unreadable_files_are_told(void **state)
{
	FILE *file = fopen("/", "r");
	unsigned int line;

	(void)state;
	assert_non_null(file);
	assert_string_equal(policy_read(&policy, file, &line),
			    strerror(EISDIR));
	assert_int_equal(line, 0);
	fclose(file);
}

/* The paths of a call by name, as "ARG:DIRFD" each */
static const char *paths_of(const char *name)
{
	const struct pinredir_syscall *syscall;
	struct call_path paths[CALL_PATHS];
	static char said[32];
	unsigned int i, count;
	size_t n;

	for (n = 0; (syscall = pinredir_syscall_at(n)); n++)
		if (!strcmp(syscall->name, name))
			break;
	assert_non_null(syscall);
	count = call_paths(syscall, paths);
	said[0] = '\0';
	for (i = 0; i < count; i++)
		sprintf(said + strlen(said), "%s%u:%d", i ? " " : "",
			paths[i].arg, paths[i].dirfd);
	return said;
}

static void calls_have_their_paths(void **state)
{
	static const char *const cases[][2] = {
		{ "open", "0:-1" },
		{ "openat", "1:0" },
		{ "openat2", "1:0" },
		{ "execve", "0:-1" },
		{ "execveat", "1:0" },
		{ "rename", "0:-1 1:-1" },
		{ "renameat2", "1:0 3:2" },
		{ "linkat", "1:0 3:2" },
		{ "link", "0:-1 1:-1" },
		{ "move_mount", "1:0 3:2" },
		{ "mount", "0:-1 1:-1" },
		{ "pivot_root", "0:-1 1:-1" },
		{ "quotactl", "1:-1" },
		{ "fanotify_mark", "4:3" },
		{ "getxattr", "0:-1" },
		{ "statx", "1:0" },
		{ "utimensat", "1:0" },
		/* No directory */
		{ "inotify_add_watch", "1:-1" },
		/* The text of a link, and where it is */
		{ "symlink", "1:-1" },
		{ "symlinkat", "2:1" },
		/* No files */
		{ "mq_open", "" },
		{ "mq_unlink", "" },
		{ "sendmmsg", "" },
		{ "read", "" },
		/* Those of Unix sockets */
		{ "connect", "1:-1" },
		{ "bind", "1:-1" },
		{ "sendto", "4:-1" },
		{ "sendmsg", "1:-1" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(paths_of(cases[i][0]), cases[i][1]);
}

#define QUOTED(what, most, want) do {					\
	struct text text_ = { 0 };					\
									\
	text_quote(&text_, what, sizeof(what) - 1, most);		\
	assert_string_equal(text_.bytes, want);				\
	text_free(&text_);						\
} while (0)

static void quoted_text_forges_nothing(void **state)
{
	(void)state;
	QUOTED("", 0, "\"\"");
	QUOTED("/etc/passwd", 0, "\"/etc/passwd\"");
	QUOTED("a\nb\tc\rd", 0, "\"a\\nb\\tc\\rd\"");
	QUOTED("\"\\", 0, "\"\\\"\\\\\"");
	QUOTED("\033[2J\x7f\x9b\xff\0001", 0,
	       "\"\\033[2J\\177\\233\\377\\0001\"");
	QUOTED("\xc3\xa4", 0, "\"\\303\\244\"");
	QUOTED("abcdef", 3, "\"abc\"...");
	QUOTED("abc", 3, "\"abc\"");
}

#define JSON(what, want) do {						\
	struct text text_ = { 0 };					\
									\
	text_json_string(&text_, "n", what, sizeof(what) - 1);	\
	assert_string_equal(text_.bytes, want);				\
	text_free(&text_);						\
} while (0)

static void json_is_utf8_and_loses_nothing(void **state)
{
	(void)state;
	JSON("", "\"n\":\"\"");
	JSON("a\"\\\n\x7f", "\"n\":\"a\\\"\\\\\\u000a\\u007f\"");
	JSON("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	     "\"n\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"");
	/* A control of C1, which some terminals obey */
	JSON("\xc2\x9b", "\"n\":\"\\u009b\"");
	JSON("a\xff", "\"n\":\"a\\ufffd\",\"n_hex\":\"61ff\"");
	/* Cut off, too long, a surrogate, beyond Unicode, out of place */
	JSON("\xe2\x82", "\"n\":\"\\ufffd\\ufffd\",\"n_hex\":\"e282\"");
	JSON("\xc0\xaf", "\"n\":\"\\ufffd\\ufffd\",\"n_hex\":\"c0af\"");
	JSON("\xed\xa0\x80",
	     "\"n\":\"\\ufffd\\ufffd\\ufffd\",\"n_hex\":\"eda080\"");
	JSON("\xf4\x90\x80\x80",
	     "\"n\":\"\\ufffd\\ufffd\\ufffd\\ufffd\",\"n_hex\":\"f4908080\"");
	JSON("\x80", "\"n\":\"\\ufffd\",\"n_hex\":\"80\"");
}

static void json_elements_stand_alone(void **state)
{
	struct text text = { 0 };

	(void)state;
	text_json_element(&text, "ok", 2);
	text_add(&text, ",", 1);
	text_json_element(&text, "a\xff", 2);
	assert_string_equal(text.bytes, "\"ok\",{\"hex\":\"61ff\"}");
	text_free(&text);
}

static void long_text_grows(void **state)
{
	struct text text = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 10000; i++)
		text_print(&text, "%04d", i);
	assert_int_equal(text.len, 40000);
	assert_memory_equal(text.bytes + 4 * 4321, "4321", 4);
	assert_int_equal(text.bytes[text.len], '\0');
	assert_false(text.failed);
	text_clear(&text);
	text_add(&text, "x", 1);
	assert_string_equal(text.bytes, "x");
	text_free(&text);
}

#define test(name) cmocka_unit_test_setup_teardown(name, clear, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(paths_are_normalised),
		test(relative_paths_are_normalised),
		test(dots_behind_names_are_found),
		test(layers_are_listed),
		test(a_path_is_below_by_components),
		test(slashes_at_the_end_are_seen),
		test(without_rules_all_is_allowed),
		test(what_is_not_denied_is_allowed),
		test(what_is_not_allowed_is_denied_if_something_is),
		test(rewriting_alone_denies_nothing),
		test(the_longest_rule_decides),
		test(denying_wins_then_rewriting),
		test(paths_below_are_rewritten_too),
		test(the_root_can_be_rewritten),
		test(what_is_rewritten_is_judged_again),
		test(files_are_denied_by_their_other_names),
		test(a_mount_is_denied_by_its_name),
		test(other_names_do_not_allow),
		test(trees_are_denied_with_what_is_below),
		test(what_becomes_too_long_is_told),
		test(rules_are_normalised),
		test(wrong_rules_are_refused),
		test(files_are_read),
		test(wrong_lines_are_told),
		test(unreadable_files_are_told),
		test(calls_have_their_paths),
		test(quoted_text_forges_nothing),
		test(json_is_utf8_and_loses_nothing),
		test(json_elements_stand_alone),
		test(long_text_grows),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL);
}
