// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules, and the copying that they ask for when a target traps. The target copies, in
 * its own context: nobody else waits for its pages. It copies into kernel memory or, if
 * somebody's access to it has been checked, straight into the slot's first page.
 */
#include <linux/cleanup.h>
#include <linux/dcache.h>	/* bytemask_from_count() */
#include <linux/log2.h>
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "copy.h"
#include "user.h"

/* Strings of a vector that are copied before others get a turn */
#define PIN_VECTOR_BATCH	64

/* Arguments start at multiples of this, for structures in them: words. */
#define PIN_COPY_ALIGN	sizeof(u64)

struct pin_nr_rules {
	u8 args;	/* which there are, a bit for each */
	struct seccomp_pin_rule arg[SECCOMP_PIN_ARGS];
};

struct pin_rules {
	struct rcu_head rcu;
	u64 generation;			/* tells them from others */
	u16 index[SECCOMP_PIN_MAX_NR];	/* 1 + a syscall's place in @nr, or 0 */
	struct pin_nr_rules nr[];
};

static bool pin_rule_valid(const struct pin_ctx *ctx,
			   const struct seccomp_pin_rule *rule)
{
	if (rule->nr >= SECCOMP_PIN_MAX_NR || rule->arg >= SECCOMP_PIN_ARGS ||
	    !rule->max || rule->max > ctx->space.slot_size)
		return false;
	switch (rule->kind) {
	case SECCOMP_PIN_STRING:
		return !rule->len;
	case SECCOMP_PIN_BYTES:
		return rule->len && rule->len <= rule->max;
	case SECCOMP_PIN_BYTES_ARG:
		return rule->len < SECCOMP_PIN_ARGS && rule->len != rule->arg;
	case SECCOMP_PIN_VECTOR:
		return rule->len;
	default:
		return false;
	}
}

/* RULES: replace the rules. Return: as in docs/abi.md */
int pin_set_rules(struct pin_ctx *ctx, const struct seccomp_pin_rules *req)
{
	struct seccomp_pin_rule *array __free(kvfree) = NULL;
	struct pin_rules *rules __free(kvfree) = NULL;
	const struct seccomp_pin_rule *rule;
	static atomic64_t generation;
	struct pin_nr_rules *nr;
	u32 used = 0;

	if (req->reserved || req->count > SECCOMP_PIN_MAX_RULES)
		return -EINVAL;
	array = vmemdup_array_user(u64_to_user_ptr(req->rules), req->count,
				   sizeof(*array));
	if (IS_ERR(array))
		return PTR_ERR(array);
	/* There are no more syscalls than rules. */
	rules = kvzalloc(struct_size(rules, nr, req->count), GFP_KERNEL_ACCOUNT);
	if (!rules)
		return -ENOMEM;
	rules->generation = atomic64_inc_return(&generation);
	for (rule = array; rule < array + req->count; rule++) {
		if (!pin_rule_valid(ctx, rule))
			return -EINVAL;
		if (!rules->index[rule->nr])
			rules->index[rule->nr] = ++used;
		nr = &rules->nr[rules->index[rule->nr] - 1];
		if (nr->args & BIT(rule->arg))
			return -EINVAL;
		nr->args |= BIT(rule->arg);
		nr->arg[rule->arg] = *rule;
	}
	/* @rules are those that ctx->rules had, from here on. */
	rules = unrcu_pointer(xchg(&ctx->rules, RCU_INITIALIZER(rules)));
	kvfree_rcu(no_free_ptr(rules), rcu);
	return 0;
}

/*
 * The rules of the call's syscall; a copy, for they are not waited for. Returns for
 * which arguments there are some, a bit for each: the others are not filled in.
 */
static u8 pin_rules_get(struct pin_call *call, struct pin_nr_rules *copy)
{
	u32 nr = call->told.data.nr;
	const struct pin_nr_rules *found;
	const struct pin_rules *rules;
	unsigned long left;

	if (nr >= SECCOMP_PIN_MAX_NR)
		return 0;
	nr = array_index_nospec(nr, SECCOMP_PIN_MAX_NR);

	guard(rcu)();
	rules = rcu_dereference(call->ctx->rules);
	if (!rules)
		return 0;
	call->rules = rules->generation;
	if (!rules->index[nr])
		return 0;
	found = &rules->nr[rules->index[nr] - 1];
	for (left = found->args; left; left &= left - 1)
		copy->arg[__ffs(left)] = found->arg[__ffs(left)];
	return found->args;
}

/* A buffer with @need bytes at least, for what is in the one there is, and more */
static noinline int pin_buf_replace(struct pin_call *call, u32 need)
{
	u32 size;
	u8 *buf;

	if (need > pin_call_space(call)->slot_size)
		return -ENOBUFS;
	size = clamp_t(u32, roundup_pow_of_two(need), PIN_SPARE_BYTES,
		       pin_call_space(call)->slot_size);
	buf = kvmalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!buf)
		return -ENOMEM;
	memcpy(buf, call->buf, call->buf_len);
	if (call->room != call->inl)
		kvfree(call->room);
	call->room = buf;
	call->room_size = size;
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

/* Where what is copied next ends at the latest: by its rule, and by the slot */
static inline u32 pin_copy_end(const struct pin_call *call, u32 max)
{
	return min(call->buf_len + max, pin_call_space(call)->slot_size);
}

/*
 * A string that ends at @end at the latest; the buffer grows as it gets longer. As
 * those that follow, this copies behind what is in use, and returns how many bytes
 * it has copied, or an errno (negative): -ENOBUFS if it does not end.
 */
static __always_inline long pin_copy_until(struct pin_call *call,
					   const char __user *src, u32 end)
{
	u32 start = call->buf_len, have;
	long n, err;

	/* No byte is read twice: it need not be the same any more. */
	for (;; src += n) {
		have = min(end, call->buf_size) - call->buf_len;
		n = strncpy_from_user(call->buf + call->buf_len, src, have);
		if (n < 0)
			return n;
		call->buf_len += n;
		if (likely(n < have)) {
			/* Its NUL has been copied as well. */
			call->buf_len++;
			return call->buf_len - start;
		}
		if (call->buf_len == end)
			return -ENOBUFS;
		err = pin_buf_grow(call, 1);
		if (err)
			return err;
	}
}

static noinline long pin_copy_long_string(struct pin_call *call,
					  const char __user *src, u32 end)
{
	return pin_copy_until(call, src, end);
}

static long pin_copy_string(struct pin_call *call, const char __user *src, u32 max)
{
	/* Neither the rule's maximum nor the buffer is larger than the slot. */
	u32 have = min(max, call->buf_size - call->buf_len);
	long n;

	n = strncpy_from_user(call->buf + call->buf_len, src, have);
	/* Most are short. Of others, nothing that was copied is kept. */
	if (unlikely(n >= have))
		return pin_copy_long_string(call, src, pin_copy_end(call, max));
	return n < 0 ? n : n + 1;
}

static long pin_copy_bytes(struct pin_call *call, const void __user *src,
			   u64 want, u32 max)
{
	int err;

	if (want > max)
		return -E2BIG;
	err = pin_buf_grow(call, want);
	if (err)
		return err;
	if (copy_from_user(call->buf + call->buf_len, src, want))
		return -EFAULT;
	return want;
}

/*
 * A vector: the array, of the addresses that its strings have in the slot, and
 * behind it the strings. The rule's maximum holds for all of it, wherever the
 * target's pointers point to and however often. Until it is all there, the array has
 * the target's own pointers in it: call->buf_len is set back if it never is.
 */
static noinline long pin_copy_vector(struct pin_call *call, const u64 __user *src,
				     u32 max, u32 most)
{
	u32 start = call->buf_len, end = pin_copy_end(call, max), i, count;
	u64 pointer, *place;
	long ret;

	/* Each pointer is read once. Too many are noticed before any string is copied. */
	for (count = 0; ; count++) {
		if (count > most)
			return -E2BIG;
		if (end - call->buf_len < sizeof(pointer))
			return -ENOBUFS;
		ret = pin_buf_grow(call, sizeof(pointer));
		if (ret)
			return ret;
		if (!pin_words_read(&pointer, &src[count], sizeof(pointer)))
			return -EFAULT;
		*(u64 *)(call->buf + call->buf_len) = pointer;
		call->buf_len += sizeof(pointer);
		if (!pointer)
			break;
	}
	for (i = 0; i < count; i++) {
		/* The buffer can have become another one. */
		place = (u64 *)(call->buf + start) + i;
		pointer = *place;
		*place = call->told.slot_address + call->buf_len;
		ret = pin_copy_until(call, u64_to_user_ptr(pointer), end);
		if (ret < 0)
			return ret;
		if (i % PIN_VECTOR_BATCH == PIN_VECTOR_BATCH - 1)
			cond_resched();
	}
	return call->buf_len - start;
}

static void pin_copy_arg(struct pin_call *call, unsigned int i,
			 const struct seccomp_pin_rule *rule)
{
	const struct seccomp_data *sd = &call->told.data;
	struct seccomp_pin_copy *copy = &call->told.copies[i];
	void __user *src = u64_to_user_ptr(sd->args[i]);
	u32 offset = call->buf_len, end, some;
	long n = 0;

	if (!src)
		return;
	switch (rule->kind) {
	case SECCOMP_PIN_STRING:
		n = pin_copy_string(call, src, rule->max);
		break;
	case SECCOMP_PIN_BYTES:
		n = pin_copy_bytes(call, src, rule->len, rule->max);
		break;
	case SECCOMP_PIN_BYTES_ARG:
		n = pin_copy_bytes(call, src, sd->args[rule->len], rule->max);
		break;
	case SECCOMP_PIN_VECTOR:
		n = pin_copy_vector(call, src, rule->max, rule->len);
		break;
	}
	call->copied |= BIT(i);
	copy->kind = rule->kind;
	if (unlikely(n < 0)) {
		/* The rule's limit was reached, unless the slot's is nearer. */
		if (n == -ENOBUFS &&
		    rule->max <= pin_call_space(call)->slot_size - offset)
			n = rule->kind == SECCOMP_PIN_STRING ? -ENAMETOOLONG :
							       -E2BIG;
		copy->error = n;
		call->failed = true;
		call->buf_len = offset;
		return;
	}
	copy->offset = offset;
	copy->len = n;
	/*
	 * The rest of the last word is zeroed: it goes into the slot as well, and
	 * verdicts are found by it. The room has whole words.
	 */
	end = offset + n;
	some = end % PIN_COPY_ALIGN;
	if (some) {
		end -= some;
		*(u64 *)(call->buf + end) &= bytemask_from_count(some);
		end += PIN_COPY_ALIGN;
	}
	call->buf_len = end;
}

/*
 * If somebody had access, write the copies to the slot. If not, only make the slot's
 * pages present. The call is of current, which is about to wait.
 */
void pin_copies_place(struct pin_call *call)
{
	struct pin_space *space = pin_call_space(call);
	struct pin_slot *slot = &call->slot;
	struct seccomp_pin_copy *copy;
	bool trust = call->trust;
	unsigned long left;
	int err;

	err = trust ? pin_slot_write(space, slot, call->buf, call->buf_len) :
	      pin_window_copy(space, slot->window, slot->at, NULL, NULL,
			      call->buf_len);
	call->moved = trust && !err;
	if (!err)
		return;
	call->failed = true;
	call->buf_len = 0;
	for (left = call->copied; left; left &= left - 1) {
		copy = &call->told.copies[__ffs(left)];
		copy->offset = 0;
		copy->len = 0;
		copy->error = copy->error ?: err;
	}
}

/* Copy what the rules ask for; the call is of current, which is about to wait. */
void pin_copy_args(struct pin_call *call)
{
	struct pin_nr_rules rules __uninitialized;
	unsigned long left = pin_rules_get(call, &rules);
	unsigned int i;
	u8 *slot = NULL;

	if (unlikely(!call->slot.window)) {
		for (; left; left &= left - 1) {
			i = __ffs(left);
			if (!call->told.data.args[i])
				continue;
			call->copied |= BIT(i);
			call->told.copies[i].kind = rules.arg[i].kind;
			call->told.copies[i].error = call->told.slot_error;
		}
		return;
	}
	/*
	 * With the trust of an earlier access, the copies can go to the slot's first
	 * page at once, which no supervisor has been told of yet. But verdicts are
	 * found by the module's own copy.
	 */
	if (likely(call->trust && !call->ctx->verdicts))
		slot = pin_slot_memory(&call->slot);
	call->buf = slot ?: call->room;
	call->buf_size = slot ? PAGE_SIZE : call->room_size;
	for (; left; left &= left - 1)
		pin_copy_arg(call, __ffs(left), &rules.arg[__ffs(left)]);
	call->moved = call->buf != call->room;
}
