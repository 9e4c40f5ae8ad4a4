/* Encodings, newlines, lines and indentation of a source, and the way back to its bytes. */
#include "python/source.h"
#include "tests/unit.h"

static Arena arena;
static Diagnostics diagnostics;

static Source *read(Str bytes) {
    diagnostics = (Diagnostics){.arena = &arena};
    return source_read(&arena, S("a.py"), bytes, &diagnostics);
}

/* Whether reading fails with a message at the place that holds `part`. */
static bool refused(Str bytes, uint32_t line, uint32_t column, Str part) {
    if (read(bytes) || diagnostics.errors != 1)
        return false;
    const Diagnostic *d = &diagnostics.list.v[0];
    if (d->line == line && d->column == column && str_find(d->text, part) >= 0)
        return true;
    fprintf(stderr, "%u:%u: %.*s\n", d->line, d->column, STR_ARG(d->text));
    return false;
}

static bool round_trip(Str bytes) {
    Source *source = read(bytes);
    Str back;
    return source && source_encode(source, &arena, source->text, &back, &diagnostics) &&
           str_eq(back, bytes);
}

static int encoding_of(Str bytes) {
    Source *source = read(bytes);
    return source ? (int)source->encoding : -1;
}

static void test_cookies(void) {
    CHECK_INT(encoding_of(S("x = 1\n")), ENCODING_UTF8);
    CHECK_INT(encoding_of(S("")), ENCODING_UTF8);
    CHECK_INT(encoding_of(S("# -*- coding: latin-1 -*-\n")), ENCODING_LATIN1);
    CHECK_INT(encoding_of(S("# coding=ISO_8859_1")), ENCODING_LATIN1);
    CHECK_INT(encoding_of(S("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n")),
              ENCODING_CP1252);
    CHECK_INT(encoding_of(S("\r\n\t# coding:windows-1252\r\n")), ENCODING_CP1252);
    CHECK_INT(encoding_of(S("# coding: utf8\n")), ENCODING_UTF8);
    CHECK_INT(encoding_of(S("# coding: UTF-8-unix\n")), ENCODING_UTF8);
    CHECK_INT(encoding_of(S("# coding coding: us-ascii\n")), ENCODING_ASCII);
    CHECK_INT(encoding_of(S("# coding= \n# coding: ascii\n")), ENCODING_ASCII);
    /* Not a declaration: code before it, a third line, a name without : or =. */
    CHECK_INT(encoding_of(S("x = 1  # coding: latin-1\n")), ENCODING_UTF8);
    CHECK_INT(encoding_of(S("x = 1\n# coding: latin-1\n")), ENCODING_UTF8);
    CHECK_INT(encoding_of(S("\n\n# coding: latin-1\n")), ENCODING_UTF8);
    CHECK_INT(encoding_of(S("# coding latin-1\n")), ENCODING_UTF8);
    CHECK_INT(encoding_of(S("# coding : latin-1\n")), ENCODING_UTF8);
    CHECK(refused(S("#!x\n#  coding: iso-8859-15\n"), 2, 12, S("'iso-8859-15'")));
    CHECK(refused(S("# coding: nonsense\n"), 1, 11, S("'nonsense'")));
    CHECK(refused(S("# coding: latin-15\n"), 1, 11, S("'latin-15'")));
}

static void test_byte_order_mark(void) {
    Source *source = read(S("\xEF\xBB\xBFx = 1\n"));
    CHECK(source && source->bom);
    CHECK_STR(source->text, S("x = 1\n"));
    CHECK(round_trip(S("\xEF\xBB\xBFx = 1\n")));
    CHECK(round_trip(S("\xEF\xBB\xBF# coding: utf-8\n")));
    CHECK(refused(S("\xEF\xBB\xBF# coding: latin-1\n"), 1, 11, S("byte order mark")));
    CHECK(!read(S("x"))->bom);
}

static void test_bad_bytes(void) {
    CHECK(refused(S("x\n\xC3\xA9y \xE9t\n"), 2, 4, S("byte 0xE9 at offset 6 is not UTF-8")));
    CHECK(refused(S("\xC0\x80"), 1, 1, S("0xC0")));         /* overlong */
    CHECK(refused(S("\xE0\x9F\xBF"), 1, 1, S("0xE0")));     /* overlong */
    CHECK(refused(S("\xED\xA0\x80"), 1, 1, S("0xED")));     /* surrogate */
    CHECK(refused(S("\xF4\x90\x80\x80"), 1, 1, S("0xF4"))); /* above U+10FFFF */
    CHECK(refused(S("12345678\xE2\x82"), 1, 9, S("0xE2"))); /* cut off */
    CHECK(read(S("\xF4\x8F\xBF\xBF \xED\x9F\xBF \xEE\x80\x80 \xE0\xA0\x80")));
    CHECK(refused(S("a\r\nb\0c"), 2, 2, S("NUL byte at offset 4")));
    CHECK(refused(S("# coding: ascii\nx = '\xE9'\n"), 2, 6, S("not ASCII")));
    CHECK(refused(S("# coding: cp1252\n'\x81'\n"), 2, 2, S("not cp1252")));
    CHECK(read(S("# coding: latin-1\n'\x81'\n")));
}

static void test_one_byte_encodings(void) {
    Source *source = read(S("# coding: latin-1\n'\xE9\x80'\n"));
    CHECK_STR(source->text, S("# coding: latin-1\n'\xC3\xA9\xC2\x80'\n"));
    source = read(S("# coding: cp1252\n'\xE9\x80\x9F'\n"));
    CHECK_STR(source->text, S("# coding: cp1252\n'\xC3\xA9\xE2\x82\xAC\xC5\xB8'\n"));
    char bytes[512] = "# coding: cp1252\n";
    ptrdiff_t n = 17;
    for (int byte = 1; byte < 256; byte++) {
        if (byte != 0x81 && byte != 0x8D && byte != 0x8F && byte != 0x90 && byte != 0x9D)
            bytes[n++] = (char)byte;
    }
    CHECK(round_trip((Str){bytes, n}));
    source = read(S("# coding: latin-1\n"));
    Str back;
    CHECK(!source_encode(source, &arena, S("a\n\xE2\x82\xAC"), &back, &diagnostics));
    CHECK_INT(diagnostics.list.v[0].line, 2);
    CHECK(str_find(diagnostics.list.v[0].text, S("U+20AC cannot be written in ISO-8859-1")) >= 0);
    source = read(S("# coding: ascii\n"));
    CHECK(!source_encode(source, &arena, S("\xC3\xA9"), &back, &diagnostics));
    CHECK(source_encode(source, &arena, S("e"), &back, &diagnostics));
}

static void test_newlines(void) {
    CHECK_STR(read(S("a\nb\n"))->newline, S("\n"));
    CHECK_STR(read(S("a"))->newline, S("\n"));
    CHECK_STR(read(S("a\r\nb\r\n"))->newline, S("\r\n"));
    CHECK_STR(read(S("a\rb\r"))->newline, S("\r"));
    CHECK_STR(read(S("a\r\nb\nc\r\n"))->newline, S("\r\n"));
    Source *source = read(S("a\rb\r\nc\r\r\nd"));
    CHECK_STR(source->text, S("a\rb\r\nc\r\r\nd"));
    CHECK_STR(source->parse_text, S("a\nb\r\nc\n\r\nd"));
    CHECK_INT(source->lines, 5);
    CHECK_STR(source_line_text(source, 1), S("a"));
    CHECK_STR(source_line_newline(source, 1), S("\r"));
    CHECK_STR(source_line_text(source, 2), S("b"));
    CHECK_STR(source_line_newline(source, 2), S("\r\n"));
    CHECK_STR(source_line_text(source, 4), S(""));
    CHECK_STR(source_line_text(source, 5), S("d"));
    CHECK_STR(source_line_newline(source, 5), S(""));
    CHECK_STR(source_line_text(source, 6), S(""));
    CHECK_STR(source_line_text(source, 0), S(""));
    source = read(S("a\n"));
    CHECK(source->parse_text.p == source->text.p);
}

static void test_places(void) {
    Source *source = read(S("\xC3\xA9 = 1\n  b\n\fc\n\f  d\n"));
    CHECK_INT(source->lines, 4);
    CHECK_INT(source->line_at[4], source->text.n);
    CHECK_INT(source_line(source, 0), 1);
    CHECK_INT(source_column(source, 3), 3);
    CHECK_INT(source_line(source, 6), 1);
    CHECK_INT(source_line(source, 7), 2);
    CHECK_INT(source_column(source, 9), 3);
    CHECK_STR(source_indentation(source, 9), S("  "));
    CHECK_STR(source_indentation(source, 3), S(""));
    CHECK_STR(source_indentation(source, 12), S(""));
    CHECK_STR(source_indentation(source, 17), S("  "));
    CHECK_INT(source_line(source, (uint32_t)source->text.n), 5);
    CHECK_INT(source_column(source, (uint32_t)source->text.n), 1);
    CHECK_INT(source_line(read(S("a\nb")), 3), 2);
    source = read(S(""));
    CHECK_INT(source->lines, 0);
    CHECK_INT(source_line(source, 0), 1);
    CHECK_STR(source_indentation(source, 0), S(""));
}

static void test_indent(void) {
    CHECK_STR(read(S("x = 1\n"))->indent, S("    "));
    CHECK_STR(read(S("if x:\n  y\n"))->indent, S("  "));
    CHECK_STR(read(S("if x:\n\ty\n\tif z:\n\t\tw\n"))->indent, S("\t"));
    CHECK_STR(read(S("def f(a,\n      b):\n    if a:\n        b\n"))->indent, S("    "));
    CHECK_STR(read(S("x = f(\n  a,\n  b)\nif x:\n        y\n"))->indent, S("        "));
    CHECK_STR(read(S("if x:\n   # c\n\n  y\nif z:\n    w\nif z:\n  w\n"))->indent, S("  "));
}

static void test_limit(void) {
    static char big[(64 << 20) + 1];
    CHECK(!read((Str){big, sizeof big}) && diagnostics.errors == 1);
    CHECK(str_find(diagnostics.list.v[0].text, S("64 MiB")) >= 0);
    arena_close(&arena);
}

UNIT_MAIN(test_cookies, test_byte_order_mark, test_bad_bytes, test_one_byte_encodings,
          test_newlines, test_places, test_indent, test_limit)
