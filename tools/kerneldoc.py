# SPDX-License-Identifier: GPL-2.0-only
"""Headers with kernel-doc, and what is written there, as mdoc(7).

A comment is about the declarations that follow it. It may name several functions,
separated by commas, which then share a page. Whatever is public and not
documented, or documented and not there, ends the program.
"""
import errno
import re
import sys
import textwrap

# What is to stay what it is in code
ASCII = (("-", "\\-"), ("'", "\\(aq"), ("`", "\\(ga"), ("^", "\\(ha"),
         ("~", "\\(ti"))

# Those that are neither are marked as functions, and referred to nowhere.
EXTERNAL = {"poll": 2, "read": 2, "close": 2, "ioctl": 2, "waitpid": 2}


def fail(what):
    sys.exit("%s: %s" % (sys.argv[0].rsplit("/", 1)[-1], what))


class Doc:
    """A kernel-doc comment: names, summary, members, body, sections."""

    def __init__(self, text):
        lines = [re.sub(r"^\s*\* ?", "", line) for line in text.split("\n")]
        lines = [line.rstrip() for line in lines[1:-1]]
        while len(lines) > 1 and lines[1] and lines[1][0] != "@":
            lines[:2] = [lines[0] + " " + lines[1]]
        names, dash, self.summary = lines[0].partition(" - ")
        if not dash:
            fail("no summary: %s" % lines[0])
        self.kind, self.names = "function", re.split(r",\s*", names)
        match = re.match(r"(struct|typedef) (\w+)$", names)
        if match:
            self.kind, self.names = match[1], [match[2]]
        self.members, self.body, self.sections = {}, [], {}
        part = self.body
        for line in lines[1:]:
            member = re.match(r"@(\w+):\s*(.*)", line)
            section = re.match(r"(Return|Context):\s*(.*)", line)
            if member:
                part = self.members.setdefault(member[1], [])
                part.append(member[2])
            elif section:
                part = self.sections.setdefault(section[1], [])
                part.append(section[2])
            else:
                if not line and part in self.members.values():
                    part = self.body
                part.append(line)


class Declaration:
    def __init__(self, text, constants):
        self.text, self.doc, self.constants = text, None, constants
        flat = " ".join(text.split())
        self.kind, self.name, self.members = None, None, []
        struct = re.match(r"struct (\w+) \{(.*)\}$", flat)
        typedef = re.match(r"typedef .*\(\*?(\w+)\)?\((.*)\)$", flat) or \
            re.match(r"typedef .*?(\w+)\((.*)\)$", flat)
        function = re.match(r"(.*?)(\w+)\((.*)\)$", flat)
        if struct:
            self.kind, self.name = "struct", struct[1]
            self.members = self.names(struct[2], ";")
        elif typedef:
            self.kind, self.name = "typedef", typedef[1]
            self.params = self.split(typedef[2], ",")
            self.members = self.names(typedef[2], ",")
        elif function:
            self.kind, self.name = "function", function[2]
            self.type = function[1].strip()
            self.params = self.split(function[3], ",")
            self.members = self.names(function[3], ",")

    @staticmethod
    def split(text, sep):
        parts, depth, part = [], 0, ""
        for char in text:
            depth += (char in "({") - (char in ")}")
            if char == sep and not depth:
                parts.append(part)
                part = ""
            else:
                part += char
        parts.append(part)
        return [p.strip() for p in parts if p.strip() not in ("", "void")]

    @classmethod
    def names(cls, text, sep):
        found = []
        for part in cls.split(text, sep):
            part = re.sub(r"\[[^]]*\]", "", part)
            pointer = re.search(r"\(\*(\w+)\)", part)
            found += [pointer[1]] if pointer else re.findall(
                r"(\w+)\s*(?=,|$)", part)
        return found


class Header:
    """The documented declarations of a file, in its order."""

    def __init__(self, path):
        with open(path) as file:
            text = file.read()
        self.path, self.declarations, self.docs = path, [], []
        gone = re.search(r"/\* -EIDRM: (.*?) \*/\n#define PINREDIR_GONE", text)
        self.gone = gone[1] if gone else ""
        doc, constants, pos = None, [], 0
        while pos < len(text):
            rest = text[pos:]
            match = re.match(r"/\*.*?\*/", rest, re.S)
            if match:
                if match[0].startswith("/**\n"):
                    doc = Doc(match[0])
                    self.docs.append(doc)
                pos += match.end()
                continue
            match = re.match(r"#(/\*(.|\n)*?\*/|\\\n|.)*", rest)
            if match:
                constants += self.constant(match[0])
                pos += match.end()
                continue
            match = re.match(r"\s+|extern \"C\" \{|\}\n", rest)
            if match:
                pos += match.end()
                continue
            end, depth = 0, 0
            while depth or rest[end] != ";":
                depth += (rest[end] == "{") - (rest[end] == "}")
                end += 1
            if rest.startswith("enum "):
                constants += re.findall(r"(\w+),\s*/\*\s*(.*?)\s*\*/",
                                        rest[:end])
                pos += end + 1
                continue
            self.add(re.sub(r"/\*.*?\*/", "", rest[:end], flags=re.S), doc,
                     constants)
            constants = []
            pos += end + 1
        self.check()

    @staticmethod
    def constant(text):
        """A macro with a comment behind it: name and comment"""
        match = re.match(r"#define\s+(\w+)\s.*?/\*\s*(.*?)\s*\*/$", text, re.S)
        return [(match[1], re.sub(r"\s*\n[\s*]*", " ", match[2]))] if match \
            else []

    def add(self, text, doc, constants):
        declaration = Declaration(text, constants)
        if not declaration.name:
            return
        if doc and declaration.name in doc.names and \
                doc.kind == declaration.kind:
            declaration.doc = doc
        self.declarations.append(declaration)

    def check(self):
        for d in self.declarations:
            if not d.doc:
                fail("%s: %s is not documented" % (self.path, d.name))
        for doc in self.docs:
            about = [d for d in self.declarations if d.doc is doc]
            if [d.name for d in about] != doc.names:
                fail("%s: documented, but not what follows: %s" % (
                    self.path, ", ".join(doc.names)))
            there = {m for d in about for m in d.members}
            for name in there ^ set(doc.members):
                fail("%s: %s: @%s is %s" % (
                    self.path, doc.names[0], name, "not documented"
                    if name in there else "not there"))
            returns = any(getattr(d, "type", "void") != "void" for d in about)
            if returns != ("Return" in doc.sections) and \
                    doc.kind == "function":
                fail("%s: %s: what does it return?" % (
                    self.path, doc.names[0]))

    def find(self, kind, name):
        for d in self.declarations:
            if d.kind == kind and d.name == name:
                return d
        return None


def blocks(lines):
    """Paragraphs (strings) and lists (of lists of blocks)"""
    out, bullet = [], False
    for line in lines + [""]:
        item = re.match(r"\s*\* (.*)", line)
        if re.match(r"\s[A-Z0-9_]+_[A-Z0-9_]+: ", line):
            # Flags, one after the other
            out.append(line.strip())
            bullet = False
        elif item:
            if not (out and isinstance(out[-1], list)):
                out.append([])
            out[-1].append(item[1])
            bullet = True
        elif not line.strip():
            bullet = False
            if out and isinstance(out[-1], str) and out[-1]:
                out.append("")
        elif bullet and re.match(r"\s", line):
            out[-1][-1] += " " + line.strip()
        else:
            bullet = False
            if not (out and isinstance(out[-1], str)):
                out.append("")
            out[-1] = (out[-1] + " " + line.strip()).strip()
    return [b for b in out if b]


class Markup:
    """Running text as mdoc: what has a name there is marked as such."""

    TOKEN = re.compile(
        r"`[^`]+`"
        r"|\[[^]]+\]\([^)]+\)"
        r"|\w+\(\d\)|\w+\(\)"
        r"|@\w+"
        r"|\bstruct \w+"
        r"|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\*?"
        r"|\bNULL\b"
        r"|-?\bE[A-Z][A-Z0-9]{2,}\b"
        r"|(?<![\w.])/(?:[\w.-]*[\w-]/?)+")

    def __init__(self, own=(), pages=()):
        self.own, self.pages, self.seen = set(own), set(pages), set()

    def mark(self, word):
        """The macro for a word that has one, or None"""
        match = re.match(r"(\w+)\((\d?)\)$", word)
        if match:
            name, section = match[1], match[2]
            if not section and name in self.own:
                return "Fn " + name
            if not section and name in self.pages:
                section = "3"
            if not section and name in EXTERNAL:
                section = str(EXTERNAL[name])
            if not section:
                return "Fn " + name
            self.seen.add((section, name))
            return "Xr %s %s" % (name, section)
        if word.startswith("@"):
            return "Fa " + word[1:]
        if word.startswith("struct "):
            return 'Vt "%s"' % word
        if word.startswith("/"):
            return "Pa " + word
        bare = word.lstrip("-")
        if bare in errno.errorcode.values():
            return "Er " + word.replace("-", "\\-")
        if word == "NULL" or "_" in word:
            return "Dv " + word
        return None

    def code(self, text):
        marked = self.mark(text) if self.TOKEN.fullmatch(text) else None
        if marked:
            return marked
        if re.fullmatch(r"[a-z_]\w*", text):
            return "Fa " + text
        return 'Ql "%s"' % escape(text).replace('"', '\\(dq')

    def text(self, text):
        """Lines of mdoc for a paragraph"""
        lines = []
        for sentence in re.split(
                r"(?<=[.?!])\s+(?=[A-Z@(`/]|-E)", text.strip()):
            lines += self.sentence(sentence)
        return lines

    def sentence(self, text):
        lines, pos, plain = [], 0, ""
        for match in self.TOKEN.finditer(text):
            if match.start() < pos:
                continue
            word = match[0]
            if word.startswith("["):
                # A link, to another document
                word = re.match(r"\[([^]]+)\]", word)[1]
                marked = "Pa docs/" + word
            elif word.startswith("`"):
                marked = self.code(word[1:-1])
            else:
                marked = self.mark(word)
            before = text[pos:match.start()]
            opening = re.search(r"(^|\s)([(\[]*)$", plain + before)
            if not marked or not opening:
                continue
            closing = re.match(r"([.,:;?!)\]]*)(\S*)", text[match.end():])
            plain += before
            if opening[2]:
                plain = plain[:-len(opening[2])]
            if plain.strip():
                lines.append(escape_line(plain.strip()))
            macro, rest = marked.split(" ", 1)
            line = "." + " ".join([macro, *opening[2], rest, *closing[1]])
            end = match.end() + len(closing[1])
            if closing[2]:
                # Glued to it
                line += " Ns " + escape(closing[2])
                end += len(closing[2])
            lines.append(line)
            plain, pos = "", end
        plain += text[pos:]
        if plain.strip():
            lines.append(escape_line(plain.strip()))
        return lines

    def blocks(self, parts):
        lines = []
        for part in parts:
            if isinstance(part, str):
                if lines:
                    lines.append(".Pp")
                lines += self.text(part)
            else:
                lines += self.bullets(part)
        return lines

    def bullets(self, items):
        lines = [".Bl -bullet -compact"]
        for item in items:
            lines += [".It"] + self.text(item)
        return lines + [".El"]

    def tagged(self, items):
        """[(lines of the head, lines of the body)]"""
        if not items:
            return []
        lines = [".Bl -tag -width Ds"]
        for head, body in items:
            lines += [".It Xo"] + head + [".Xc"] if len(head) > 1 else \
                [".It " + head[0].lstrip(".")]
            lines += body
        return lines + [".El"]

    def members(self, doc):
        return self.tagged([([".Fa " + name], self.blocks(blocks(text)))
                            for name, text in doc.members.items()])

    def struct(self, d):
        """A structure's definition, and what its members are"""
        return [".Bd -literal -offset indent"] + literal(d.text + ";") + \
            [".Ed", ".Pp"] + self.members(d.doc) + self.constants(d)

    def constants(self, d):
        """The macros before a declaration that have a comment of their own"""
        if not d.constants:
            return []
        return [".Pp", "Constants:"] + self.tagged(
            [([".Dv " + name], self.text(comment))
             for name, comment in d.constants])


def capital(text):
    """The start of a sentence, unless that is a name"""
    if not re.match(r"[a-z]+\b(?![_(])", text):
        return text
    return text[:1].upper() + text[1:]


def stop(lines):
    """End them with a full stop."""
    if not lines or re.search(r"[.?!:]$", lines[-1]):
        return lines
    glue = " ." if lines[-1].startswith(".") else "."
    return lines[:-1] + [lines[-1] + glue]


def escape(text):
    text = text.replace("\\", "\\e")
    return re.sub(r"(?<![\w-])--?(?=\w)",
                  lambda match: "\\-" * len(match[0]), text)


def escape_line(text):
    text = escape(text)
    return "\\&" + text if text[0] in ".'" else text


def literal(text):
    """Lines of code, for a .Bd -literal"""
    lines = []
    for line in text.replace("\\", "\\e").split("\n"):
        for char, name in ASCII:
            line = line.replace(char, name)
        lines.append("\\&" + line if line.startswith(".") else line)
    return lines


def see_also(refs):
    lines = [".Sh SEE ALSO"]
    refs = sorted(refs)
    for i, (section, name) in enumerate(refs):
        lines.append(".Xr %s %s%s" % (name, section,
                                      " ," if i < len(refs) - 1 else ""))
    return lines


def tidy(lines):
    """Long lines wrapped, and no paragraph that is not one"""
    out, code = [], False
    for i, line in enumerate(lines):
        following = lines[i + 1] if i + 1 < len(lines) else ".Sh"
        if line == ".Pp" and (re.match(r"\.(Pp|Bl|Sh|Ss)\b", following) or
                              re.match(r"\.(Sh|Ss|Pp)\b", out[-1])):
            continue
        code = line.startswith(".Bd") or code and line != ".Ed"
        if code or line.startswith("."):
            out.append(line)
        else:
            # A word that a wrapped line starts with must not be a request.
            out += [re.sub(r"^(?=[.'])", r"\\&", part) for part in
                    textwrap.wrap(line, 76, break_on_hyphens=False,
                                  break_long_words=False)]
    return out


def page(title, section, date, release, lines):
    lines = tidy(lines)
    return "\n".join([
        ".\\\" Generated; what it says is written in the sources.",
        ".Dd " + date, ".Dt %s %s" % (title.upper(), section),
        ".Os " + release] + lines) + "\n"
