#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""man4.py DOCUMENT HEADER DATE RELEASE: seccomp_pin(4), to standard output.

DOCUMENT, docs/abi.md, has the requests and their errors, HEADER the structures and
what is in them: each section of the one is followed by the structures of the other
that its table of requests names.
"""
import re
import sys

import kerneldoc as kd


def sections(text):
    """[(heading, its paragraphs and tables)]"""
    found = []
    text = re.sub(r"<!--.*?-->\n", "", text)
    for chunk in re.split(r"\n{2,}", text.strip()):
        heading = re.match(r"(#+) (.*)", chunk)
        if heading:
            found.append((heading[2], []))
        else:
            found[-1][1].append(chunk)
    return found


def rows(table):
    """A table's head and its rows, in cells"""
    lines = [[cell.strip() for cell in line.strip("| ").split(" | ")]
             for line in table.split("\n")]
    return lines[0], lines[2:]


class Page:
    def __init__(self, document, header):
        self.header, self.markup = header, kd.Markup()
        with open(document) as file:
            self.sections = sections(file.read())
        self.structs, self.shown = {}, set()
        for _, parts in self.sections:
            for part in parts:
                self.look_for_structs(part)

    def look_for_structs(self, part):
        """Requests and their structures, where a table says it"""
        if not part.startswith("| nr |"):
            names = re.findall(r"`struct (\w+)`", part)
            if names:
                self.structs.setdefault("Completions", []).extend(names)
            return
        for row in rows(part)[1]:
            request = re.match(r"`SECCOMP_PIN_(\w+)`", row[1])[1]
            self.structs[request] = re.findall(r"`(\w+)`", row[3])

    def table(self, part):
        head, body = rows(part)
        if head[0].startswith("errno"):
            return self.markup.tagged([
                ([".Er " + " , ".join(cells[0].split(", "))],
                 kd.stop(self.markup.text(kd.capital(cells[1]))))
                for cells in body])
        return self.markup.tagged([
            ([".Dv " + cells[1].strip("`")], self.markup.text(
                "%s %s, %s %s: %s." % (head[0], cells[0], head[2], cells[2],
                                       cells[3])))
            for cells in body])

    def add_structs(self, heading):
        lines = []
        for name in self.structs.get(heading, []):
            d = self.header.find("struct", name)
            # Not those of <linux/seccomp.h>
            if not d or name in self.shown:
                continue
            self.shown.add(name)
            lines += [".Pp"] + self.markup.text(
                "struct %s: %s." % (name, d.doc.summary))
            lines += self.markup.struct(d)
            lines += [".Pp"] + self.markup.blocks(kd.blocks(d.doc.body))
            lines += self.nested(d)
        return lines

    def nested(self, d):
        """Structures within it"""
        lines = []
        for name in re.findall(r"struct (seccomp_pin_\w+) \w+", d.text):
            self.structs["nested"] = [name]
            lines += self.add_structs("nested")
        return lines

    def section(self, parts):
        lines = []
        for part in parts:
            if part.startswith("|"):
                lines += self.table(part)
            else:
                lines += [".Pp"] + self.markup.text(" ".join(part.split()))
        return lines

    def build(self, date, release):
        (_, intro), *rest = self.sections
        lines = [".Sh NAME", ".Nm seccomp_pin",
                 ".Nd pinned arguments for seccomp supervisors",
                 ".Sh SYNOPSIS", ".In seccomp_pin.h"]
        # What the document says of itself is not for the page.
        lines += [".Sh DESCRIPTION"] + self.section(
            [part for part in intro if "seccomp_pin(4)" not in part])
        errors = []
        for heading, parts in rest:
            if heading.startswith("Errors"):
                errors = self.section(parts)
                continue
            lines += [".Ss " + heading] + self.section(parts)
            lines += self.add_structs(heading)
        lines += [".Sh FILES", ".Bl -tag -width Ds",
                  ".It Pa /dev/seccomp\\-pin", "the device", ".El"]
        lines += [".Sh ERRORS", "These are for all requests;",
                  "others are with each request above."] + errors
        refs = self.markup.seen | {("2", "seccomp"), ("2", "ioctl"),
                                   ("2", "seccomp_unotify"),
                                   ("7", "libpinredir")}
        left = {d.name for d in self.header.declarations
                if d.kind == "struct"} - self.shown
        if left:
            kd.fail("not shown: %s" % ", ".join(left))
        return kd.page("seccomp_pin", "4", date, release,
                       lines + kd.see_also(refs))


def main():
    document, header, date, release = sys.argv[1:]
    sys.stdout.write(Page(document, kd.Header(header)).build(date, release))


if __name__ == "__main__":
    main()
