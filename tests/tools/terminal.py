#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""terminal.py PINREDIR DIRECTORY: pinredir run on a terminal of its own, started
as a shell starts its jobs. Prints "ok WHAT" for all that holds."""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

PINREDIR, DIRECTORY = sys.argv[1:]
LIMIT = 120
# No escape sequences from readline
os.environ["TERM"] = "dumb"


class Job:
    """pinredir as a job in the foreground of a shell, which reports on it."""

    def __init__(self, *command):
        self.output = b""
        self.told = b""
        told, tell = os.pipe()
        go, self.go = os.pipe()
        self.shell, self.terminal = pty.fork()
        if not self.shell:
            os.close(self.go)
            self.be_shell(tell, go, [PINREDIR, "run", "-q", *command])
        os.close(tell)
        os.close(go)
        self.events = told

    @staticmethod
    def be_shell(tell, go, command):
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        job = os.fork()
        if not job:
            os.setpgid(0, 0)
            os.tcsetpgrp(0, os.getpid())
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            os.execv(command[0], command)
        while True:
            _, status = os.waitpid(job, os.WUNTRACED | os.WCONTINUED)
            if os.WIFSTOPPED(status):
                os.tcsetpgrp(0, os.getpgrp())
                os.write(tell, b"stopped\n")
                os.read(go, 1)
                os.tcsetpgrp(0, job)
                os.killpg(job, signal.SIGCONT)
            elif os.WIFCONTINUED(status):
                os.write(tell, b"continued\n")
            elif os.WIFEXITED(status):
                os.write(tell, b"exited %d\n" % os.WEXITSTATUS(status))
                os._exit(0)
            else:
                os.write(tell, b"killed %d\n" % os.WTERMSIG(status))
                os._exit(0)

    def read_some(self, deadline, what):
        fds = [self.events]
        if self.terminal >= 0:
            fds.append(self.terminal)
        ready, _, _ = select.select(fds, [], [],
                                    max(0, deadline - time.monotonic()))
        if not ready:
            raise SystemExit(f"in vain for {what!r}: {self.output!r} "
                             f"{self.told!r}")
        if self.events in ready:
            self.told += os.read(self.events, 4096)
        if self.terminal in ready:
            try:
                self.output += os.read(self.terminal, 4096)
            except OSError:
                pass

    def prints(self, text):
        """Wait until it has printed this."""
        deadline = time.monotonic() + LIMIT
        while text not in self.output:
            self.read_some(deadline, text)
        self.output = self.output.split(text, 1)[1]

    def is_told(self, event):
        """Wait until the shell was told this."""
        deadline = time.monotonic() + LIMIT
        while event + b"\n" not in self.told:
            self.read_some(deadline, event)
        self.told = self.told.split(event + b"\n", 1)[1]

    def types(self, keys):
        os.write(self.terminal, keys)

    def continues(self):
        os.write(self.go, b"x")

    def end(self, event):
        self.is_told(event)
        os.waitpid(self.shell, 0)
        for fd in self.events, self.go, self.terminal:
            if fd >= 0:
                os.close(fd)


def ok(what):
    print("ok", what, flush=True)


def foreground():
    job = Job("python3", "-c", "import os; front = int(open("
              "f'/proc/{os.getppid()}/stat').read().rpartition(')')[2]"
              ".split()[1]); print(os.getpgrp() == os.tcgetpgrp(0) == "
              "os.getpgid(front) == front, os.ttyname(0))")
    job.prints(b"True /dev/pts/")
    job.end(b"exited 0")
    ok("same group and foreground")


def interrupted():
    job = Job("bash", "-c", "n=0; trap 'n=$((n + 1))' INT; echo ready; "
              "read -r -t 30 line; read -r line; echo \"got $n\"")
    job.prints(b"ready")
    job.types(b"\x03")
    job.prints(b"^C")
    job.types(b"x\ny\n")
    job.prints(b"got 1")
    job.end(b"exited 0")
    ok("interrupted once")


# bash(1) forgets a signal that comes while it leaves the trap of the last one.
COUNTS_SIGCONT = """
import signal, subprocess, sys
seen = told = 0
def count(*_):
    global seen
    seen += 1
signal.signal(signal.SIGCONT, count)
signal.signal(signal.SIGINT, signal.SIG_DFL)
print("ready", flush=True)
for line in sys.stdin:
    last, told = told, seen
    subprocess.run(["echo", line.strip(),
                    "continued" if told > last else "never stopped"])
    if line == "all\\n":
        print("so often:", seen, flush=True)
"""


def stopped():
    job = Job("python3", "-c", COUNTS_SIGCONT)
    job.prints(b"ready")
    for name in b"once", b"twice":
        job.types(b"\x1a")
        job.is_told(b"stopped")
        if name == b"once":
            ok("stopped")
        job.continues()
        job.is_told(b"continued")
        job.types(name + b"\n")
        job.prints(name + b" continued")
    ok("continued")
    # The group was told; nobody tells the command again.
    for _ in range(3):
        job.types(b"all\n")
        job.prints(b"so often: 2\r")
    job.types(b"\x03")
    job.end(b"killed 2")


def quit_from_keyboard():
    job = Job("sh", "-c", "echo ready; exec sleep 100")
    job.prints(b"ready")
    job.types(b"\x1c")
    job.end(b"killed 3")
    ok("quit from the keyboard")


def shell_with_jobs():
    job = Job("bash", "--norc", "-i")
    job.types(b"PS1='''%'''; echo re''ady\n")
    job.prints(b"\nready")
    job.types(b"sh -c 'echo be''gun; exec sleep 50'\n")
    job.prints(b"\nbegun")
    job.types(b"\x1a")
    job.prints(b"Stopped")
    job.types(b"cat /etc/debian_version; jobs -l\n")
    job.prints(b"Stopped")
    job.types(b"kill %1; wait; suspend\n")
    job.is_told(b"stopped")
    job.continues()
    job.is_told(b"continued")
    job.types(b"echo wo''ken; exit 6\n")
    job.prints(b"\nwoken")
    job.end(b"exited 6")
    ok("shell with jobs")


def window_size():
    job = Job("bash", "-c", "trap 'stty size; exit 4' WINCH; echo ready; "
              "while :; do sleep 0.1; done")
    job.prints(b"ready")
    fcntl.ioctl(job.terminal, termios.TIOCSWINSZ,
                struct.pack("HHHH", 33, 44, 0, 0))
    job.prints(b"33 44")
    job.end(b"exited 4")
    ok("window size")


def hung_up():
    name = os.path.join(DIRECTORY, "hung")
    job = Job("bash", "-c", f"trap 'echo x >{name}; exit 5' HUP; echo ready; "
              "while :; do sleep 0.1; done")
    job.prints(b"ready")
    os.kill(job.shell, signal.SIGKILL)
    os.waitpid(job.shell, 0)
    deadline = time.monotonic() + LIMIT
    while not os.path.exists(name):
        if time.monotonic() > deadline:
            raise SystemExit("in vain for a hangup")
        time.sleep(0.1)
    ok("hung up")


foreground()
interrupted()
stopped()
quit_from_keyboard()
shell_with_jobs()
window_size()
hung_up()
