/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unix sockets that are files: the paths in the addresses of connect(), bind(),
 * sendto() and sendmsg(). Those that begin with NUL (abstract ones) are no files.
 */
#ifndef SOCKET_H
#define SOCKET_H

#include "calls.h"

/* Whether a syscall has an address, and where */
bool socket_path(const struct pinredir_syscall *syscall,
		 struct call_path *path);

/* As call_path_get() and call_path_set() */
int socket_path_get(struct pinredir_call *call, const struct call_path *path,
		    const char **string);
int socket_path_set(struct pinredir_call *call, const struct call_path *path,
		    const char *string);

/**
 * socket_send_many - a handler for sendmmsg()
 * @call: the call
 * @data: not used
 *
 * The kernel writes to what it reads, so that the call cannot be pinned. Of UDP
 * sockets, the supervisor sends the messages itself: the C library's resolver asks
 * its questions so, and does not do without. The supervisor holds the very
 * socket, which no path leads out of. It does not wait for room, and sends no
 * control messages. All others fail with ENOSYS.
 */
int socket_send_many(struct pinredir_call *call, void *data);

#endif /* SOCKET_H */
