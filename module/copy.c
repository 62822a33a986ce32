// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules, and the copying that they ask for when a target traps. The target does it,
 * in its own context, into kernel memory: nobody else waits for its pages, and
 * nothing is in the arena before somebody's access has been checked.
 */
#include <linux/dcache.h>	/* bytemask_from_count() */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "copy.h"

/* Arguments start at multiples of this, for structures in them: words. */
#define PIN_COPY_ALIGN	sizeof(u64)

struct pin_arg_rule {
	u32 max;
	u32 len;
	u8 kind;
};

struct pin_nr_rules {
	u8 args;	/* which there are, a bit for each */
	struct pin_arg_rule arg[SECCOMP_PIN_ARGS];
};

/**
 * struct pin_rules - what targets copy
 * @rcu: freed after readers
 * @generation: tells them from those before and after
 * @index: for each syscall, 1 + its place in @nr, or 0
 * @nr: rules by syscall
 */
struct pin_rules {
	struct rcu_head rcu;
	u64 generation;
	u16 index[SECCOMP_PIN_MAX_NR];
	struct pin_nr_rules nr[];
};

static int pin_rule_check(const struct pin_ctx *ctx,
			  const struct seccomp_pin_rule *rule)
{
	if (rule->nr >= SECCOMP_PIN_MAX_NR || rule->arg >= SECCOMP_PIN_ARGS)
		return -EINVAL;
	if (!rule->max || rule->max > ctx->space.slot_size)
		return -EINVAL;
	switch (rule->kind) {
	case SECCOMP_PIN_STRING:
		return rule->len ? -EINVAL : 0;
	case SECCOMP_PIN_BYTES:
		return !rule->len || rule->len > rule->max ? -EINVAL : 0;
	case SECCOMP_PIN_BYTES_ARG:
		if (rule->len >= SECCOMP_PIN_ARGS || rule->len == rule->arg)
			return -EINVAL;
		return 0;
	case SECCOMP_PIN_VECTOR:
		return rule->len ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

static int pin_rules_add(const struct pin_ctx *ctx, struct pin_rules *rules,
			 u32 *used, const struct seccomp_pin_rule *rule)
{
	struct pin_arg_rule *arg;
	int err = pin_rule_check(ctx, rule);

	if (err)
		return err;
	if (!rules->index[rule->nr])
		rules->index[rule->nr] = ++*used;
	arg = &rules->nr[rules->index[rule->nr] - 1].arg[rule->arg];
	if (arg->kind)
		return -EINVAL;
	arg->kind = rule->kind;
	arg->max = rule->max;
	arg->len = rule->len;
	rules->nr[rules->index[rule->nr] - 1].args |= BIT(rule->arg);
	return 0;
}

/**
 * pin_set_rules - replace the rules
 * @ctx: the context
 * @req: the request
 *
 * Return: 0 or
 * * -EINVAL: malformed, or two rules for one argument
 * * -EFAULT: the array cannot be read
 * * -ENOMEM
 */
int pin_set_rules(struct pin_ctx *ctx, const struct seccomp_pin_rules *req)
{
	static atomic64_t generation;
	struct seccomp_pin_rule *array = NULL;
	struct pin_rules *rules;
	u32 i, used = 0;
	int err = 0;

	if (req->reserved || req->count > SECCOMP_PIN_MAX_RULES)
		return -EINVAL;

	if (req->count) {
		array = vmemdup_array_user(u64_to_user_ptr(req->rules),
					   req->count, sizeof(*array));
		if (IS_ERR(array))
			return PTR_ERR(array);
	}
	/* There are no more syscalls than rules. */
	rules = kvzalloc(struct_size(rules, nr, req->count),
			 GFP_KERNEL_ACCOUNT);
	if (!rules) {
		kvfree(array);
		return -ENOMEM;
	}
	rules->generation = atomic64_inc_return(&generation);
	for (i = 0; i < req->count && !err; i++)
		err = pin_rules_add(ctx, rules, &used, &array[i]);
	kvfree(array);
	if (err) {
		kvfree(rules);
		return err;
	}

	rules = unrcu_pointer(xchg(&ctx->rules, RCU_INITIALIZER(rules)));
	if (rules)
		kvfree_rcu(rules, rcu);
	return 0;
}

/*
 * The rules of one syscall; a copy, for they are not waited for. Returns for which
 * arguments there are some, a bit for each: the others are not filled in.
 */
static u8 pin_rules_get(struct pin_call *call, int nr, struct pin_nr_rules *copy)
{
	const struct pin_nr_rules *found;
	const struct pin_rules *rules;
	unsigned long left;
	u8 args = 0;

	if (nr < 0 || nr >= SECCOMP_PIN_MAX_NR)
		return 0;
	nr = array_index_nospec(nr, SECCOMP_PIN_MAX_NR);

	rcu_read_lock();
	rules = rcu_dereference(call->ctx->rules);
	if (rules) {
		call->rules = rules->generation;
		if (rules->index[nr]) {
			found = &rules->nr[rules->index[nr] - 1];
			args = found->args;
			for (left = args; left; left &= left - 1)
				copy->arg[__ffs(left)] =
					found->arg[__ffs(left)];
		}
	}
	rcu_read_unlock();
	return args;
}

/* A buffer with @need bytes at least, for what is in the one there is, and more */
static noinline int pin_buf_replace(struct pin_call *call, u32 need)
{
	u32 size;
	u8 *buf;

	if (need > pin_call_space(call)->slot_size)
		return -ENOBUFS;
	size = max_t(u32, roundup_pow_of_two(need), PIN_SPARE_BYTES);
	size = min(size, pin_call_space(call)->slot_size);
	buf = kvmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!buf)
		return -ENOMEM;
	memcpy(buf, call->buf, call->buf_len);
	if (call->buf != call->inl)
		kvfree(call->buf);
	call->buf = buf;
	call->buf_size = size;
	return 0;
}

/*
 * Room for @want more bytes behind those in use. What is not in use is not zeroed:
 * nothing goes by it before something is copied there.
 */
static inline int pin_buf_grow(struct pin_call *call, u32 want)
{
	u32 need = ALIGN(call->buf_len + want, PIN_COPY_ALIGN);

	return likely(need <= call->buf_size) ? 0 : pin_buf_replace(call, need);
}

/* One that does not fit into the buffer, of which nothing is used from @have on */
static noinline int pin_copy_long_string(struct pin_call *call,
					 const char __user *src, u32 max,
					 u32 have, u32 *len)
{
	u32 room = min(max, pin_call_space(call)->slot_size - call->buf_len);
	long n = have;
	int err;

	/* What was copied is not trusted to stay the same. */
	if (have < room) {
		err = pin_buf_grow(call, room);
		if (err)
			return err;
		n = strncpy_from_user(call->buf + call->buf_len, src, room);
	}
	if (n < 0)
		return n;
	if (n == room)
		return room < max ? -ENOBUFS : -ENAMETOOLONG;
	*len = n + 1;
	return 0;
}

static int pin_copy_string(struct pin_call *call, const char __user *src,
			   u32 max, u32 *len)
{
	/* Not larger than the slot, nor is the rule's maximum. */
	u32 have = min(max, call->buf_size - call->buf_len);
	long n;

	/* Most are short. */
	n = strncpy_from_user(call->buf + call->buf_len, src, have);
	if (unlikely(n == have))
		return pin_copy_long_string(call, src, max, have, len);
	if (n < 0)
		return n;
	*len = n + 1;
	return 0;
}

static int pin_copy_bytes(struct pin_call *call, const void __user *src,
			  u64 want, u32 max, u32 *len)
{
	int err;

	if (want > max)
		return -E2BIG;
	err = pin_buf_grow(call, want);
	if (err)
		return err;
	if (copy_from_user(call->buf + call->buf_len, src, want))
		return -EFAULT;
	*len = want;
	return 0;
}

/* Strings that are copied before others get a turn */
#define PIN_VECTOR_BATCH	64

/* How many pointers there are before the NULL, or @nr, or -EFAULT */
static long pin_pointers_read(u64 *to, const u64 __user *src, u32 nr)
{
	u32 i;

	if (!user_read_access_begin(src, nr * sizeof(*src)))
		return -EFAULT;
	for (i = 0; i < nr; i++) {
		unsafe_get_user(to[i], &src[i], err);
		if (!to[i])
			break;
	}
	user_read_access_end();
	return i;
err:
	user_read_access_end();
	return -EFAULT;
}

/*
 * The pointers of a vector, with the NULL, each read once. That there are no more
 * of them than the rule allows is seen before anything else is done about them.
 * Returns how many there are before the NULL.
 */
static long pin_vector_pointers(struct pin_call *call, const u64 __user *src,
				u32 end, u32 most)
{
	u32 room = (end - call->buf_len) / sizeof(*src), n = 0, nr;
	u32 stop = most < room ? most + 1 : room;
	long got;
	int err;

	while (n < stop) {
		err = pin_buf_grow(call, sizeof(*src));
		if (err)
			return err;
		nr = (call->buf_size - call->buf_len) / sizeof(*src);
		nr = min(nr, stop - n);
		/* The end of the address space can be nearer than that. */
		if (!access_ok(&src[n], nr * sizeof(*src)))
			nr = 1;
		got = pin_pointers_read((u64 *)(call->buf + call->buf_len),
					&src[n], nr);
		if (got < 0)
			return got;
		n += got;
		call->buf_len += got * sizeof(*src);
		if (got < nr) {
			call->buf_len += sizeof(*src);
			return n;
		}
	}
	return most < room ? -E2BIG : -ENOBUFS;
}

/* One of its strings. No byte of it is read twice. */
static int pin_vector_string(struct pin_call *call, const char __user *src,
			     u32 end)
{
	u32 have;
	long n;
	int err;

	for (;;) {
		have = min(end, call->buf_size) - call->buf_len;
		n = strncpy_from_user(call->buf + call->buf_len, src, have);
		if (n < 0)
			return n;
		call->buf_len += n;
		if (likely(n < have)) {
			/* Its NUL has been copied as well. */
			call->buf_len++;
			return 0;
		}
		if (call->buf_len == end)
			return -ENOBUFS;
		src += n;
		err = pin_buf_grow(call, 1);
		if (err)
			return err;
	}
}

/*
 * A vector: the array, of the addresses that its strings have in the slot, and
 * behind it the strings. It ends at @end at the latest, wherever the target's
 * pointers point to and however often. Until it is all there, the array has the
 * target's own pointers in it: call->buf_len is set back if it never is.
 */
static noinline int pin_copy_vector(struct pin_call *call,
				    const void __user *src, u32 max, u32 most,
				    u32 *len)
{
	u32 start = call->buf_len;
	u32 room = min(max, pin_call_space(call)->slot_size - start);
	u64 pointer, *place;
	long i, count;
	int err = 0;

	count = pin_vector_pointers(call, src, start + room, most);
	if (count < 0)
		err = count;
	for (i = 0; i < count && !err; i++) {
		/* The buffer can have become another one. */
		place = (u64 *)(call->buf + start) + i;
		pointer = *place;
		*place = call->slot.address + call->buf_len;
		err = pin_vector_string(call, u64_to_user_ptr(pointer),
					start + room);
		if (i % PIN_VECTOR_BATCH == PIN_VECTOR_BATCH - 1)
			cond_resched();
	}
	*len = err ? 0 : call->buf_len - start;
	return err == -ENOBUFS && room == max ? -E2BIG : err;
}

/*
 * What is in use ends at @end. The rest of the last word is zeroed: it goes into the
 * slot as well, and verdicts are found by it.
 */
static inline void pin_buf_end(struct pin_call *call, u32 end)
{
	u32 some = end % PIN_COPY_ALIGN;

	/* Both sizes of room are whole words: this stays within them. */
	if (some) {
		end -= some;
		*(u64 *)(call->buf + end) &= bytemask_from_count(some);
		end += PIN_COPY_ALIGN;
	}
	call->buf_len = end;
}

static void pin_copy_arg(struct pin_call *call, const struct seccomp_data *sd,
			 unsigned int i, const struct pin_arg_rule *rule)
{
	void __user *src = u64_to_user_ptr(sd->args[i]);
	u32 offset = call->buf_len, len = 0;
	int err = 0;

	if (!src)
		return;
	switch (rule->kind) {
	case SECCOMP_PIN_STRING:
		err = pin_copy_string(call, src, rule->max, &len);
		break;
	case SECCOMP_PIN_BYTES:
		err = pin_copy_bytes(call, src, rule->len, rule->max, &len);
		break;
	case SECCOMP_PIN_BYTES_ARG:
		err = pin_copy_bytes(call, src, sd->args[rule->len], rule->max,
				     &len);
		break;
	case SECCOMP_PIN_VECTOR:
		err = pin_copy_vector(call, src, rule->max, rule->len, &len);
		break;
	}
	if (unlikely(err))
		call->failed = true;
	call->copied |= BIT(i);
	call->copies[i] = (struct pin_copy){
		.kind = rule->kind,
		.error = err,
		.offset = offset,
		.len = len,
	};
	pin_buf_end(call, offset + len);
}

/**
 * pin_copies_place - the copies, or the pages that they are to go to
 * @call: the call, of current, which is about to wait
 *
 * Before it is the supervisor's turn; into the slot, if somebody had access.
 */
void pin_copies_place(struct pin_call *call)
{
	unsigned int i;
	int err;

	if (call->trust) {
		err = pin_slot_write(pin_call_space(call), &call->slot, call->buf,
				     call->buf_len);
		call->moved = !err;
	} else {
		err = pin_window_populate(pin_call_space(call),
					  call->slot.window, call->slot.at,
					  call->buf_len);
	}
	if (!err)
		return;
	call->failed = true;
	call->buf_len = 0;
	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		if (!(call->copied & BIT(i)))
			continue;
		call->copies[i].len = 0;
		call->copies[i].error = call->copies[i].error ?: err;
	}
}

/*
 * An argument straight into the call's slot, at @at, where the rest of the page has
 * room for it. Returns its length, or why it could not be copied, or
 * PIN_COPY_OTHERWISE: it is to be copied in the other way.
 */
#define PIN_COPY_OTHERWISE	LONG_MIN

static __always_inline long
pin_copy_to_slot(u8 *slot, u32 at, const struct pin_arg_rule *rule,
		 const struct seccomp_data *sd, const void __user *src)
{
	u32 room = min_t(u32, PAGE_SIZE - at, rule->max);
	u64 want;
	long n;

	if (likely(rule->kind == SECCOMP_PIN_STRING)) {
		n = strncpy_from_user(slot + at, src, room);
		if (unlikely(n == room))
			return PIN_COPY_OTHERWISE;
		return n < 0 ? n : n + 1;
	}
	if (rule->kind == SECCOMP_PIN_VECTOR)
		return PIN_COPY_OTHERWISE;
	want = rule->kind == SECCOMP_PIN_BYTES ? rule->len : sd->args[rule->len];
	if (want > room)
		return PIN_COPY_OTHERWISE;
	return copy_from_user(slot + at, src, want) ? -EFAULT : want;
}

/*
 * Straight into the call's slot, which somebody who had access to the task will see:
 * strings and bytes that are all in its first page. Returns false if they are not,
 * for all to be copied in the other way; nobody has seen the slot yet.
 */
static __always_inline bool pin_copy_direct(struct pin_call *call,
					    const struct seccomp_data *sd,
					    const struct pin_nr_rules *rules,
					    unsigned long left)
{
	u8 *slot = pin_slot_memory(&call->slot);
	struct pin_copy *copy;
	u32 at = 0, some;
	unsigned int i;
	long n;

	if (unlikely(!slot))
		return false;
	for (; left; left &= left - 1) {
		i = __ffs(left);
		if (!sd->args[i])
			continue;
		n = at < PAGE_SIZE ?
		    pin_copy_to_slot(slot, at, &rules->arg[i], sd,
				     u64_to_user_ptr(sd->args[i])) :
		    PIN_COPY_OTHERWISE;
		if (unlikely(n == PIN_COPY_OTHERWISE))
			return false;
		copy = &call->copies[i];
		copy->kind = rules->arg[i].kind;
		copy->offset = at;
		copy->error = 0;
		if (unlikely(n < 0)) {
			call->failed = true;
			copy->error = n;
			n = 0;
		}
		copy->len = n;
		call->copied |= BIT(i);
		at += n;
		/* The rest of the last word is zeroed, as in pin_buf_end(). */
		some = at % PIN_COPY_ALIGN;
		if (some) {
			at -= some;
			*(u64 *)(slot + at) &= bytemask_from_count(some);
			at += PIN_COPY_ALIGN;
		}
	}
	call->buf_len = at;
	call->moved = true;
	return true;
}

/**
 * pin_copy_args - copy what the rules ask for
 * @call: the call, of current, which is about to wait
 */
void pin_copy_args(struct pin_call *call)
{
	struct pin_nr_rules rules __uninitialized;
	const struct seccomp_data *sd = &call->data;
	unsigned long left;
	unsigned int i;

	left = pin_rules_get(call, sd->nr, &rules);
	/* Verdicts are found by the module's own copy, and not by the slot. */
	if (likely(call->trust && call->slot.window && !call->ctx->verdicts)) {
		if (likely(pin_copy_direct(call, sd, &rules, left)))
			return;
		call->copied = 0;
		call->failed = false;
	}
	for (; left; left &= left - 1) {
		i = __ffs(left);
		if (call->slot.window) {
			pin_copy_arg(call, sd, i, &rules.arg[i]);
		} else if (sd->args[i]) {
			call->copied |= BIT(i);
			call->copies[i] = (struct pin_copy){
				.kind = rules.arg[i].kind,
				.error = call->slot_error,
			};
		}
	}
}
