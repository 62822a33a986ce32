#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pinredir run: policies and the paths of Unix sockets
# Tests are called by their names, and each works in a subshell.
# shellcheck disable=SC2317,SC2016
# shellcheck source-path=SCRIPTDIR source=suite.bash
. "$(dirname "$0")/suite.bash"

# Each way to a socket, and what came of it: ways.py STREAM DATAGRAM NEW
ways() {
	cat >ways.py <<-'EOT'
	import ctypes, errno, os, socket, struct, sys
	stream, datagram, new = sys.argv[1:]
	libc = ctypes.CDLL(None, use_errno=True)
	def say(what, call):
	    try:
	        call()
	        print(what, "0")
	    except OSError as e:
	        print(what, errno.errorcode[e.errno])
	def unix(kind):
	    return socket.socket(socket.AF_UNIX, kind)
	# No NUL behind the path, and something else there
	def no_nul():
	    path = stream.encode()
	    s = unix(socket.SOCK_STREAM)
	    if libc.connect(s.fileno(), struct.pack("H", socket.AF_UNIX) + path + b"xxx",
	                    2 + len(path)):
	        raise OSError(ctypes.get_errno(), "")
	# Two messages to a name in one call
	def many():
	    name = struct.pack("H", socket.AF_UNIX) + datagram.encode() + b"\0"
	    keep = ctypes.create_string_buffer(name)
	    header = struct.pack("QIxxxxQQQQIxxxxQ", ctypes.addressof(keep),
	                         len(name), 0, 0, 0, 0, 0, 0)
	    s = unix(socket.SOCK_DGRAM)
	    if libc.sendmmsg(s.fileno(), header * 2, 2, 0) < 0:
	        raise OSError(ctypes.get_errno(), "")
	say("connect", lambda: unix(socket.SOCK_STREAM).connect(stream))
	say("no-nul", no_nul)
	say("connect-datagram", lambda: unix(socket.SOCK_DGRAM).connect(datagram))
	say("sendto", lambda: unix(socket.SOCK_DGRAM).sendto(b"x", datagram))
	say("sendmsg", lambda: unix(socket.SOCK_DGRAM).sendmsg([b"y"], [], 0, datagram))
	say("sendmmsg", many)
	say("bind", lambda: unix(socket.SOCK_STREAM).bind(new))
	EOT
}

# serve DIRECTORY: sockets in there, until the test is over; what comes is in got
serve() {
	cat >serve.py <<-'EOT'
	import os, socket, sys
	os.chdir(sys.argv[1])
	s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
	s.bind("stream")
	s.listen(64)
	d = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	d.bind("datagram")
	got = open("got", "wb", buffering=0)
	open("ready", "w").close()
	while True:
	    got.write(d.recv(100000))
	EOT
	python3 serve.py "$1" &
	server=$!
	trap 'kill $server' EXIT
	await test -e "$1/ready"
}

test_denied_sockets() {
	mkdir d
	serve d
	ways
	python3 ways.py d/stream d/datagram d/new >native
	printf '%s 0\n' connect no-nul connect-datagram sendto sendmsg sendmmsg \
		bind | cmp - native
	rm d/new
	status 0 run -q --deny "$PWD/d" python3 ways.py d/stream d/datagram \
		d/new >relative
	status 0 run -q --deny "$PWD/d" python3 ways.py "$PWD/d/stream" \
		"$PWD/d/datagram" "$PWD/d/new" >absolute
	for out in relative absolute; do
		cat $out
		printf '%s\n' 'connect EACCES' 'no-nul EACCES' \
			'connect-datagram EACCES' 'sendto EACCES' \
			'sendmsg EACCES' 'sendmmsg ENOSYS' 'bind EACCES' |
			cmp - $out
	done
	[ ! -e d/new ]
	# Those that are not are as they were, but for sendmmsg().
	status 0 run -q --deny "$PWD/e" python3 ways.py d/stream d/datagram \
		d/new >other
	sed 's/sendmmsg 0/sendmmsg ENOSYS/' native | cmp - other
	rm d/new
	# Without rules, that as well
	status 0 run -q python3 ways.py d/stream d/datagram d/new >none
	cmp native none
	# By the socket alone
	status 0 run --log log --deny "$PWD/d/stream" python3 ways.py d/stream \
		d/datagram d/other >one
	grep -qx 'connect EACCES' one
	grep -qx 'sendto 0' one
	grep -Eq " connect deny \"d/stream\" = \"$PWD/d/stream\" by \"$PWD/d/stream\" EACCES" log
}

test_rewritten_sockets() {
	mkdir d
	serve d
	ways
	: >d/got
	status 0 run -q --rewrite "/nowhere=$PWD/d" python3 ways.py \
		/nowhere/stream /nowhere/datagram /nowhere/new >out
	cat out
	printf '%s\n' 'connect 0' 'no-nul 0' 'connect-datagram 0' 'sendto 0' \
		'sendmsg 0' 'sendmmsg ENOSYS' 'bind 0' | cmp - out
	[ -S d/new ]
	await grep -qx xy d/got
	# What does not fit
	status 0 run -q --rewrite "/nowhere=/$(printf 'x%.0s' {1..110})" python3 \
		ways.py /nowhere/stream /nowhere/datagram /nowhere/new >out
	[ "$(grep -c ENAMETOOLONG out)" = 6 ]
}

# Names that are no files, other families, messages without a name, long ones
test_other_addresses() {
	cat >other.py <<-'EOT'
	import array, os, socket
	s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
	s.bind(b"\0/d/abstract\0x")
	s.listen()
	c = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
	c.connect(b"\0/d/abstract\0x")
	t = socket.create_server(("127.0.0.1", 0))
	socket.create_connection(t.getsockname()).close()
	u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	u.bind(("127.0.0.1", 0))
	v = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	v.sendto(b"one", u.getsockname())
	v.sendmsg([b"t", b"wo"], [], 0, u.getsockname())
	print(u.recv(9), u.recv(9))
	a, b = socket.socketpair()
	r, w = os.pipe()
	a.sendmsg([b"fd"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
	                     array.array("i", [w]))])
	data, [(_, _, fd)], *_ = b.recvmsg(9, 99)
	os.write(int.from_bytes(fd, "little"), b"passed")
	print(data, os.read(r, 9))
	# More than a slot holds
	a.setblocking(False)
	print(a.sendmsg([bytes(100000)]) > 65536)
	for bad in (b"", b"/d/" + bytes(0)):
	    try:
	        socket.socket(socket.AF_UNIX).connect(bad)
	    except OSError as e:
	        print(e.errno)
	EOT
	python3 other.py >native
	status 0 run -q --deny /d python3 other.py >denied
	status 0 run -q --allow / --absolute python3 other.py >allowed
	sed -i '$s/.*/13/' native
	cmp native denied
	sed -i '$s/.*/2/' native
	cmp native allowed
}

# The C library asks by sendmmsg(), and does not do without.
test_names_of_hosts() {
	cat >dns.py <<-'EOT'
	import socket
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("127.0.0.1", 53))
	open("ready", "w").close()
	while True:
	    q, peer = s.recvfrom(512)
	    end = q.index(b"\0", 12) + 5
	    a = q[end - 4:end - 2] == b"\0\1"
	    answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\7" if a else b""
	    s.sendto(q[:2] + b"\x85\x80\0\1\0" + bytes([a]) + b"\0\0\0\0" +
	             q[12:end] + answer, peer)
	EOT
	echo 'nameserver 127.0.0.1' >resolv.conf
	python3 dns.py &
	server=$!
	trap 'kill $server' EXIT
	await test -e ready
	echo 'hosts: dns' >nsswitch.conf
	cat >ask.sh <<-'EOT'
	mount --bind resolv.conf /etc/resolv.conf
	mount --bind nsswitch.conf /etc/nsswitch.conf
	exec "$@" getent ahosts some.example
	EOT
	status 0 unshare -m sh ask.sh env >native
	grep -q '^192\.0\.2\.7 ' native
	status 0 unshare -m sh ask.sh "$pinredir" run -q --deny /nonesuch >out
	cmp native out
}

# What sendmmsg() says, by UDP
test_many_messages() {
	cat >many.py <<-'EOT'
	import ctypes, errno, socket, struct
	libc = ctypes.CDLL(None, use_errno=True)
	u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	u.bind(("127.0.0.1", 0))
	name = struct.pack("!H4s8x", u.getsockname()[1], b"\x7f\0\0\1")
	name = ctypes.create_string_buffer(struct.pack("H", 2) + name)
	v = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	keep = []
	def header(pieces, name=name):
	    buffers = [ctypes.create_string_buffer(p) for p in pieces]
	    iov = b"".join(struct.pack("QQ", ctypes.addressof(b), len(p))
	                   for b, p in zip(buffers, pieces))
	    iov = ctypes.create_string_buffer(iov)
	    keep.extend([buffers, iov])
	    return struct.pack("QIxxxxQQQQIxxxxIxxxx",
	                       ctypes.addressof(name) if name else 0,
	                       16 if name else 0, ctypes.addressof(iov),
	                       len(pieces), 0, 0, 0, 99)
	def send(messages, count=None, fd=v.fileno()):
	    vec = ctypes.create_string_buffer(messages)
	    n = libc.sendmmsg(fd, vec, len(messages) // 64 if count is None else count, 0)
	    if n < 0:
	        print(errno.errorcode[ctypes.get_errno()])
	    else:
	        print(n, [struct.unpack_from("I", vec, 64 * i + 56)[0]
	                  for i in range(n)])
	send(header([b"a", b"bc"]) + header([b"defg"]))
	print(u.recv(9), u.recv(9))
	send(b"")
	send(header([b"a"], None))
	send(header([b"x"]) + header([b"y"], None))
	send(header([b"a"]), fd=999)
	print(libc.sendmmsg(v.fileno(), None, 1, 0), ctypes.get_errno())
	print(libc.sendmmsg(v.fileno(), ctypes.c_void_p(8), 1, 0), ctypes.get_errno())
	EOT
	python3 many.py >native
	cat native
	status 0 run -q --deny /nonesuch python3 many.py >out
	cmp native out
}

suite
