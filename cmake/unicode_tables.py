#!/usr/bin/env python3
"""Writes the Unicode tables of src/check/unicode.c: unicode_tables.py OUT.c

From Python's own unicodedata, so that the native check needs no library for them: general categories as runs,
canonical combining classes, decompositions (full, canonical and compatible), compositions, lower case.
"""

import sys
import unicodedata
from pathlib import Path

LAST = 0x10FFFF
HANGUL = range(0xAC00, 0xD7A4)  # composed and decomposed by arithmetic
CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn".split()


def rows(values, per_line=8):
    lines = [", ".join(values[i : i + per_line]) for i in range(0, len(values), per_line)]
    return ",\n    ".join(lines)


def categories():
    runs, before = [], None
    for c in range(LAST + 1):
        category = unicodedata.category(chr(c))
        if category != before:
            runs.append(f"{{{c}, UNICODE_{category.upper()}}}")
            before = category
    return runs


def decompositions(form):
    """(character, its full decomposition) where that is another text."""
    for c in range(LAST + 1):
        if c in HANGUL or 0xD800 <= c <= 0xDFFF:
            continue
        text = unicodedata.normalize(form, chr(c))
        if text != chr(c):
            yield c, text


def decomposition_table(form, pool):
    entries = []
    for c, text in decompositions(form):
        entries.append(f"{{{c}, {len(pool)}, {len(text)}}}")
        pool.extend(ord(x) for x in text)
    return entries


def compositions():
    pairs = []
    for c in range(LAST + 1):
        parts = unicodedata.decomposition(chr(c)).split()
        if len(parts) != 2 or parts[0].startswith("<"):
            continue
        first, second = (int(p, 16) for p in parts)
        if unicodedata.normalize("NFC", chr(first) + chr(second)) == chr(c):  # not excluded from composition
            pairs.append((first, second, c))
    return [f"{{{a}, {b}, {c}}}" for a, b, c in sorted(pairs)]


def lower():
    found = []
    for c in range(LAST + 1):
        if 0xD800 <= c <= 0xDFFF:
            continue
        text = chr(c).lower()
        if text != chr(c) and len(text) == 1:
            found.append(f"{{{c}, {ord(text)}}}")
    return found


def main():
    pool = []
    canonical, compatible = decomposition_table("NFD", pool), decomposition_table("NFKD", pool)
    classes = [f"{{{c}, {n}}}" for c in range(LAST + 1) if (n := unicodedata.combining(chr(c)))]
    tables = [
        ("UnicodeRun unicode_categories", categories()),
        ("UnicodePair unicode_classes", classes),
        ("UnicodePair unicode_lower_case", lower()),
        ("UnicodeTriple unicode_canonical", canonical),
        ("UnicodeTriple unicode_compatible", compatible),
        ("UnicodeTriple unicode_compositions", compositions()),
        ("int32_t unicode_pool", [str(c) for c in pool]),
    ]
    text = f"/* Unicode {unicodedata.unidata_version}, written by cmake/unicode_tables.py. */\n"
    text += '#include "check/unicode_tables.h"\n'
    for declaration, values in tables:
        name = declaration.split()[1]
        text += f"\nconst {declaration}[] = {{\n    {rows(values)},\n}};\n"
        text += f"const ptrdiff_t {name}_n = {len(values)};\n"
    Path(sys.argv[1]).write_text(text)


if __name__ == "__main__":
    main()
