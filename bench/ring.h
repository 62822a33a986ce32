/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Targets that call when it is their turn. The turns are measured as well with
 * calls as without them: the difference is what the calls cost.
 */
#ifndef BENCH_RING_H
#define BENCH_RING_H

#include "scale.h"

/**
 * struct ring - what targets, their conductor and the supervisor share
 * @ready: how many targets are
 * @go: the supervisor is, or a ringmaster waits for it
 * @calling: whether a turn is a call
 * @turn: of each target, a number that changes when it is its turn
 * @sequence: the number of this turn, whosever it is
 * @done: the number of the last turn that is over
 * @held: how many calls the supervisor has left waiting
 * @over: those are to be answered, with the next call
 * @listener: by target, its number in the process @owner; -1 if it has none
 * @owner: by target
 * @took: all calls, by the clock
 */
struct ring {
	uint32_t ready;
	uint32_t go;
	uint32_t calling;
	uint32_t turn[SCALE_MOST];
	uint32_t sequence;
	uint32_t done;
	uint32_t held;
	uint32_t over;
	int listener[SCALE_MOST];
	pid_t owner[SCALE_MOST];
	uint64_t took;
};

/* A process with targets, which wait for their turns; its pid */
pid_t ring_targets(struct ring *ring, const struct scene *scene,
		   unsigned int count, const struct supervisor *with,
		   const struct row *row);

/*
 * Give turns, for as many calls as are to be measured, to the last of the targets
 * if the others are held, to all of them otherwise. They end afterwards.
 */
void ring_conduct(struct ring *ring, unsigned int count, unsigned int held);

/* How many calls the conductor has the targets make, those held included */
unsigned int ring_calls(unsigned int count, unsigned int held);

#endif /* BENCH_RING_H */
