#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# profile.py SYSTEM.MAP DIRECTORY COMMAND...: runs a guest with the bench in it, and
# prints how many instructions of a call each function takes
#
# DIRECTORY has the guest's QMP socket, qmp, and the fifo that qemu writes its log to,
# trace. The guest first prints its /proc/kallsyms for modules, then what the bench
# does. From its first result on, every instruction is logged for a while.
import bisect
import collections
import json
import os
import re
import signal
import socket
import subprocess
import sys

# A repetition begins with processes that are made, and a context.
ENTRY = "entry_SYSCALL_64"
PASS_OVER = 1000  # of those
SAMPLE = 3_000_000  # instructions
TIME_LIMIT = 300  # seconds
KERNEL = 1 << 63
TRACED = re.compile(r"Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/")
SYMBOL = re.compile(r"([0-9a-f]{16}) ([tTwW]) (\S+)(\s+\[.*\])?$")


class Monitor:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.file = self.socket.makefile("rw")
        self.file.readline()
        self.send("qmp_capabilities")
        self.receive()

    def send(self, execute, **arguments):
        json.dump({"execute": execute, "arguments": arguments}, self.file)
        self.file.flush()

    def receive(self):
        for line in self.file:
            answer = json.loads(line)
            if "return" in answer or "error" in answer:
                return answer
        return {}

    def human(self, line):
        """What the monitor says of a line: nothing, if it knows the command."""
        self.send("human-monitor-command", **{"command-line": line})
        return self.receive().get("return")


def symbols_of(lines):
    found = (SYMBOL.match(line.strip()) for line in lines)
    return [(int(m[1], 16), m[3]) for m in found if m]


def instructions(trace):
    for line in trace:
        traced = TRACED.match(line)
        if traced:
            yield int(traced[1], 16)


def too_late(_signal, _frame):
    sys.exit(f"profile.py: not enough of the log in {TIME_LIMIT} s")


def count(trace, symbols):
    addresses = [address for address, _ in symbols]
    entry = next(address for address, name in symbols if name == ENTRY)
    functions = collections.Counter()
    entries = counted = 0
    for pc in instructions(trace):
        entries += pc == entry
        if entries < PASS_OVER:
            continue
        counted += 1
        if counted == SAMPLE:
            return functions
        if pc < KERNEL:
            functions["user space"] += 1
        else:
            functions[symbols[bisect.bisect_right(addresses, pc) - 1][1]] += 1


def step(monitor, trace, symbols):
    # The name of it depends on qemu's version.
    if monitor.human("singlestep on") and monitor.human("one-insn-per-tb on"):
        sys.exit("profile.py: qemu cannot single-step")
    monitor.human("log exec,nochain")
    return count(trace, symbols)


def main(system_map, directory, *command):
    with open(system_map, encoding="ascii") as f:
        symbols = symbols_of(f)
    signal.signal(signal.SIGALRM, too_late)
    signal.alarm(TIME_LIMIT)
    # For reading and writing, or it would wait for qemu, and qemu for this.
    trace = open(os.open(directory + "/trace", os.O_RDWR), encoding="ascii",
                 errors="replace")
    guest = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    cost = None
    for line in guest.stdout:
        symbols += symbols_of([line])
        fields = line.split("\t")
        if fields[0] == "cost":
            cost = int(fields[5]) / int(fields[6])
            break
    if cost is None:
        sys.exit("profile.py: the guest has measured nothing")

    monitor = Monitor(directory + "/qmp")
    try:
        functions = step(monitor, trace, sorted(symbols))
    finally:
        trace.close()
        # What runs the guest has nothing to say of its end, and goes after it.
        guest.terminate()
        monitor.send("quit")
        guest.wait()
    for function, instructions_of in functions.most_common():
        print(f"{function}\t{instructions_of / SAMPLE * cost:.1f}")


main(*sys.argv[1:])
