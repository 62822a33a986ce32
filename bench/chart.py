#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# chart.py JSON >SVG: draws some of what build/bench.json says
import json
import sys

COLUMNS = [
    ("native", "unsupervised", "#8c8c8c"),
    ("blind", "blind CONTINUE", "#8c8c8c"),
    ("racy", "read + CONTINUE (racy)", "#c9702e"),
    ("ptrace", "ptrace (racy)", "#c9702e"),
    ("library", "pinned, by the library", "#1f5fa8"),
    ("next", "… with one entry", "#1f5fa8"),
    ("fastest", "… by the device alone", "#1f5fa8"),
    ("remembered", "pinned, remembered", "#1f5fa8"),
]

# Table, what is shown of a cell, what that is, rows by the names they have here
BLOCKS = [
    ("calls", "ratio", "Instructions per call, blind CONTINUE = 1", {
        "openat": "openat",
        "faccessat2": "faccessat2",
        "statx": "statx",
        "connect": "connect",
        "execve": "execve",
    }),
    ("work", "times", "Instructions per command, unsupervised = 1", {
        "git-status": "git status",
        "find": "find -readable",
        "gcc": "gcc -c",
        "pipelines": "100 shell commands",
        "python-import": "python3 -c import",
    }),
]

LABELS = 185        # the width of the names on the left
PANEL = 150         # of a row of a table, with the gap to the next
BAR = 14            # from one bar to the next
ROOM = 36           # for the number behind a bar
HEAD = 52           # above the bars of a block
GAP = 26            # below them

FONT = 'font-family="Helvetica, Arial, sans-serif"'


def text(x, y, words, size=11, anchor="start", fill="#222", weight="normal"):
    print(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" {FONT} '
          f'text-anchor="{anchor}" fill="{fill}" font-weight="{weight}" '
          f'stroke="#fff" stroke-width="3" paint-order="stroke">'
          f'{words}</text>')


def line(x, y, to_y):
    print(f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x:.1f}" y2="{to_y:.1f}" '
          'stroke="#222" stroke-width="0.7"/>')


def columns(rows):
    """Those that at least one row has a figure for"""
    return [column for column in COLUMNS
            if any("cost" in row.get(column[0], {}) for row in rows.values())]


def panel(x, y, title, cells, shown, what, scale):
    text(x, y - 7, title, weight="bold")
    line(x + scale, y, y + len(shown) * BAR)
    for i, (name, _, colour) in enumerate(shown):
        cell = cells.get(name, {})
        top = y + i * BAR
        if what in cell:
            width = cell[what] * scale
            print(f'<rect x="{x:.1f}" y="{top + 2:.1f}" width="{width:.1f}" '
                  f'height="{BAR - 4}" fill="{colour}"/>')
            text(x + width + 3, top + BAR - 4, f"{cell[what]:.2f}", 10)
        else:
            text(x + 3, top + BAR - 4, "n/a", 10, fill="#777")


def block(y, table, what, title, names):
    rows = {row["row"]: row["columns"] for row in table}
    shown = columns(rows)
    most = max(cell[what] for name in names for key, cell in
               rows.get(name, {}).items()
               if what in cell and key in [column[0] for column in shown])
    text(12, y + 18, title, 13, weight="bold")
    y += HEAD
    for i, (_, label, _) in enumerate(shown):
        text(LABELS - 8, y + i * BAR + BAR - 4, label, anchor="end")
    for i, (name, label) in enumerate(names.items()):
        panel(LABELS + i * PANEL, y, label, rows.get(name, {}), shown, what,
              (PANEL - ROOM - 6) / most)
    return y + len(shown) * BAR + GAP


def height(table):
    rows = {row["row"]: row["columns"] for row in table}
    return HEAD + len(columns(rows)) * BAR + GAP


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        bench = json.load(file)
    blocks = [entry for entry in BLOCKS if entry[0] in bench["tables"]]
    wide = LABELS + 5 * PANEL
    high = sum(height(bench["tables"][entry[0]]) for entry in blocks) + 14
    print('<?xml version="1.0" encoding="UTF-8"?>')
    print("<!-- SPDX-License-Identifier: GPL-2.0-only -->")
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" '
          f'height="{high}" viewBox="0 0 {wide} {high}">')
    print(f'<rect width="{wide}" height="{high}" fill="#fff"/>')
    y = 0
    for name, what, title, rows in blocks:
        y = block(y, bench["tables"][name], what, title, rows)
    text(12, high - 10, f'Linux {bench["kernel"]}, {bench["variant"]} '
         "configuration; guest instructions. Shorter is better.", 10,
         fill="#555")
    print("</svg>")


main()
