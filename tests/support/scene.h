/* SPDX-License-Identifier: GPL-2.0-only */
/* A target that does what it is told, and a context that remembers verdicts. */
#ifndef SCENE_H
#define SCENE_H

#include <stdbool.h>

#include "board.h"
#include "pin.h"
#include "target.h"

#define NR_VERDICTS	64U

/* What targets trap on */
extern const char *const traps[];
extern const char *const trap_prctl[];
extern const char *const trap_clone[];
extern const char *const trap_writev[];
extern const char *const trap_read[];

/**
 * struct scene - a target and its supervisor
 * @target: obeys the board
 * @pin: a context that remembers verdicts
 * @r: the call that was received last
 */
struct scene {
	struct target target;
	struct pin pin;
	struct seccomp_pin_receive r;
};

/* For main(): 0 if there are tests to be run; one alone, by its name */
int scene_main(int argc, char **argv);

/* The rules of all tests, and a context that has them */
void set_rules(struct scene *s);
void scene_attach(struct scene *s, unsigned int verdicts,
		  unsigned int completions);

/* A scene, and a new board; scene() traps on what most tests do */
void scene_start(struct scene *s, target_filter outer,
		 const char *const *which);
struct scene scene(void);

/* Nothing is left of its calls, and of its verdicts when it is gone. */
void scene_end(struct scene *s);

/* For targets that make calls until board->stop: the status that it ends with */
int scene_stop(struct scene *s);

/* Received within a tenth of a second, or not */
bool receive_soon(struct scene *s);

/* Whether a call waits to be received, and that none does */
bool waits(struct scene *s);
void no_more_notifications(struct scene *s);

/* The call is made, and the supervisor is asked. */
void asked(struct scene *s);

/* It is made, and nobody is asked: what it returned */
long served_how(struct scene *s, enum what what);
long served(struct scene *s);

/* Answers: all that was copied is pinned; and remembered; it fails for good */
struct seccomp_pin_redirect pinned(const struct seccomp_pin_receive *r);
struct seccomp_pin_redirect remembered(const struct seccomp_pin_receive *r,
				       uint64_t cookie);
struct seccomp_pin_redirect denied(const struct seccomp_pin_receive *r,
				   uint32_t error);
void answer(struct scene *s, struct seccomp_pin_redirect redirect);

/* The verdicts of one that is asked: as it is, and with this errno */
void asked_allow(struct scene *s, uint64_t cookie);
void asked_deny(struct scene *s, int error);

/* The same errno, for all targets */
void asked_for_all(struct scene *s, int error);

/* It is asked about, and what becomes of it is not remembered. */
void asked_once(struct scene *s);

int drop(struct scene *s, uint64_t cookie, uint32_t flags);

#endif /* SCENE_H */
