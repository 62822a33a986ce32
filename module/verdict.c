// SPDX-License-Identifier: GPL-2.0-only
/*
 * Remembered verdicts: calls that are the same as one that was answered before
 * are answered in the same way, by the target itself, when it traps.
 *
 * The same means: the syscall, the rules by which its arguments were copied, the
 * bytes of those copies, which pointers are NULL, and all other arguments but
 * those that may have any value. What is compared is the module's own copy, made
 * at the trap, and it is that copy, or what the supervisor had put in its place,
 * that the call runs on: nobody can change it in between.
 *
 * A verdict is for one mm and the credentials that its call had, or for every
 * target. Either way it is for tasks that somebody had ptrace access to: without
 * a supervisor in the loop, there is nobody to check when bytes go into the arena.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/unaligned.h>

#include "alloc.h"
#include "call.h"
#include "lasting.h"
#include "verdict.h"

/* Places that a verdict can be in; the table is never searched further. */
#define PIN_VERDICT_WAYS	4

/**
 * struct pin_verdict - a verdict
 * @rcu: freed after those who look at the table
 * @refs: one of the table, one of each task that looks at it
 * @dead: dropped: no call is answered by it any more
 * @node: in pin_mm.verdicts, if it is for one mm
 * @place: in the table
 * @hash: of the calls that it is for
 * @rules: by which their arguments were copied
 * @nr: their syscall
 * @copied: of which arguments the bytes count instead of the values
 * @values: how many bytes those are, 0 for arguments that may have any value, the
 *	values of the others
 * @counts: what pin_verdicts.counts was when it was remembered; until then, which
 *	arguments count, a bit for each
 * @slot: the address of the only slot that such a call can have, or 0: any
 * @pmm: for whom, or NULL: for every target
 * @cred: with these credentials; holds a reference
 * @cookie: the supervisor's name for it
 * @error: the answer, an errno (negative), or 0: the call runs
 * @completion: it is told how such a call ended
 * @mask: which arguments are substituted
 * @ptr_mask: which of them point into the slot
 * @args: their values, from the start of the slot where they point there
 * @same: the bytes that such a call runs on are those that it was found by
 * @doubtful: such a call may yet be one that remembers its pointers: that depends on
 *	an argument that may have any value
 * @len: how many bytes it is found by, of those in @bytes; whole words
 * @run_len: how many follow that it runs on, unless they are the same
 * @bytes: all of them
 */
struct pin_verdict {
	struct rcu_head rcu;
	refcount_t refs;
	bool dead;
	struct hlist_node node;
	struct pin_verdict __rcu **place;
	u32 hash;
	int nr;
	u64 rules;
	u64 counts;
	u64 slot;
	struct pin_mm *pmm;
	const struct cred *cred;
	u64 values[SECCOMP_PIN_ARGS];
	u64 cookie;
	int error;
	bool completion;
	bool same;
	bool doubtful;
	u8 copied;
	u8 mask;
	u8 ptr_mask;
	u64 args[SECCOMP_PIN_ARGS];
	u32 len;
	u32 run_len;
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
	struct pin_verdict __rcu *places[];
};

int pin_verdicts_alloc(struct pin_ctx *ctx, u32 nr)
{
	struct pin_verdicts *verdicts;

	if (!nr)
		return 0;
	nr = roundup_pow_of_two(max(nr, PIN_VERDICT_WAYS));
	verdicts = kvzalloc(struct_size(verdicts, places, nr),
			    GFP_KERNEL_ACCOUNT);
	if (!verdicts)
		return -ENOMEM;
	verdicts->key = get_random_u64() | 1;
	verdicts->seed = get_random_u64();
	verdicts->size = nr;
	ctx->verdicts = verdicts;
	return 0;
}

static noinline void pin_verdict_free(struct pin_verdict *verdict)
{
	put_cred(verdict->cred);
	kvfree_rcu(verdict, rcu);
}

void pin_verdict_put(struct pin_verdict *verdict)
{
	if (refcount_dec_and_test(&verdict->refs))
		pin_verdict_free(verdict);
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
	return call->slot.window && !call->failed && call->data.nr >= 0 &&
	       call->data.nr < SECCOMP_PIN_MAX_NR &&
	       call->buf_len <= SECCOMP_PIN_MAX_VERDICT;
}

static __always_inline u64 pin_hash_mix(u64 hash, u64 word, u64 key)
{
	u128 product = (u128)(hash ^ word) * key;

	return (u64)product ^ (u64)(product >> 64);
}

/*
 * Two calls of the same hash are told apart by what they are, so it is no more than
 * a place to look at. It has a key because what goes into it is the targets'
 * choice: one that found many calls of the same place could have the verdicts on
 * others' calls make room for its own, sooner than by making many calls. For the
 * same reason, both halves of each product count: a difference in a word's highest
 * bit would make one in the lower half's highest bit, whatever the key, and another
 * word could undo it. And it starts with a seed, or the products of 0 would be 0.
 *
 * @counts: which of its arguments do, a bit for each
 */
static __always_inline u32 pin_verdict_hash(const struct pin_verdicts *verdicts,
					    const struct pin_call *call, u8 counts)
{
#ifdef SECCOMP_PIN_TEST_COLLISIONS
	/* For the test that calls are told apart by more than this */
	return 0;
#else
	const u64 *word = (const u64 *)call->buf;
	const u64 *end = (const u64 *)(call->buf + call->buf_len);
	u64 hash = pin_hash_mix(verdicts->seed ^ call->rules, call->data.nr,
				verdicts->key);
	unsigned long left;

	for (left = counts; left; left &= left - 1)
		hash = pin_hash_mix(hash, pin_call_value(call, __ffs(left)),
				    verdicts->key);
	for (; word < end; word++)
		hash = pin_hash_mix(hash, *word, verdicts->key);
	return hash;
#endif
}

static struct pin_verdict __rcu **
pin_verdict_bucket(struct pin_verdicts *verdicts, u32 hash)
{
	return &verdicts->places[hash & (verdicts->size - PIN_VERDICT_WAYS)];
}

static bool pin_verdict_matches(const struct pin_verdict *verdict, u32 hash,
				u64 counts, const struct pin_call *call)
{
	unsigned long left;
	size_t i;

	if (verdict->hash != hash || verdict->counts != counts ||
	    verdict->rules != call->rules || verdict->nr != call->data.nr ||
	    verdict->copied != call->copied || verdict->len != call->buf_len)
		return false;
	if (verdict->slot && verdict->slot != call->slot.address)
		return false;
	if (verdict->pmm && (verdict->pmm != call->pmm ||
			     verdict->cred != current_real_cred()))
		return false;
	for (left = (u8)counts; left; left &= left - 1)
		if (verdict->values[__ffs(left)] != pin_call_value(call, __ffs(left)))
			return false;
	/* Both are whole words. */
	for (i = 0; i < call->buf_len; i += sizeof(u64))
		if (*(const u64 *)(verdict->bytes + i) !=
		    *(const u64 *)(call->buf + i))
			return false;
	return true;
}

/* The verdict on a call, with a reference, or NULL */
static struct pin_verdict *pin_verdict_find(struct pin_verdicts *verdicts,
					    const struct pin_call *call)
{
	struct pin_verdict *verdict, *found = NULL;
	struct pin_verdict __rcu **bucket;
	u32 nr = array_index_nospec(call->data.nr, SECCOMP_PIN_MAX_NR);
	u64 counts = READ_ONCE(verdicts->counts[nr]);
	u32 hash = pin_verdict_hash(verdicts, call, counts);
	unsigned int i;

	bucket = pin_verdict_bucket(verdicts, hash);
	rcu_read_lock();
	for (i = 0; i < PIN_VERDICT_WAYS && !found; i++) {
		verdict = rcu_dereference(bucket[i]);
		if (verdict &&
		    pin_verdict_matches(verdict, hash, counts, call) &&
		    refcount_inc_not_zero(&verdict->refs))
			found = verdict;
	}
	rcu_read_unlock();
	return found;
}

/* What the call runs on, into its slot; the arguments that point there */
static int pin_verdict_place(struct pin_call *call,
			     const struct pin_verdict *verdict,
			     unsigned long args[SECCOMP_PIN_ARGS])
{
	const u8 *bytes = verdict->same ? call->buf :
					  verdict->bytes + verdict->len;
	u32 len = verdict->same ? call->buf_len : verdict->run_len;
	unsigned long left;
	unsigned int i;

	for (left = verdict->mask; left; left &= left - 1) {
		i = __ffs(left);
		args[i] = verdict->args[i];
		if (verdict->ptr_mask & BIT(i))
			args[i] += call->slot.address;
	}
	return pin_slot_write(pin_call_space(call), &call->slot, bytes, len);
}

static bool pin_verdict_prepare(struct pin_call *call,
				const struct pin_verdict *verdict)
{
	if (verdict->error) {
		/* If it comes to nothing, the pages are the target's all the same. */
		if (pin_window_populate(pin_call_space(call), call->slot.window,
					call->slot.at, call->buf_len))
			return false;
		call->error = verdict->error;
		call->val = 0;
		return true;
	}

	if (unlikely(verdict->doubtful) &&
	    pin_lasting(&call->data, verdict->mask, verdict->args,
			verdict->ptr_mask))
		return false;
	if (pin_verdict_place(call, verdict, call->args))
		return false;
	call->mask = verdict->mask;
	return true;
}

/*
 * With the lock that verdicts are dropped under: it still stands, and the call
 * starts on it, or not at all.
 */
static bool pin_verdict_confirm(struct pin_call *call,
				const struct pin_verdict *verdict)
{
	struct pin_ctx *ctx = call->ctx;
	bool ok;

	spin_lock(ctx->space.lock);
	/* Nor is there one left of a context that has been closed. */
	ok = likely(!verdict->dead && !call->listener->closed &&
		    call->listener->ctx == ctx);
	/* Nobody is asked less often for not reading them. */
	if (ok && verdict->completion) {
		ok = !pin_queue_reserve(&ctx->queue);
		call->completion = ok;
	}
	if (ok) {
		ctx->verdicts->hits++;
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

/**
 * pin_verdict_apply - answer a call by a verdict, if there is one
 * @call: the call, of current, which is about to wait, in a context that
 *	remembers verdicts
 *
 * Return: whether it was
 */
bool pin_verdict_apply(struct pin_call *call)
{
	struct pin_verdicts *verdicts = call->ctx->verdicts;
	struct pin_verdict *verdict;
	bool applied;

	pin_verdict_begin(call);
	if (!READ_ONCE(verdicts->nr) || !call->trust ||
	    !pin_verdict_possible(call))
		return false;

	verdict = pin_verdict_find(verdicts, call);
	if (!verdict)
		return false;
	applied = pin_verdict_prepare(call, verdict) &&
		  pin_verdict_confirm(call, verdict);
	if (likely(applied)) {
		call->id = 0;
		call->redirected = !verdict->error;
		call->cookie = verdict->cookie;
	}
	pin_verdict_put(verdict);
	return applied;
}

/* Whether a pointer, with all of its bytes, is one into the call's first slot */
static bool pin_verdict_in_slot(const struct pin_call *call,
				const struct seccomp_pin_redirect *req,
				unsigned int i)
{
	u64 slot, len = req->ptr_len[i], size = pin_call_space(call)->slot_size;

	if (!call->slot.window)
		return false;
	slot = req->arena_mask & BIT(i) ? call->slot.offset :
					  call->slot.address;
	return req->args[i] >= slot && len <= size &&
	       req->args[i] - slot <= size - len;
}

/**
 * pin_verdict_check - whether a verdict can be asked for like this
 * @call: the call that it is about
 * @req: the answer
 *
 * Return: 0 or
 * * -EINVAL: none are remembered here; an argument that may have any value is
 *   one that a rule has copied; such a one is not substituted, so that the call
 *   would read what its target has there by then; one that points into a window
 *   is neither such a one nor NULL, or points to another place than the call's
 *   slots
 */
int pin_verdict_check(const struct pin_call *call,
		      const struct seccomp_pin_redirect *req)
{
	unsigned int i;

	if (!call->ctx->verdicts || req->any_mask & call->copied)
		return -EINVAL;
	if (!(req->flags & SECCOMP_PIN_DENY) && call->copied & ~req->args_mask)
		return -EINVAL;
	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		if (!(req->ptr_mask & BIT(i)))
			continue;
		if (!(call->copied & BIT(i)) &&
		    (pin_call_value(call, i) || req->any_mask & BIT(i)))
			return -EINVAL;
		/* One into the larger slot is good, but not remembered. */
		if (!pin_verdict_in_slot(call, req, i) &&
		    !pin_alloc_covers(call, req->args[i], req->ptr_len[i],
				      req->arena_mask & BIT(i)))
			return -EINVAL;
	}
	return 0;
}

/*
 * Up to where there is something in the slot that the call runs on: what was copied,
 * and what its arguments point to. U32_MAX: some point elsewhere.
 */
static u32 pin_verdict_extent(const struct pin_call *call,
			      const struct seccomp_pin_redirect *req)
{
	u64 extent = req->flags & SECCOMP_PIN_DENY ? 0 : call->buf_len;
	unsigned int i;

	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		u64 slot = req->arena_mask & BIT(i) ? call->slot.offset :
						      call->slot.address;

		if (!(req->ptr_mask & BIT(i)))
			continue;
		if (!pin_verdict_in_slot(call, req, i))
			return U32_MAX;
		extent = max(extent, req->args[i] - slot + req->ptr_len[i]);
	}
	return extent;
}

static void pin_verdict_fill(struct pin_verdict *verdict,
			     const struct pin_call *call,
			     const struct seccomp_pin_redirect *req)
{
	unsigned int i;

	refcount_set(&verdict->refs, 1);
	verdict->cookie = req->cookie;
	verdict->rules = call->rules;
	verdict->nr = call->data.nr;
	verdict->copied = call->copied;
	verdict->counts = PIN_ALL_ARGS & ~req->any_mask;
	for (i = 0; i < SECCOMP_PIN_ARGS; i++)
		if (verdict->counts & BIT(i))
			verdict->values[i] = pin_call_value(call, i);
	if (req->flags & SECCOMP_PIN_DENY) {
		verdict->error = -req->error;
		return;
	}
	verdict->completion = req->flags & SECCOMP_PIN_COMPLETION;
	verdict->doubtful = req->ptr_mask &&
			    req->any_mask & pin_lasting_values(call->data.nr);
	verdict->mask = req->args_mask;
	verdict->ptr_mask = req->ptr_mask;
	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		verdict->args[i] = req->args[i];
		if (req->arena_mask & BIT(i))
			verdict->args[i] -= call->slot.offset;
		else if (req->ptr_mask & BIT(i))
			verdict->args[i] -= call->slot.address;
	}
}

/*
 * A verdict for every target takes nothing to them but what was copied of this call,
 * which they have as well, and what the answer says that its pointers are good for.
 * The rest of the slot, between the copies and behind them, can be of the first
 * target's earlier calls, or fetched from it.
 */
static void pin_verdict_clear(struct pin_verdict *verdict,
			      const struct pin_call *call,
			      const struct seccomp_pin_redirect *req)
{
	u8 *bytes = verdict->bytes + verdict->len;
	unsigned long left;
	u32 at, end;

	for (at = 0; at < verdict->run_len; at = end) {
		end = at;
		for (left = call->copied; left; left &= left - 1) {
			const struct pin_copy *copy = &call->copies[__ffs(left)];

			if (copy->offset <= at)
				end = max(end, copy->offset + copy->len);
		}
		for (left = verdict->ptr_mask; left; left &= left - 1) {
			unsigned int i = __ffs(left);

			if (verdict->args[i] <= at)
				end = max(end, verdict->args[i] +
					       req->ptr_len[i]);
		}
		if (end == at)
			bytes[end++] = 0;
	}
}

/*
 * What the supervisor has put into the slot can have addresses in it. Of other
 * bytes that are remembered: then it is good in a slot at the same address alone;
 * where it is for every target, those are what was copied, see above. Of anything
 * else in the target's windows: then it is not to be remembered, for who knows
 * what will be there. Returns whether it can be.
 */
static bool pin_verdict_addresses(struct pin_verdict *verdict,
				  const struct pin_call *call, bool for_all)
{
	const u8 *bytes = verdict->bytes + verdict->len;
	u64 slot = call->slot.address, first = U64_MAX, end = 0, value;
	u32 i, known = for_all ? verdict->len : verdict->run_len;
	const struct pin_window *window;

	spin_lock(call->ctx->space.lock);
	list_for_each_entry(window, &call->pmm->windows, node) {
		first = min_t(u64, first, window->address);
		end = max(end, window->address + window->length);
	}
	spin_unlock(call->ctx->space.lock);

	for (i = 0; i + sizeof(value) <= verdict->run_len; i++) {
		value = get_unaligned((const u64 *)(bytes + i));
		if (value < first || value >= end)
			continue;
		if (value < slot || value - slot >= known)
			return false;
		verdict->slot = slot;
	}
	return true;
}

/**
 * pin_verdict_make - a verdict, from the answer to a call
 * @call: the call, about to be answered
 * @req: the answer, checked
 *
 * It is not known to anyone before pin_verdict_keep().
 *
 * Context: under @call->lock; may sleep.
 *
 * Return: the verdict, or NULL if it is not to be remembered
 */
struct pin_verdict *pin_verdict_make(const struct pin_call *call,
				     const struct seccomp_pin_redirect *req)
{
	bool for_all = req->flags & SECCOMP_PIN_FOR_ALL;
	struct pin_verdict *verdict;
	u32 run_len;

	if (!pin_verdict_possible(call))
		return NULL;
	run_len = pin_verdict_extent(call, req);
	if (run_len > SECCOMP_PIN_MAX_VERDICT)
		return NULL;
	verdict = kvzalloc(struct_size(verdict, bytes, call->buf_len + run_len),
			   GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!verdict)
		return NULL;
	pin_verdict_fill(verdict, call, req);
	verdict->len = call->buf_len;
	memcpy(verdict->bytes, call->buf, call->buf_len);
	verdict->run_len = run_len;
	if (pin_window_read(pin_call_space(call), call->slot.window,
			    call->slot.at, verdict->bytes + verdict->len,
			    run_len))
		goto err;
	verdict->same = run_len <= verdict->len &&
			!memcmp(verdict->bytes, verdict->bytes + verdict->len,
				run_len);
	if (!verdict->same && !pin_verdict_addresses(verdict, call, for_all))
		goto err;
	if (!verdict->same && for_all)
		pin_verdict_clear(verdict, call, req);
	verdict->hash = pin_verdict_hash(call->ctx->verdicts, call,
					 verdict->counts);
	if (!for_all)
		verdict->pmm = call->pmm;
	return verdict;
err:
	pin_verdict_put(verdict);
	return NULL;
}

/* Out of the table; the reference that it had is the caller's to put. */
static void pin_verdict_unlink(struct pin_verdicts *verdicts,
			       struct pin_verdict *verdict)
{
	WRITE_ONCE(verdict->dead, true);
	RCU_INIT_POINTER(*verdict->place, NULL);
	hlist_del_init(&verdict->node);
	verdicts->nr--;
}

/* For the same calls of the same targets */
static bool pin_verdict_equal(const struct pin_verdict *a,
			      const struct pin_verdict *b)
{
	return a->hash == b->hash && a->pmm == b->pmm && a->cred == b->cred &&
	       a->rules == b->rules && a->nr == b->nr &&
	       a->copied == b->copied && (u8)a->counts == (u8)b->counts &&
	       !memcmp(a->values, b->values, sizeof(a->values)) &&
	       a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

/* Its place: that of one that it replaces, a free one, or one of the others' */
static struct pin_verdict __rcu **
pin_verdict_choose(struct pin_ctx *ctx, const struct pin_verdict *verdict)
{
	struct pin_verdicts *verdicts = ctx->verdicts;
	struct pin_verdict __rcu **bucket, **place = NULL;
	struct pin_verdict *other;
	unsigned int i;

	bucket = pin_verdict_bucket(verdicts, verdict->hash);
	for (i = 0; i < PIN_VERDICT_WAYS; i++) {
		other = rcu_dereference_protected(bucket[i],
						  lockdep_is_held(ctx->space.lock));
		if (!other)
			place = place ?: &bucket[i];
		else if (pin_verdict_equal(other, verdict))
			return &bucket[i];
	}
	return place ?: &bucket[verdicts->turn++ % PIN_VERDICT_WAYS];
}

/* Those that were given with another mask match no call from now on. */
static u64 pin_verdicts_mask(struct pin_verdicts *verdicts, u32 nr, u8 counts)
{
	u64 now = verdicts->counts[nr];

	if ((u8)now != counts) {
		now = ((now >> 8) + 1) << 8 | counts;
		WRITE_ONCE(verdicts->counts[nr], now);
	}
	return now;
}

/**
 * pin_verdict_keep - remember a verdict
 * @call: the call that was answered like this
 * @verdict: from pin_verdict_make(); consumed
 *
 * Not if verdicts were dropped since the call was made: its answer may be older
 * than what they were dropped for. Nor if nobody had access to its task, or it
 * has changed since: the call could not be told from one of another task.
 */
void pin_verdict_keep(struct pin_call *call, struct pin_verdict *verdict)
{
	struct pin_verdicts *verdicts = call->ctx->verdicts;
	struct pin_verdict *old = NULL;
	struct pin_ctx *ctx = call->ctx;

	lockdep_assert_held(ctx->space.lock);
	if (call->epoch != verdicts->epoch || !call->trust ||
	    call->trust != call->pmm->trust) {
		old = verdict;
		goto out;
	}
	if (verdict->pmm)
		verdict->cred = get_cred(call->pmm->cred);

	verdict->counts = pin_verdicts_mask(verdicts, call->data.nr,
					    verdict->counts);
	verdict->place = pin_verdict_choose(ctx, verdict);
	old = rcu_dereference_protected(*verdict->place,
					lockdep_is_held(ctx->space.lock));
	if (old)
		pin_verdict_unlink(verdicts, old);
	rcu_assign_pointer(*verdict->place, verdict);
	if (verdict->pmm)
		hlist_add_head(&verdict->node, &verdict->pmm->verdicts);
	WRITE_ONCE(verdicts->nr, verdicts->nr + 1);
out:
	if (old)
		pin_verdict_put(old);
}

/* An mm is dead: what was remembered for it is nobody's. */
void pin_verdicts_forget(struct pin_ctx *ctx, struct pin_mm *pmm)
{
	struct pin_verdict *verdict;

	spin_lock(ctx->space.lock);
	while (!hlist_empty(&pmm->verdicts)) {
		verdict = hlist_entry(pmm->verdicts.first, struct pin_verdict,
				      node);
		pin_verdict_unlink(ctx->verdicts, verdict);
		spin_unlock(ctx->space.lock);
		pin_verdict_put(verdict);
		spin_lock(ctx->space.lock);
	}
	spin_unlock(ctx->space.lock);
}

/* The verdict in a place, if it is to be dropped, out of the table */
static struct pin_verdict *
pin_drop_place(struct pin_ctx *ctx, u32 i,
	       const struct seccomp_pin_drop *req)
{
	struct pin_verdicts *verdicts = ctx->verdicts;
	struct pin_verdict *verdict;

	verdict = rcu_dereference_protected(verdicts->places[i],
					    lockdep_is_held(ctx->space.lock));
	if (!verdict || (!(req->flags & SECCOMP_PIN_DROP_ALL) &&
			 verdict->cookie != req->cookie))
		return NULL;
	pin_verdict_unlink(verdicts, verdict);
	return verdict;
}

/**
 * pin_drop - forget verdicts
 * @ctx: the context
 * @req: the request
 *
 * Return: 0 or -EINVAL: malformed, or none are remembered here
 */
int pin_drop(struct pin_ctx *ctx, const struct seccomp_pin_drop *req)
{
	struct pin_verdicts *verdicts = ctx->verdicts;
	struct pin_verdict *verdict;
	u32 i;

	if (req->flags & ~SECCOMP_PIN_DROP_ALL || req->reserved || !verdicts)
		return -EINVAL;
	if (req->flags & SECCOMP_PIN_DROP_ALL && req->cookie)
		return -EINVAL;

	spin_lock(ctx->space.lock);
	WRITE_ONCE(verdicts->epoch, verdicts->epoch + 1);
	for (i = 0; i < verdicts->size; i++) {
		verdict = pin_drop_place(ctx, i, req);
		if (verdict) {
			spin_unlock(ctx->space.lock);
			pin_verdict_put(verdict);
			spin_lock(ctx->space.lock);
		}
		cond_resched_lock(ctx->space.lock);
	}
	spin_unlock(ctx->space.lock);
	return 0;
}
