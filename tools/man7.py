#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""man7.py PAGE HEADER DATE RELEASE: a page that is written by hand, filled in.

In PAGE, a line ".\\" functions NAME..." stands for a list of them, with what the
kernel-doc in HEADER says they do; ".\\" example FILE" for that program. There has
to be each function in one of the lists.
"""
import re
import sys

import kerneldoc as kd


def main():
    source, path, date, release = sys.argv[1:]
    header = kd.Header(path)
    docs = {f.name: f.doc for f in header.declarations if f.kind == "function"}
    left, lines, tagged = dict(docs), [], []
    with open(source) as file:
        text = file.read().replace("@DATE@", date).replace("@RELEASE@", release)
    for line in text.rstrip("\n").split("\n"):
        listed = re.match(r'\.\\" functions (.*)', line)
        example = re.match(r'\.\\" example (.*)', line)
        if listed:
            for name in listed[1].split():
                if name not in left:
                    kd.fail("%s: listed twice, or not there" % name)
                doc = docs[name]
                for alias in doc.names:
                    del left[alias]
                tagged.append((
                    [".Xr %s 3%s" % (n, " ," if n != doc.names[-1] else "")
                     for n in doc.names], kd.Markup().text(doc.summary)))
            continue
        lines += kd.Markup().tagged(tagged)
        tagged = []
        if example:
            with open(example[1]) as file:
                code = file.read().split("\n", 1)[1].strip("\n")
            lines += [".Bd -literal"] + kd.literal(code) + [".Ed"]
        else:
            lines.append(line)
    if left:
        kd.fail("%s: not listed: %s" % (source, " ".join(left)))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
