#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""man1.py PAGE TOOL DATE RELEASE: a tool's page, filled in with its --help.

In PAGE, a line ".\\" help COMMAND" stands for what "TOOL COMMAND --help" says, but
for its usage and its exit status; ".\\" usage COMMAND..." and ".\\" status
COMMAND..." for those.
"""
import re
import subprocess
import sys

import kerneldoc as kd

STATUS = "Exit status: "


def paragraphs(text):
    return text.rstrip("\n").split("\n\n")


def options(part):
    """Lines "  OPTION  what it does", wrapped or not: [(option, text)]"""
    found = []
    for line in part.split("\n"):
        option = re.match(r"  (-?\S+(?: \S+)*)  +(\S.*)", line)
        if option:
            found.append([option[1], option[2]])
        elif not found or not line.startswith("     "):
            return None
        else:
            found[-1][1] += " " + line.strip()
    return found


def head(option):
    """-q, --quiet or --log FILE, as mdoc"""
    lines = []
    for one in option.split(", "):
        word, _, argument = one.partition(" ")
        line = ".Fl " + word[1:].replace("-", "\\-") if \
            word.startswith("-") else ".Cm " + word
        lines.append(line + (" Ar " + argument if argument else "") + " ,")
    lines[-1] = lines[-1][:-2]
    return lines


class Page:
    def __init__(self, tool):
        self.tool, self.markup = tool, kd.Markup()

    def help(self, command):
        return subprocess.run([self.tool, *command, "--help"], check=True,
                              capture_output=True, text=True).stdout

    def usage(self, commands):
        lines = []
        for command in commands:
            usage = re.match(r"usage: \w+ (\w+) (.*)\n", self.help([command]))
            lines += [".Nm", ".Cm " + usage[1]]
            for word in usage[2].split():
                word = re.match(r"(\[?)(-*)(\w*)\]?((?:\.\.\.)?)$", word)
                line = "Fl \\-" if not word[3] else "Ar " + word[3]
                if word[1]:
                    line = "Oo %s Oc" % line if word[4] else "Op " + line
                lines.append("." + line + (" Ns ..." if word[4] else ""))
        return lines

    def part(self, part):
        listed = options(part)
        if listed:
            return self.markup.tagged(
                [(head(option), self.markup.text(text))
                 for option, text in listed])
        text, *bullets = re.split(r"\n  - ", part)
        lines = [".Pp"] + self.markup.text(" ".join(text.split()))
        if not bullets:
            return lines
        # The last one ends where a line begins at the margin.
        last, *rest = re.split(r"\n(?=\S)", bullets[-1], maxsplit=1)
        lines += self.markup.bullets(
            [" ".join(b.split()) for b in bullets[:-1] + [last]])
        for text in rest:
            lines += [".Pp"] + self.markup.text(" ".join(text.split()))
        return lines

    def body(self, command):
        lines = []
        for part in paragraphs(self.help(command))[1:]:
            if not part.startswith(STATUS):
                lines += self.part(part)
        return lines

    def status(self, commands):
        items = []
        for command in commands:
            for part in paragraphs(self.help([command])):
                if part.startswith(STATUS):
                    text = " ".join(part[len(STATUS):].split())
                    items.append(([".Cm " + command],
                                  self.markup.text(kd.capital(text))))
        return self.markup.tagged(items)


def main():
    source, tool, date, release = sys.argv[1:]
    page, lines = Page(tool), []
    with open(source) as file:
        text = file.read().replace("@DATE@", date).replace("@RELEASE@", release)
    for line in text.rstrip("\n").split("\n"):
        order = re.match(r'\.\\" (help|usage|status)\b *(.*)', line)
        if not order:
            lines.append(line)
            continue
        what, commands = order[1], order[2].split()
        lines += page.body(commands) if what == "help" else \
            page.usage(commands) if what == "usage" else page.status(commands)
    print("\n".join(kd.tidy(lines)))


if __name__ == "__main__":
    main()
