#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""man3.py HEADER EXAMPLES OUT DATE RELEASE: a page for each function.

Made of the kernel-doc in HEADER. What is in EXAMPLES/FUNCTION.c is shown in the
page of that function. Functions that share a comment share a page, and the others
refer to it.
"""
import os
import re
import sys

import kerneldoc as kd

LIBRARY = "libpinredir"

# Who may call a function at the same time, by what it acts on; a Context section in
# its comment says it where that is otherwise.
SAFETY = [
    ("struct pinredir_call *", "race:call",
     "by any thread, but one at a time for the same call"),
    ("struct pinredir_child *", "race:child",
     "by any thread, but one at a time for the same child"),
    ("", "", "by any thread, at any time"),
]

CODES = r"(?:-E[A-Z0-9]+|PINREDIR_[A-Z_]+)"


def codes(text):
    """An item of a list of errors: its codes, and when they come"""
    match = re.match(r"((?:%s|\.\.\.)(?:, (?:%s|\.\.\.))*)(?:: (.*)|$)" %
                     (CODES, CODES), text, re.S)
    if match:
        return match[1], match[2]
    match = re.match(r"(%s) \((.*)\)$" % CODES, text, re.S)
    return (match[1], match[2]) if match else (None, text)


def in_line(text):
    """0, -EINVAL (why), -ENOMEM, or 0 or -EINVAL: why: as a list, or None"""
    one = re.fullmatch(r"0 or (%s: .*)" % CODES, text)
    if one:
        return [one[1]]
    item = r"(%s)(?: \(((?:[^()]|\(\))*)\))?" % CODES
    if not re.fullmatch(r"0(?: or|,) %s(?:,(?: or)? %s)*\.?" % (item, item),
                        text):
        return None
    return [code + (": " + why if why else "")
            for code, why in re.findall(item, text)]


class Page:
    def __init__(self, header, functions, pages):
        self.header, self.functions = header, functions
        self.doc = functions[0].doc
        self.markup = kd.Markup(self.doc.names, pages)

    def synopsis(self):
        lines = [".Sh SYNOPSIS", ".In pinredir.h"]
        for f in self.functions:
            lines += [".Ft " + f.type, ".Fo " + f.name]
            lines += ['.Fa "%s"' % p for p in f.params or ["void"]]
            lines.append(".Fc")
        return lines

    def types(self):
        """Of the header, what the prototypes speak of"""
        found = []
        left = [p for f in self.functions for p in [f.type] + f.params]
        while left:
            text = left.pop(0)
            for d in self.header.declarations:
                if d.kind == "function" or d in found or not \
                        re.search(r"\b%s\b" % d.name, text):
                    continue
                if d.kind == "struct" and \
                        not re.search(r"struct %s\b" % d.name, text):
                    continue
                found.append(d)
                left.append(d.text)
        return found

    def description(self):
        lines = [".Sh DESCRIPTION"]
        body = self.markup.blocks(kd.blocks(self.doc.body))
        members = [m for m in self.doc.members.items() if any(m[1])]
        arguments = self.markup.tagged(
            [([".Fa " + name], self.markup.blocks(kd.blocks(text)))
             for name, text in members])
        for i, f in enumerate(self.functions):
            lines += [".Fn %s%s" % (f.name, " ," if
                                    i < len(self.functions) - 2 else
                                    " and" if i < len(self.functions) - 1
                                    else " :")]
        lines = self.join(lines)
        lines += kd.stop(self.markup.text(self.doc.summary))
        lines += arguments + ([".Pp"] if arguments and body else [])
        if body and not arguments:
            lines.append(".Pp")
        lines += body
        for d in self.types():
            lines += [".Ss %s" % (d.kind + " " + d.name)]
            lines += kd.stop(self.markup.text(kd.capital(d.doc.summary)))
            if d.kind == "struct":
                lines += self.markup.struct(d)
                continue
            lines += [".Bd -literal -offset indent"] + kd.literal(
                d.text + ";") + [".Ed", ".Pp"]
            lines += self.markup.members(d.doc) + [".Pp"]
            lines += self.markup.blocks(kd.blocks(d.doc.body))
            if "Return" in d.doc.sections:
                lines += [".Pp", "It returns:"] + self.markup.blocks(
                    kd.blocks(d.doc.sections["Return"]))
        return lines

    @staticmethod
    def join(lines):
        """A list of functions: "and" is a word of its own."""
        out = []
        for line in lines:
            if line.endswith(" and"):
                out += [line[:-4], "and"]
            else:
                out.append(line)
        return out

    def returns(self):
        """Lines of RETURN VALUE, and the list of errors"""
        section = self.doc.sections.get("Return")
        if not section:
            return ["Nothing."], None, []
        parts = kd.blocks(section)
        lead = parts[0] if isinstance(parts[0], str) else ""
        errors, after = [], []
        like = re.match(r"(?:0 or )?as (\w+\(\))(?:, and(?: (.*))?)?$", lead)
        more = like and like[2] or ""
        listed = in_line("0, " + more if more else lead)
        if listed:
            errors, lead = listed, "0 or"
        elif codes(more)[0]:
            errors.append(more)
        rest = parts[1:] if lead else parts
        for part in rest:
            if isinstance(part, list) and any(codes(i)[0] for i in part):
                errors += part
            else:
                after.append(part)
        if like:
            lines = ["0 on success, a negative errno otherwise."]
        elif errors and re.fullmatch(r"0(?: or|,)?", lead):
            lines = ["0 on success, a negative errno otherwise."]
        elif errors:
            lead = re.sub(r",? or$", "", lead)
            lines = kd.stop(self.markup.text(
                kd.capital(lead) + ", or a negative errno"))
        else:
            lines = kd.stop(self.markup.text(kd.capital(lead))) if lead \
                else []
        lines += self.markup.blocks(after)
        return lines, like and like[1], errors

    def error(self, text):
        code, why = codes(text)
        if not code:
            return kd.stop(self.markup.text(kd.capital(text))), [""]
        head = [".Er"]
        words = []
        for word in code.split(", "):
            words.append(word.replace("-", "\\-"))
        head = [".Er " + " , ".join(words)]
        first = code.split(",")[0].lstrip("-")
        if not why:
            why = self.header.gone if first == "PINREDIR_GONE" else \
                os.strerror(getattr(kd.errno, first))
        return head, kd.stop(self.markup.text(kd.capital(why)))

    def errors(self, like, errors):
        if not like and not errors:
            return []
        lines = [".Sh ERRORS"]
        if like:
            lines += ["Those of"] + self.markup.text(
                like + (", and" if errors else "."))
        tagged, others = [], []
        for text in errors:
            head, body = self.error(text)
            if body == [""]:
                others += head
            else:
                tagged.append((head, body))
        lines += self.markup.tagged(tagged)
        if others:
            lines += [".Pp", "Others:"] + others
        return lines

    def safety(self):
        lines = [".Sh ATTRIBUTES"]
        context = self.doc.sections.get("Context")
        if context:
            return lines + kd.stop(self.markup.blocks(kd.blocks(context)))
        first = (self.functions[0].params or [""])[0].replace("const ", "")
        for kind, race, words in SAFETY:
            if first.startswith(kind) and "**" not in first:
                break
        return lines + ["MT\\-Safe%s: can be called %s." % (
            " " + race if race else "", words), "See",
            ".Xr attributes 7 ."]

    def example(self, directory):
        lines = []
        for name in self.doc.names:
            path = os.path.join(directory, name + ".c")
            if not os.path.exists(path):
                continue
            with open(path) as file:
                code = file.read().split("\n", 1)[1].strip("\n")
            lines += [".Sh EXAMPLES" if not lines else ".Pp",
                      ".Bd -literal"] + kd.literal(code) + [".Ed"]
        return lines

    def build(self, directory, date, release):
        names = self.doc.names
        returns, like, errors = self.returns()
        lines = [".Sh NAME"]
        lines += [".Nm %s%s" % (n, " ," if n != names[-1] else "")
                  for n in names]
        lines += [".Nd " + self.doc.summary.replace("-", "\\-")]
        lines += [".Sh LIBRARY", "Pinned arguments for seccomp supervisors",
                  ".Pq %s, \\-lpinredir" % LIBRARY]
        lines += self.synopsis() + self.description()
        lines += [".Sh RETURN VALUES"] + returns
        example = self.example(directory)
        lines += example + self.errors(like, errors)
        refs = self.markup.seen | {("4", "seccomp_pin"), ("7", LIBRARY)}
        lines += self.safety()
        lines += kd.see_also(refs)
        return kd.page(names[0], "3", date, release, lines)


def main():
    path, examples, out, date, release = sys.argv[1:]
    header = kd.Header(path)
    functions = [d for d in header.declarations if d.kind == "function"]
    pages = [f.name for f in functions]
    os.makedirs(out, exist_ok=True)
    used = set()
    for doc in header.docs:
        about = [f for f in functions if f.doc is doc]
        if not about:
            continue
        page = Page(header, about, pages).build(examples, date, release)
        with open(os.path.join(out, doc.names[0] + ".3"), "w") as file:
            file.write(page)
        for name in doc.names[1:]:
            with open(os.path.join(out, name + ".3"), "w") as file:
                file.write(".so man3/%s.3\n" % doc.names[0])
        used.update(doc.names)
    for name in os.listdir(examples):
        if name.removesuffix(".c") not in used:
            kd.fail("%s: an example of no function" % name)


if __name__ == "__main__":
    main()
