// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copying a target's memory: what the rules ask for when it traps, and what a
 * supervisor asks for later. It is always the target that does it, in its own
 * context, into kernel memory: nobody else waits for its pages, and nothing is
 * in the arena before somebody's access has been checked.
 */
#include <linux/dcache.h>	/* bytemask_from_count() */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "arch.h"
#include "pin.h"

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
	if (!rule->max || rule->max > ctx->slot_size)
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

	if (need > call->ctx->slot_size)
		return -ENOBUFS;
	size = max_t(u32, roundup_pow_of_two(need), PIN_SPARE_BYTES);
	size = min(size, call->ctx->slot_size);
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
	u32 room = min(max, call->ctx->slot_size - call->buf_len);
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
	u32 start = call->buf_len, room = min(max, call->ctx->slot_size - start);
	u64 slot = pin_slot_address(call), pointer, *place;
	long i, count;
	int err = 0;

	count = pin_vector_pointers(call, src, start + room, most);
	if (count < 0)
		err = count;
	for (i = 0; i < count && !err; i++) {
		/* The buffer can have become another one. */
		place = (u64 *)(call->buf + start) + i;
		pointer = *place;
		*place = slot + call->buf_len;
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
		.pointer = sd->args[i],
	};
	call->values[i] = len;
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
		err = pin_slot_write(call, call->buf, call->buf_len);
		call->moved = !err;
	} else {
		err = pin_slot_populate(call, call->buf_len);
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

/**
 * pin_copy_args - copy what the rules ask for
 * @call: the call, of current, which is about to wait
 * @sd: its number and arguments
 */
void pin_copy_args(struct pin_call *call, const struct seccomp_data *sd)
{
	struct pin_nr_rules rules __uninitialized;
	unsigned long left;
	unsigned int i;

	for (left = pin_rules_get(call, sd->nr, &rules); left;
	     left &= left - 1) {
		i = __ffs(left);
		if (call->window) {
			pin_copy_arg(call, sd, i, &rules.arg[i]);
		} else if (sd->args[i]) {
			call->copied |= BIT(i);
			call->copies[i] = (struct pin_copy){
				.kind = rules.arg[i].kind,
				.error = call->slot_error,
				.pointer = sd->args[i],
			};
		}
	}
}

/**
 * struct pin_fetch - a fetch under way
 * @work: what the target is asked to do
 * @call: the target's; to be looked at by the target, who is inside of it
 * @src: in the target
 * @kind: SECCOMP_PIN_STRING or SECCOMP_PIN_BYTES
 * @place: where it is to go, in the arena
 * @len: at most; when done, how much was copied
 * @ret: -ENOENT until done
 * @buf: kernel memory: it may be filled long after the requester gave up
 */
struct pin_fetch {
	struct seccomp_attend_work work;
	struct pin_call *call;
	void __user *src;
	u32 kind;
	u32 len;
	u64 place;
	int ret;
	u8 *buf;
};

static int pin_fetch_copy(struct pin_fetch *fetch)
{
	long n;

	if (fetch->kind == SECCOMP_PIN_BYTES)
		return copy_from_user(fetch->buf, fetch->src, fetch->len) ?
		       -EFAULT : 0;
	n = strncpy_from_user(fetch->buf, fetch->src, fetch->len);
	if (n < 0)
		return n;
	if (n == fetch->len)
		return -ENAMETOOLONG;
	fetch->len = n + 1;
	return 0;
}

/* By the target, which pays for the memory as well */
static void pin_fetch_work(struct seccomp_attend_work *work)
{
	struct pin_fetch *fetch = container_of(work, struct pin_fetch, work);
	struct pin_call *call = fetch->call;

	fetch->buf = kvmalloc(fetch->len, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!fetch->buf) {
		fetch->ret = -ENOMEM;
		return;
	}
	fetch->ret = pin_fetch_copy(fetch) ?:
		     pin_arena_populate(call->ctx, fetch->place, fetch->len);
}

static void pin_fetch_release(struct seccomp_attend_work *work)
{
	struct pin_fetch *fetch = container_of(work, struct pin_fetch, work);

	kvfree(fetch->buf);
	kfree(fetch);
}

/*
 * Where in the arena a fetch goes to: into the slot or, counted on from its end,
 * into the larger slot, if there is one by now.
 */
static int pin_fetch_place(struct pin_call *call,
			   const struct seccomp_pin_fetch *req, u64 *place)
{
	u32 size = call->window ? call->ctx->slot_size : 0, at = req->offset;

	lockdep_assert_held(&call->lock);
	if (at >= size && call->run.window) {
		at -= size;
		size = pin_run_size(call);
		*place = pin_run_offset(call) + at;
	} else if (size) {
		*place = pin_slot_offset(call) + at;
	} else {
		return call->slot_error;
	}
	return at > size || req->len > size - at ? -EINVAL : 0;
}

static struct pin_fetch *pin_fetch_alloc(struct pin_call *call, u64 place,
					 const struct seccomp_pin_fetch *req)
{
	struct pin_fetch *fetch = kzalloc(sizeof(*fetch), GFP_KERNEL_ACCOUNT);

	if (!fetch)
		return NULL;
	fetch->work.fn = pin_fetch_work;
	fetch->work.release = pin_fetch_release;
	refcount_set(&fetch->work.refs, 2);
	init_completion(&fetch->work.done);
	fetch->call = call;
	fetch->src = u64_to_user_ptr(req->address);
	fetch->kind = req->kind;
	fetch->len = req->len;
	fetch->place = place;
	fetch->ret = -ENOENT;
	return fetch;
}

/*
 * What was fetched is wanted if the call still waits. What the rules had copied
 * goes first, if its receiver had no access: this caller has.
 */
static int pin_fetch_move(struct pin_call *call, const struct pin_fetch *fetch,
			  struct seccomp_pin_fetch *req)
{
	int err = -ENOENT;
	u64 place;

	mutex_lock(&call->lock);
	if (!call->answered)
		err = pin_fetch_place(call, req, &place) ?:
		      pin_call_move(call) ?:
		      pin_arena_write(call->ctx, place, fetch->buf, fetch->len);
	mutex_unlock(&call->lock);
	if (!err)
		req->len = fetch->len;
	return err;
}

static int pin_fetch_call(struct pin_call *call, struct seccomp_pin_fetch *req)
{
	struct pin_fetch *fetch;
	u64 place;
	int err;

	/* Nobody sees the slot, and it is kept for nobody. */
	if (!pin_call_held(call))
		return -EINPROGRESS;
	mutex_lock(&call->lock);
	err = pin_fetch_place(call, req, &place);
	mutex_unlock(&call->lock);
	if (err)
		return err;

	fetch = pin_fetch_alloc(call, place, req);
	if (!fetch)
		return -ENOMEM;
	err = seccomp_attend_run(&call->attended, &fetch->work,
				 msecs_to_jiffies(req->timeout));
	if (err && err != -ETIMEDOUT && err != -ERESTARTSYS) {
		/* It was never seen by the target. */
		pin_fetch_release(&fetch->work);
		return err;
	}
	err = err ?: fetch->ret ?: pin_fetch_move(call, fetch, req);
	seccomp_attend_work_put(&fetch->work);
	/* Started anew, it would wait for all of its time again. */
	return err == -ERESTARTSYS ? -EINTR : err;
}

/**
 * pin_fetch - copy more of a parked target's memory into its slot
 * @ctx: the context
 * @req: the request, and what it returns
 *
 * Return: 0 or
 * * -EINVAL: malformed, or not within one of the call's slots
 * * -EFAULT: the target's memory cannot be read
 * * -ENAMETOOLONG: no NUL in that many bytes
 * * -ETIMEDOUT: the target did not get it done in time
 * * -EBUSY: the target is at work on another request
 * * -EINPROGRESS: not received or adopted here
 * * -EACCES: no ptrace access to the target
 * * -EOPNOTSUPP, -ENOBUFS, -ENOMEM: there is no slot, and why
 * * -ENOMEM: the target, who pays for it, has no memory left
 * * -EINTR: interrupted by a signal
 * * what pin_call_find() returns
 */
int pin_fetch(struct pin_ctx *ctx, struct seccomp_pin_fetch *req)
{
	struct pin_call *call;
	int err;

	if (req->kind != SECCOMP_PIN_STRING && req->kind != SECCOMP_PIN_BYTES)
		return -EINVAL;
	if (!req->timeout || req->timeout > SECCOMP_PIN_MAX_TIMEOUT)
		return -EINVAL;
	if (!req->len || req->len > ctx->window_size)
		return -EINVAL;

	call = pin_call_find(ctx, req->id);
	if (IS_ERR(call))
		return PTR_ERR(call);
	err = pin_fetch_call(call, req);
	pin_call_put(call);
	return err;
}
