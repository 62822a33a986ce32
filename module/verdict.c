// SPDX-License-Identifier: GPL-2.0-only
/*
 * Remembered verdicts: calls that are the same as one that was answered before
 * are answered in the same way, by the target itself, when it traps.
 *
 * The same means: the syscall, the rules by which its arguments were copied, the
 * bytes of those copies, which pointers are NULL, and all other arguments but
 * those that may have any value. What is compared is the module's own copy, made
 * at the trap. The call runs on these bytes, or on those that the supervisor had
 * put in their place: nobody can change them in between.
 *
 * A verdict is for one mm and the credentials that its call had, or for every
 * target. Either way it is for tasks that somebody had ptrace access to: without
 * a supervisor in the loop, there is nobody to check when bytes go into the arena.
 */
#include <linux/cleanup.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/nospec.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/unaligned.h>

#include "call.h"
#include "lasting.h"
#include "verdict.h"

/* Places that a verdict can be in; the table is never searched further. */
#define PIN_VERDICT_WAYS	4

/*
 * If so many verdicts in a row on a syscall went before they had answered a call, the
 * module forgets all that there are on it, skips PIN_VERDICT_SKIP answers, and tries again.
 */
#define PIN_VERDICT_FUTILE	8
#define PIN_VERDICT_SKIP	240

/**
 * struct pin_verdict - a verdict
 * @hash: of the calls that it is for
 * @nr: their syscall
 * @rules: by which their arguments were copied
 * @pmm: for whom, or NULL: for every target
 * @values: pin_call_value() of each argument that counts, 0 of the others
 * @len: how many of @bytes it is found by; whole words
 * @copied: of which arguments the bytes count instead of the values; the last member
 *	that pin_verdict_choose() compares at once
 * @counts: what pin_verdicts.counts was when it was remembered; until then, which
 *	arguments count, a bit for each
 * @cred: if it is for one mm, its tasks must have these credentials; holds a reference
 * @slot: the address of the only slot that such a call can have, or 0: any
 * @used: it has answered a call
 * @refs: one of the table, one of each task that looks at it
 * @run_len: how many bytes such a call runs on
 * @run: these bytes, within @bytes
 * @answer: the answer; its pointers are offsets in the slot
 * @rcu: freed after those who look at the table
 * @node: in pin_mm.verdicts, if it is for one mm
 * @place: in the table, or NULL: dropped, and no call is answered by it any more
 * @bytes: what it is found by, and then, if they differ, those of @run
 */
struct pin_verdict {
	u32 hash;
	int nr;
	u64 rules;
	struct pin_mm *pmm;
	u64 values[SECCOMP_PIN_ARGS];
	u32 len;
	u8 copied;
	u64 counts;
	const struct cred *cred;
	u64 slot;
	bool used;
	refcount_t refs;
	u32 run_len;
	u8 *run;
	struct seccomp_pin_redirect answer;
	struct rcu_head rcu;
	struct hlist_node node;
	struct pin_verdict __rcu **place;
	u8 bytes[] __aligned(sizeof(u64));
};

/**
 * struct pin_verdicts - all that a context remembers; changed under the lock
 * @key: of the hash, odd
 * @seed: where it starts
 * @size: number of places; a power of two
 * @turn: which of its places a new verdict gets, if all are taken
 * @nr: verdicts there are
 * @hits: calls that were answered by one
 * @epoch: counts drops: no answer to an older call is remembered
 * @counts: for each syscall, which arguments count, a bit for each in the lowest
 *	byte: the others may have any value; above it, how often that has changed
 * @futile: for each syscall, how many verdicts in a row went unused, up to
 *	PIN_VERDICT_FUTILE; from there on, how many answers were skipped
 * @places: the table; RCU
 */
struct pin_verdicts {
	u64 key;
	u64 seed;
	u32 size;
	u32 turn;
	u32 nr;
	u64 hits;
	u64 epoch;
	u64 counts[SECCOMP_PIN_MAX_NR];
	u8 futile[SECCOMP_PIN_MAX_NR];
	struct pin_verdict __rcu *places[];
};

int pin_verdicts_alloc(struct pin_ctx *ctx, u32 nr)
{
	struct pin_verdicts *verdicts;

	if (!nr)
		return 0;
	nr = roundup_pow_of_two(max(nr, PIN_VERDICT_WAYS));
	verdicts = kvzalloc(struct_size(verdicts, places, nr), GFP_KERNEL_ACCOUNT);
	if (!verdicts)
		return -ENOMEM;
	verdicts->key = get_random_u64() | 1;
	verdicts->seed = get_random_u64();
	verdicts->size = nr;
	ctx->verdicts = verdicts;
	return 0;
}

void pin_verdict_put(struct pin_verdict *verdict)
{
	if (unlikely(refcount_dec_and_test(&verdict->refs))) {
		put_cred(verdict->cred);
		kvfree_rcu(verdict, rcu);
	}
}

/* Nobody else has @ctx any more. */
void pin_verdicts_free(struct pin_ctx *ctx)
{
	struct pin_verdicts *verdicts = ctx->verdicts;
	struct pin_verdict *verdict;
	u32 i;

	if (!verdicts)
		return;
	for (i = 0; i < verdicts->size; i++) {
		verdict = rcu_access_pointer(verdicts->places[i]);
		if (verdict)
			pin_verdict_put(verdict);
	}
	ctx->verdicts = NULL;
	kvfree(verdicts);
}

void pin_verdicts_query(struct pin_ctx *ctx, struct seccomp_pin_query *res)
{
	lockdep_assert_held(ctx->space.lock);
	if (!ctx->verdicts)
		return;
	res->verdicts = ctx->verdicts->nr;
	res->hits = READ_ONCE(ctx->verdicts->hits);
}

/*
 * Whether there can be a verdict on a call: all that was to be copied was, into a
 * slot, and what is in the slot can be of a target that nobody asks about.
 */
static bool pin_verdict_possible(const struct pin_call *call)
{
	return call->slot.window && !call->failed && call->told.data.nr >= 0 &&
	       call->told.data.nr < SECCOMP_PIN_MAX_NR &&
	       call->buf_len <= SECCOMP_PIN_MAX_VERDICT;
}

static __always_inline u64 pin_hash_mix(u64 hash, u64 word, u64 key)
{
	hash ^= word;
	return (hash * key) ^ mul_u64_u64_shr(hash, key, 64);
}

/*
 * The hash is no more than a place to look at: pin_verdict_matches() tells calls
 * apart. It has a key because targets choose what goes into it: one that knew many
 * calls of one place could soon push out the verdicts on others' calls. For the same
 * reason, pin_hash_mix() uses both halves of each product: in the lower half alone, a
 * difference in a word's highest bit stays there, whatever the key, and another word
 * could undo it. It starts with a seed because the products of 0 would be 0.
 */
static __always_inline u32 pin_verdict_hash(const struct pin_verdicts *verdicts,
					    const struct pin_call *call, u8 counts)
{
	const u64 key = verdicts->key, *word = (const u64 *)call->buf;
	size_t i, words = call->buf_len / sizeof(u64);
	u64 hash = pin_hash_mix(verdicts->seed ^ call->rules, call->told.data.nr,
				key);
	unsigned long left;

	for (left = counts; left; left &= left - 1)
		hash = pin_hash_mix(hash, pin_call_value(call, __ffs(left)), key);
	/* Two words at a time; without the key, nobody knows which pairs are equal. */
#pragma GCC unroll 4
	for (i = 0; i + 1 < words; i += 2)
		hash = pin_hash_mix(hash, word[i], key ^ word[i + 1]);
	if (i < words)
		hash = pin_hash_mix(hash, word[i], key);
	/* 0 for the test that calls are told apart by more than this */
	return __is_defined(SECCOMP_PIN_TEST_COLLISIONS) ? 0 : hash;
}

static struct pin_verdict __rcu **
pin_verdict_bucket(struct pin_verdicts *verdicts, u32 hash)
{
	return &verdicts->places[hash & (verdicts->size - PIN_VERDICT_WAYS)];
}

static bool pin_verdict_matches(const struct pin_verdict *verdict, u32 hash,
				u64 counts, const struct pin_call *call)
{
	const u64 *a = (const u64 *)verdict->bytes, *b = (const u64 *)call->buf;
	size_t i, words = call->buf_len / sizeof(u64);
	unsigned long left;

	if (verdict->hash != hash || verdict->counts != counts ||
	    verdict->rules != call->rules || verdict->nr != call->told.data.nr ||
	    verdict->copied != call->copied || verdict->len != call->buf_len)
		return false;
	if (verdict->slot && verdict->slot != call->told.slot_address)
		return false;
	if (verdict->pmm && (verdict->pmm != call->pmm ||
			     verdict->cred != current_real_cred()))
		return false;
	for (left = (u8)counts; left; left &= left - 1)
		if (verdict->values[__ffs(left)] != pin_call_value(call, __ffs(left)))
			return false;
	/* Both are whole words. */
#pragma GCC unroll 8
	for (i = 0; i < words; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

/* The verdict on a call, with a reference, or NULL */
static struct pin_verdict *pin_verdict_find(struct pin_verdicts *verdicts,
					    const struct pin_call *call)
{
	u32 nr = array_index_nospec(call->told.data.nr, SECCOMP_PIN_MAX_NR);
	u64 counts = READ_ONCE(verdicts->counts[nr]);
	u32 hash = pin_verdict_hash(verdicts, call, counts);
	struct pin_verdict __rcu **bucket = pin_verdict_bucket(verdicts, hash);
	struct pin_verdict *verdict;
	unsigned int i;

	guard(rcu)();
	for (i = 0; i < PIN_VERDICT_WAYS; i++) {
		verdict = rcu_dereference(bucket[i]);
		if (verdict && pin_verdict_matches(verdict, hash, counts, call) &&
		    refcount_inc_not_zero(&verdict->refs))
			return verdict;
	}
	return NULL;
}

/* Put the answer into the call, and the bytes that the call runs on into its slot. */
static bool pin_verdict_prepare(struct pin_call *call,
				const struct pin_verdict *verdict)
{
	const struct seccomp_pin_redirect *answer = &verdict->answer;
	unsigned long left;
	unsigned int i;

	if (answer->error) {
		/* If it comes to nothing, the pages are the target's all the same. */
		if (pin_window_copy(pin_call_space(call), call->slot.window,
				    call->slot.at, NULL, NULL, call->buf_len))
			return false;
		call->error = -(int)answer->error;
		call->val = 0;
		return true;
	}

	/* The first call did not; with another value of an argument, this one may. */
	if (pin_lasting(&call->told.data, answer->args_mask, answer->args,
			answer->ptr_mask))
		return false;
	for (left = answer->args_mask; left; left &= left - 1) {
		i = __ffs(left);
		call->args[i] = answer->args[i];
		if (answer->ptr_mask & BIT(i))
			call->args[i] += call->told.slot_address;
	}
	call->mask = answer->args_mask;
	return !pin_slot_write(pin_call_space(call), &call->slot, verdict->run,
			       verdict->run_len);
}

/* DROP takes the same lock: the verdict still stands and answers the call, or neither. */
static bool pin_verdict_confirm(struct pin_call *call, struct pin_verdict *verdict)
{
	struct pin_ctx *ctx = call->ctx;
	bool ok;

	spin_lock(ctx->space.lock);
	/* The verdicts of a context that is closed do not count. */
	ok = likely(verdict->place &&
		    verdict->counts == ctx->verdicts->counts[verdict->nr] &&
		    !call->listener->closed && call->listener->ctx == ctx);
	/* A supervisor that reads no completions is asked about the call instead. */
	if (ok && verdict->answer.flags & SECCOMP_PIN_COMPLETION) {
		ok = !pin_queue_reserve(&ctx->queue);
		call->completion = ok;
	}
	if (ok) {
		ctx->verdicts->hits++;
		ctx->verdicts->futile[verdict->nr] = 0;
		verdict->used = true;
		call->state = PIN_ANSWERED;
	}
	spin_unlock(ctx->space.lock);
	return ok;
}

/* Before anything is looked at: a drop from here on is noticed. */
void pin_verdict_begin(struct pin_call *call)
{
	if (call->ctx && call->ctx->verdicts)
		call->epoch = READ_ONCE(call->ctx->verdicts->epoch);
}

/*
 * Answer a call by a verdict, if there is one; returns whether it was. The call is of
 * current, which is about to wait, in a context that remembers verdicts.
 */
bool pin_verdict_apply(struct pin_call *call)
{
	struct pin_verdicts *verdicts = call->ctx->verdicts;
	struct pin_verdict *verdict;
	bool applied;

	pin_verdict_begin(call);
	if (!READ_ONCE(verdicts->nr) || !call->trust || !pin_verdict_possible(call))
		return false;

	verdict = pin_verdict_find(verdicts, call);
	if (!verdict)
		return false;
	applied = pin_verdict_prepare(call, verdict) &&
		  pin_verdict_confirm(call, verdict);
	if (likely(applied)) {
		call->told.id = 0;
		call->redirected = !verdict->answer.error;
		call->cookie = verdict->answer.cookie;
	}
	pin_verdict_put(verdict);
	return applied;
}

/*
 * Whether a verdict can be asked for like this: 0 or -EINVAL; lock held. @run_len: set
 * to how much of its slot the call runs on, or U32_MAX: it needs its larger slot, too
 */
static int pin_verdict_check(const struct pin_call *call,
			     const struct seccomp_pin_redirect *req,
			     const unsigned long *args, u32 *run_len)
{
	u64 size = pin_call_space(call)->slot_size, at, len;
	bool deny = req->flags & SECCOMP_PIN_DENY;
	unsigned long left;
	unsigned int i;

	if (!call->ctx->verdicts || req->any_mask & call->copied)
		return -EINVAL;
	/* The call would read the target's own bytes, which may be others by then. */
	if (!deny && call->copied & ~req->args_mask)
		return -EINVAL;
	*run_len = deny ? 0 : call->buf_len;
	for (left = req->ptr_mask; left; left &= left - 1) {
		i = __ffs(left);
		if (!(call->copied & BIT(i)) &&
		    (pin_call_value(call, i) || req->any_mask & BIT(i)))
			return -EINVAL;
		at = args[i] - call->told.slot_address;
		len = req->ptr_len[i];
		if (call->slot.window && at <= size && len <= size - at)
			*run_len = max(*run_len, at + len);
		else if (pin_run_covers(&call->run, args[i], len))
			*run_len = U32_MAX;
		else
			return -EINVAL;
	}
	return 0;
}

/*
 * A verdict for every target takes nothing to them but what was copied of this call,
 * which they have as well, and what the answer says that its pointers are good for.
 * The rest of the slot, between the copies and behind them, can be of the first
 * target's earlier calls, or fetched from it.
 */
static void pin_verdict_clear(struct pin_verdict *verdict,
			      const struct pin_call *call)
{
	const struct seccomp_pin_redirect *answer = &verdict->answer;
	const struct seccomp_pin_copy *copy = call->told.copies;
	unsigned int i;
	bool keep;
	u32 at;

	for (at = 0; at < verdict->run_len; at++) {
		keep = false;
		for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
			if (call->copied & BIT(i))
				keep |= at - copy[i].offset < copy[i].len;
			if (answer->ptr_mask & BIT(i))
				keep |= at - answer->args[i] < answer->ptr_len[i];
		}
		if (!keep)
			verdict->run[at] = 0;
	}
}

/*
 * Whether the bytes that the supervisor has put into the slot can be remembered.
 * Some can be addresses. An address of a remembered byte is good, but only
 * in a slot at the same address; in a verdict for every target, the byte must be one
 * that was copied, see above. An address of anything else in the target's windows
 * is not good: who knows what will be there.
 */
static bool pin_verdict_addresses(struct pin_verdict *verdict,
				  const struct pin_call *call)
{
	u64 slot = call->told.slot_address, first = U64_MAX, end = 0, value;
	u32 i, known = verdict->pmm ? verdict->run_len : verdict->len;
	const struct pin_window *window;

	spin_lock(call->ctx->space.lock);
	list_for_each_entry(window, &call->pmm->windows, node) {
		first = min(first, window->address);
		end = max(end, window->address + window->length);
	}
	spin_unlock(call->ctx->space.lock);

	for (i = 0; i + sizeof(value) <= verdict->run_len; i++) {
		value = get_unaligned((const u64 *)(verdict->run + i));
		if (value < first || value >= end)
			continue;
		if (value < slot || value - slot >= known)
			return false;
		verdict->slot = slot;
	}
	return true;
}

static struct pin_verdict *
pin_verdict_new(const struct pin_call *call, const struct seccomp_pin_redirect *req,
		const unsigned long *args, u32 run_len)
{
	struct pin_verdict *verdict;
	unsigned int i;

	if (run_len > SECCOMP_PIN_MAX_VERDICT)
		return NULL;
	verdict = kvzalloc(struct_size(verdict, bytes, call->buf_len + run_len),
			   GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!verdict)
		return NULL;
	refcount_set(&verdict->refs, 1);
	verdict->nr = call->told.data.nr;
	verdict->rules = call->rules;
	verdict->pmm = req->flags & SECCOMP_PIN_FOR_ALL ? NULL : call->pmm;
	verdict->copied = call->copied;
	verdict->counts = PIN_ALL_ARGS & ~req->any_mask;
	verdict->hash = pin_verdict_hash(call->ctx->verdicts, call,
					 verdict->counts);
	verdict->answer = *req;
	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		if (verdict->counts & BIT(i))
			verdict->values[i] = pin_call_value(call, i);
		if (req->ptr_mask & BIT(i))
			verdict->answer.args[i] = args[i] - call->told.slot_address;
	}
	verdict->len = call->buf_len;
	memcpy(verdict->bytes, call->buf, verdict->len);
	verdict->run = verdict->bytes + verdict->len;
	verdict->run_len = run_len;
	if (pin_window_copy(pin_call_space(call), call->slot.window,
			    call->slot.at, verdict->run, NULL, run_len))
		goto err;
	if (run_len <= verdict->len &&
	    !memcmp(verdict->bytes, verdict->run, run_len)) {
		verdict->run = verdict->bytes;
		return verdict;
	}
	if (!pin_verdict_addresses(verdict, call))
		goto err;
	if (!verdict->pmm)
		pin_verdict_clear(verdict, call);
	return verdict;
err:
	pin_verdict_put(verdict);
	return NULL;
}

/* All verdicts on a syscall so far match no call from now on; lock held. */
static void pin_verdicts_outdate(struct pin_verdicts *verdicts, int nr, u8 counts)
{
	u64 now = verdicts->counts[nr];

	WRITE_ONCE(verdicts->counts[nr], ((now >> 8) + 1) << 8 | counts);
}

/* A verdict goes that may have answered no call: see PIN_VERDICT_FUTILE; lock held. */
static void pin_verdict_count(struct pin_verdicts *verdicts,
			      const struct pin_verdict *verdict)
{
	u8 *futile = &verdicts->futile[verdict->nr];

	if (verdict->used || *futile >= PIN_VERDICT_FUTILE)
		return;
	/* An answer that is skipped must not leave an older one in force. */
	if (++*futile == PIN_VERDICT_FUTILE)
		pin_verdicts_outdate(verdicts, verdict->nr, verdict->counts);
}

static bool pin_verdict_pays(struct pin_verdicts *verdicts, int nr)
{
	if (verdicts->futile[nr] < PIN_VERDICT_FUTILE)
		return true;
	if (++verdicts->futile[nr] == PIN_VERDICT_FUTILE + PIN_VERDICT_SKIP)
		verdicts->futile[nr] = 0;
	return false;
}

/*
 * If an answer that has been checked asks for it, make a verdict of it. @args: the
 * values that the call's registers get. @verdict: NULL if it is not to be remembered;
 * nobody else knows of it before pin_verdict_keep(). Under call->lock; may sleep.
 * Returns 0 or -EINVAL, see docs/abi.md, "Remembered verdicts".
 */
int pin_verdict_make(const struct pin_call *call,
		     const struct seccomp_pin_redirect *req,
		     const unsigned long *args, struct pin_verdict **verdict)
{
	u32 run_len;
	bool pays;
	int err;

	*verdict = NULL;
	if (!(req->flags & SECCOMP_PIN_REMEMBER))
		return 0;
	spin_lock(&call->listener->lock);
	err = pin_verdict_check(call, req, args, &run_len);
	pays = !err && pin_verdict_possible(call) &&
	       pin_verdict_pays(call->ctx->verdicts, call->told.data.nr);
	spin_unlock(&call->listener->lock);
	if (pays)
		*verdict = pin_verdict_new(call, req, args, run_len);
	return err;
}

/* The verdict in a place of the table, or NULL; lock held */
static struct pin_verdict *pin_verdict_at(struct pin_ctx *ctx,
					  struct pin_verdict __rcu **place)
{
	return rcu_dereference_protected(*place, lockdep_is_held(ctx->space.lock));
}

/* Take a verdict out of the table, with the table's reference; lock held. */
static void pin_verdict_drop(struct pin_verdicts *verdicts,
			     struct pin_verdict *verdict)
{
	RCU_INIT_POINTER(*verdict->place, NULL);
	verdict->place = NULL;
	hlist_del_init(&verdict->node);
	verdicts->nr--;
	pin_verdict_put(verdict);
}

/* Its place: that of the verdict on the same call, a free one, or another one's in turn */
static struct pin_verdict __rcu **
pin_verdict_choose(struct pin_ctx *ctx, const struct pin_verdict *verdict)
{
	const size_t same = offsetofend(struct pin_verdict, copied);
	struct pin_verdicts *verdicts = ctx->verdicts;
	struct pin_verdict __rcu **bucket, **place = NULL;
	struct pin_verdict *other;
	unsigned int i;

	bucket = pin_verdict_bucket(verdicts, verdict->hash);
	for (i = 0; i < PIN_VERDICT_WAYS; i++) {
		other = pin_verdict_at(ctx, &bucket[i]);
		if (!other) {
			place = place ?: &bucket[i];
		} else if (!memcmp(other, verdict, same) &&
			   (u8)other->counts == (u8)verdict->counts &&
			   !memcmp(other->bytes, verdict->bytes, verdict->len)) {
			pin_verdict_count(verdicts, other);
			return &bucket[i];
		}
	}
	return place ?: &bucket[verdicts->turn++ % PIN_VERDICT_WAYS];
}

/*
 * Remember a verdict from pin_verdict_make(), which is consumed; lock held. Not if
 * verdicts were dropped since the call was made: the answer may be older than the
 * reason for the drop. Nor if nobody had access to the task, or if another task of the
 * mm has become the trusted one since: the call could not be told from one of that task.
 * Nor while verdicts on the syscall do not pay.
 */
void pin_verdict_keep(struct pin_call *call, struct pin_verdict *verdict)
{
	struct pin_ctx *ctx = call->ctx;
	struct pin_verdicts *verdicts = ctx->verdicts;
	struct pin_verdict *old;

	lockdep_assert_held(ctx->space.lock);
	if (call->epoch != verdicts->epoch || !call->trust ||
	    call->trust != call->pmm->trust ||
	    verdicts->futile[verdict->nr] >= PIN_VERDICT_FUTILE) {
		pin_verdict_put(verdict);
		return;
	}
	if (verdict->pmm)
		verdict->cred = get_cred(call->pmm->cred);

	/* Those that were given with another mask are forgotten. */
	if ((u8)verdicts->counts[verdict->nr] != verdict->counts)
		pin_verdicts_outdate(verdicts, verdict->nr, verdict->counts);
	verdict->counts = verdicts->counts[verdict->nr];
	verdict->place = pin_verdict_choose(ctx, verdict);
	old = pin_verdict_at(ctx, verdict->place);
	if (old)
		pin_verdict_drop(verdicts, old);
	rcu_assign_pointer(*verdict->place, verdict);
	if (verdict->pmm)
		hlist_add_head(&verdict->node, &verdict->pmm->verdicts);
	WRITE_ONCE(verdicts->nr, verdicts->nr + 1);
}

/*
 * An mm is dead: forget what was remembered for it. However many verdicts on a syscall
 * it had, they count as one: a process can have many that it has not used yet.
 */
void pin_verdicts_forget(struct pin_ctx *ctx, struct pin_mm *pmm)
{
	DECLARE_BITMAP(counted, SECCOMP_PIN_MAX_NR) = {};
	struct pin_verdict *verdict;

	spin_lock(ctx->space.lock);
	while (!hlist_empty(&pmm->verdicts)) {
		verdict = hlist_entry(pmm->verdicts.first, struct pin_verdict,
				      node);
		if (!__test_and_set_bit(verdict->nr, counted))
			pin_verdict_count(ctx->verdicts, verdict);
		pin_verdict_drop(ctx->verdicts, verdict);
		cond_resched_lock(ctx->space.lock);
	}
	spin_unlock(ctx->space.lock);
}

/* DROP: forget verdicts. Return: as in docs/abi.md */
int pin_drop(struct pin_ctx *ctx, const struct seccomp_pin_drop *req)
{
	bool all = req->flags & SECCOMP_PIN_DROP_ALL;
	struct pin_verdicts *verdicts = ctx->verdicts;
	struct pin_verdict *verdict;
	u32 i;

	if (req->flags & ~SECCOMP_PIN_DROP_ALL || req->reserved || !verdicts ||
	    (all && req->cookie))
		return -EINVAL;

	spin_lock(ctx->space.lock);
	WRITE_ONCE(verdicts->epoch, verdicts->epoch + 1);
	for (i = 0; i < verdicts->size; i++) {
		verdict = pin_verdict_at(ctx, &verdicts->places[i]);
		if (verdict && (all || verdict->answer.cookie == req->cookie))
			pin_verdict_drop(verdicts, verdict);
		cond_resched_lock(ctx->space.lock);
	}
	spin_unlock(ctx->space.lock);
	return 0;
}
