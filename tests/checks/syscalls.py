#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""syscalls.py SOURCE LIBRARY: compare libpinredir's table with a kernel's prototypes.

Each syscall that x86-64 has in SOURCE has a row in LIBRARY's table, with as many
arguments. A pointer is marked as one; one to const is an input, and one that is not
is no input, but for those below.
"""
import ctypes
import re
import sys

SCALAR, FD, IN, OUT, INOUT, KEPT, VARIES = range(7)

# Not for programs, but made by the trampoline of return probes; and an empty one
NO_ROW = {"uretprobe", "_sysctl"}

# Rows of calls that older kernels had
GONE = {"uselib"}

# Declared elsewhere than in linux/syscalls.h, or for several architectures
PROTOTYPES = {
    "mmap": "unsigned long, unsigned long, unsigned long, unsigned long, int, long",
    "clone": "unsigned long, unsigned long, int __user *, int __user *, long",
    "rt_sigreturn": "void",
    "modify_ldt": "int, void __user *, unsigned long",
    "arch_prctl": "int, unsigned long",
    "iopl": "unsigned int",
    "capget": "cap_user_header_t __user *, cap_user_data_t __user *",
    "capset": "cap_user_header_t __user *, const cap_user_data_t __user *",
    "fanotify_mark": "int, unsigned, u64, int, const char __user *",
}

# Inputs that are not declared const: (syscall, argument). The kernel reads these,
# and does not write them.
READ_ONLY = {
    # Addresses, messages, names
    ("connect", 1), ("bind", 1), ("sendto", 1), ("sendto", 4), ("sendmsg", 1),
    ("msgsnd", 1), ("semop", 1), ("semtimedop", 1), ("sethostname", 0),
    ("setdomainname", 0), ("umount2", 0), ("mount", 0), ("mount", 1),
    ("mount", 2), ("mount", 3), ("mount", 4), ("utime", 0), ("utimes", 0),
    ("init_module", 0), ("setgroups", 1),
    # Times, limits, sets, what is to be set
    ("nanosleep", 0), ("setitimer", 1), ("utime", 1), ("utimes", 1),
    ("futimesat", 2), ("utimensat", 2), ("settimeofday", 0),
    ("settimeofday", 1), ("setrlimit", 1), ("sched_setparam", 1),
    ("sched_setscheduler", 2), ("sched_setaffinity", 2),
    ("rt_sigprocmask", 1), ("rt_sigsuspend", 0), ("signalfd", 1),
    ("signalfd4", 1), ("rt_sigqueueinfo", 2), ("rt_tgsigqueueinfo", 3),
    ("pidfd_send_signal", 2), ("io_getevents", 4), ("io_pgetevents", 4),
    ("timer_create", 1), ("mq_open", 3), ("pselect6", 5),
    ("open_by_handle_at", 1), ("openat2", 2), ("clone3", 0),
    ("mount_setattr", 3), ("cachestat", 1), ("lsm_set_self_attr", 1),
    # Written only to say which size or version the kernel would have liked: from a
    # pin, the target does not learn that
    ("sched_setattr", 1), ("capget", 0), ("capset", 0),
}

# Addresses that are not read or written: of a mapping, or ignored
VALUES = {("shmat", 1), ("shmdt", 0), ("getcpu", 2)}

# To const, but remembered, or waited at, or read by the pieces
NOT_IN = {
    ("futex", 3): KEPT,          # a time, or a number; the call waits
    ("vmsplice", 1): KEPT,       # the pages go into the pipe
    ("io_uring_enter", 4): KEPT,  # part of a call that cannot be pinned
    ("fsconfig", 2): VARIES,     # by command
    ("fsconfig", 3): VARIES,
    ("landlock_add_rule", 2): VARIES,  # by the type of the rule
}


class Argument(ctypes.Structure):
    _fields_ = [("direction", ctypes.c_uint8), ("shape", ctypes.c_uint8),
                ("length_arg", ctypes.c_uint8), ("flags", ctypes.c_uint8),
                ("length", ctypes.c_uint32), ("most", ctypes.c_uint32)]


class Syscall(ctypes.Structure):
    _fields_ = [("nr", ctypes.c_int), ("flags", ctypes.c_uint32),
                ("name", ctypes.c_char_p), ("count", ctypes.c_uint32),
                ("reserved", ctypes.c_uint32)]


def prototypes(source):
    """Parameters by entry point, from linux/syscalls.h"""
    with open(source + "/include/linux/syscalls.h", encoding="utf-8") as file:
        text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
    found = {}
    for entry, parameters in re.findall(
            r"asmlinkage\s+long\s+(sys_\w+)\s*\(([^;]*?)\)\s*;", text, re.S):
        found.setdefault(entry, " ".join(parameters.split()))
    return found


def kernel_calls(source):
    """(number, name, parameters) of all that x86-64 has"""
    declared = prototypes(source)
    path = source + "/arch/x86/entry/syscalls/syscall_64.tbl"
    with open(path, encoding="utf-8") as file:
        for line in file:
            fields = line.split("#")[0].split()
            if len(fields) < 4 or fields[1] == "x32" or fields[2] in NO_ROW:
                continue
            name = fields[2]
            parameters = PROTOTYPES.get(name) or declared[fields[3]]
            if parameters == "void":
                yield int(fields[0]), name, []
            else:
                yield int(fields[0]), name, parameters.split(",")


def table(library):
    """Rows by name"""
    lib = ctypes.CDLL(library)
    lib.pinredir_syscall_at.restype = ctypes.POINTER(Syscall)
    lib.pinredir_syscall_at.argtypes = [ctypes.c_size_t]
    lib.pinredir_syscall.restype = ctypes.POINTER(Syscall)
    lib.pinredir_argument.restype = ctypes.POINTER(Argument)
    rows = {}
    while True:
        row = lib.pinredir_syscall_at(len(rows))
        if not row:
            return rows
        row = row.contents
        found = lib.pinredir_syscall(row.nr)
        assert ctypes.addressof(found.contents) == ctypes.addressof(row)
        row.args = [lib.pinredir_argument(found, i).contents
                    for i in range(row.count)]
        rows[row.name.decode()] = row


def argument_error(name, i, parameter, argument):
    """What is wrong with an argument, or None"""
    where, direction = (name, i), argument.direction
    if "*" not in parameter:
        return "a pointer" if direction in (OUT, INOUT, KEPT) else None
    if where in VALUES:
        return None if direction == SCALAR else "not a value"
    if direction in (SCALAR, FD):
        return "no pointer"
    if where in NOT_IN:
        return None if direction == NOT_IN[where] else "not as listed"
    if "const" in parameter or where in READ_ONLY:
        return None if direction == IN else "no input"
    return "an input" if direction == IN else None


def main():
    source, library = sys.argv[1:]
    rows, bad, seen = table(library), [], set()
    for nr, name, parameters in kernel_calls(source):
        seen.add(name)
        row = rows.get(name)
        if row is None:
            bad.append(f"{name}: no row")
            continue
        if row.nr != nr or row.count != len(parameters):
            bad.append(f"{name}: number {row.nr}, {row.count} arguments")
            continue
        for i, parameter in enumerate(parameters):
            error = argument_error(name, i, parameter, row.args[i])
            if error:
                bad.append(f"{name}, argument {i}, {parameter.strip()}: {error}")
    # A line that is not needed hides the next mistake.
    for where in READ_ONLY | VALUES | set(NOT_IN):
        if where[0] not in seen:
            bad.append(f"{where}: no such syscall")
    for name in set(rows) - seen - GONE:
        bad.append(f"{name}: the kernel has no such syscall")
    print("\n".join(bad) or f"{len(seen)} syscalls")
    return 1 if bad or len(seen) < 350 else 0


sys.exit(main())
