// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <netinet/in.h>
#include <pinredir.h>

/* connect() to IPv4 on the loopback interface, and nowhere else */
int judge_connect(struct pinredir_call *call)
{
	const struct sockaddr *address;
	const struct sockaddr_in *in;
	size_t len;
	int err = pinredir_get_sockaddr(call, 1, &address, &len);

	if (err || !address)
		return err;
	in = (const struct sockaddr_in *)address;
	if (len < sizeof(*in) || in->sin_family != AF_INET ||
	    ntohl(in->sin_addr.s_addr) >> 24 != IN_LOOPBACKNET)
		return -EACCES;
	return 0;
}
