/* Dockerfiles (https://docs.docker.com/reference/dockerfile/), instruction by instruction.
 *
 * An instruction is a logical line: a `\` at a line's end goes on, over lines that are comments or
 * empty. Its shell form is shell text with those lines cut out; its exec form is a list of strings.
 * `RUN <<EOF` and files with another escape character are left alone. */
#include "document/scripts.h"

typedef struct Docker {
    ShellReader *reader;
    Buf text; /* the instruction in work, without comments */
    List(ShellLine) lines;
    Span span; /* of its lines */
} Docker;

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "RUN" of "run pip install x"; `rest` is what follows. */
static Str keyword(Arena *arena, Str text, ptrdiff_t *rest) {
    ptrdiff_t at = 0;
    while (at < text.n && is_blank(text.p[at]))
        at++;
    ptrdiff_t end = at;
    while (end < text.n && !is_blank(text.p[end]))
        end++;
    Buf word = {.arena = arena};
    for (ptrdiff_t i = at; i < end; i++) {
        char c = text.p[i];
        buf_add_byte(&word, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
    }
    *rest = end;
    return buf_str(&word);
}

static uint32_t source_at(const Docker *docker, ptrdiff_t at) {
    ptrdiff_t i = docker->lines.n - 1;
    while (i > 0 && docker->lines.v[i].at > at)
        i--;
    return docker->lines.v[i].source_at + (uint32_t)(at - docker->lines.v[i].at);
}

/* ---- forms ---- */

/* `["hf", "download"]`: JSON strings without escapes. */
static bool read_exec(Docker *docker, Str text, ptrdiff_t at) {
    ShellReader *reader = docker->reader;
    List(ShellWord) words = {0};
    bool open = false;
    for (at++; at < text.n; at++) {
        char c = text.p[at];
        if (c == ']' && !open) {
            if (words.n)
                shell_add_words(reader, words.v, words.n, S("\", \""));
            return true;
        }
        if (c == '\\' && open)
            return false;
        if (c != '"')
            continue;
        ptrdiff_t end = at + 1;
        while (end < text.n && text.p[end] != '"' && text.p[end] != '\\')
            end++;
        if (end == text.n || text.p[end] == '\\')
            return false;
        *list_push(reader->arena, &words) =
            (ShellWord){.span = {source_at(docker, at + 1), source_at(docker, end)},
                        .text = str_slice(text, at + 1, end),
                        .known = true};
        at = end;
    }
    return false;
}

/* RUN, CMD, ENTRYPOINT: flags, then one of the two forms. */
static void read_command(Docker *docker, Str text, ptrdiff_t at) {
    for (;;) {
        while (at < text.n && is_blank(text.p[at]))
            at++;
        if (!str_starts(str_slice(text, at, text.n), S("--")))
            break;
        while (at < text.n && !is_blank(text.p[at]))
            at++;
    }
    Str rest = str_slice(text, at, text.n);
    if (str_starts(rest, S("<<")))
        return;
    if (str_starts(rest, S("[")) && read_exec(docker, text, at))
        return;
    /* The instruction's word gives way to blanks, so that places stay. */
    char *copy = new (docker->reader->arena, char, text.n + 1);
    for (ptrdiff_t i = 0; i < text.n; i++)
        copy[i] = i < at && text.p[i] != '\n' ? ' ' : text.p[i];
    shell_add_lines(docker->reader, (Str){copy, text.n}, docker->lines.v, docker->lines.n);
}

/* Where a word ends, with its quotes. */
static ptrdiff_t word_end(Str text, ptrdiff_t at) {
    char quote = 0;
    for (; at < text.n && (quote || !is_blank(text.p[at])); at++) {
        if (text.p[at] == '\\')
            at++;
        else if (quote ? text.p[at] == quote : text.p[at] == '"' || text.p[at] == '\'')
            quote = quote ? 0 : text.p[at];
    }
    return at < text.n ? at : text.n;
}

static ptrdiff_t next_word(Str text, ptrdiff_t at) {
    while (at < text.n && (is_blank(text.p[at]) ||
                           (text.p[at] == '\\' && at + 1 < text.n && is_blank(text.p[at + 1]))))
        at++;
    return at;
}

/* `ENV A=b C=d`, `ENV A b`, `ARG A`, `ARG A=b`. */
static void read_settings(Docker *docker, Str text, ptrdiff_t at, bool env) {
    ShellReader *reader = docker->reader;
    ptrdiff_t first = next_word(text, at), end = word_end(text, first);
    Str word = str_slice(text, first, end);
    bool pairs = str_find_byte(word, '=') > 0;
    if (env && !pairs) {
        Str value = str_trim(str_slice(text, end, text.n));
        if (shell_name_length(word) == word.n && value.n)
            *list_push(reader->arena, &reader->variables) =
                (ShellVariable){.use = VARIABLE_SET,
                                .name = {source_at(docker, first), source_at(docker, end - 1) + 1},
                                .value = shell_unquoted(value),
                                .whole = docker->span,
                                .scope = reader->scope};
        return;
    }
    bool alone = next_word(text, end) == text.n;
    for (ptrdiff_t before = 0; first < text.n; before = end) {
        end = word_end(text, first);
        /* One of several pairs goes with the blanks before it. */
        Span whole = {0};
        if (alone)
            whole = docker->span;
        else if (before)
            whole = (Span){source_at(docker, before), source_at(docker, end - 1) + 1};
        shell_add_setting(reader, str_slice(text, first, end), source_at(docker, first), whole);
        first = next_word(text, end);
    }
}

/* Variables of an instruction that no shell reads. */
static void read_reads(Docker *docker, Str text) {
    for (ptrdiff_t i = 0; i < docker->lines.n; i++) {
        ptrdiff_t at = docker->lines.v[i].at;
        ptrdiff_t end = i + 1 < docker->lines.n ? docker->lines.v[i + 1].at : text.n;
        shell_add_reads(docker->reader, str_slice(text, at, end), docker->lines.v[i].source_at);
    }
}

static void read_instruction(Docker *docker) {
    Str text = buf_str(&docker->text);
    ptrdiff_t rest;
    Str word = keyword(docker->reader->arena, text, &rest);
    docker->reader->scope += str_eq(word, S("FROM")); /* a stage starts without settings */
    if (str_eq(word, S("RUN")) || str_eq(word, S("CMD")) || str_eq(word, S("ENTRYPOINT")))
        read_command(docker, text, rest);
    else
        read_reads(docker, text);
    if (str_eq(word, S("ENV")) || str_eq(word, S("ARG")))
        read_settings(docker, text, rest, str_eq(word, S("ENV")));
}

/* ---- lines ---- */

/* `# escape=`` and its like, on one of the first lines. */
static bool changes_escape(Str line) {
    Str text = str_trim(line);
    if (!str_starts(text, S("#")))
        return false;
    text = str_trim(str_slice(text, 1, text.n));
    return str_starts(text, S("escape")) && str_find_byte(text, '`') > 0;
}

/* Adds a line to the instruction; whether it goes on. */
static bool add_line(Docker *docker, Span span, Str line) {
    Str text = str_trim(line);
    if (docker->lines.n && (!text.n || text.p[0] == '#')) {
        docker->span.end = span.end;
        return true;
    }
    if (!docker->lines.n)
        docker->span = span;
    docker->span.end = span.end;
    *list_push(docker->reader->arena, &docker->lines) =
        (ShellLine){(uint32_t)docker->text.n, span.at};
    buf_add(&docker->text, line);
    return str_ends(text, S("\\"));
}

/* The word that ends a heredoc of `RUN <<EOF`; empty: there is none. */
static Str heredoc_word(Str text) {
    ptrdiff_t at = str_find(text, S("<<"));
    if (at < 0)
        return (Str){0};
    at += 2;
    while (at < text.n && str_find_byte(S("-\"' "), text.p[at]) >= 0)
        at++;
    return str_slice(text, at, at + shell_name_length(str_slice(text, at, text.n)));
}

void docker_cut(ShellReader *reader) {
    Docker docker = {.reader = reader, .text = {.arena = reader->arena}};
    Str source = reader->source, heredoc = {0};
    for (ptrdiff_t at = 0, next; at < source.n; at = next) {
        ptrdiff_t end = str_find_byte(str_slice(source, at, source.n), '\n');
        next = end < 0 ? source.n : at + end + 1;
        Str line = str_slice(source, at, next), text = str_trim(line);
        if (heredoc.n) {
            heredoc = str_eq(text, heredoc) ? (Str){0} : heredoc;
            continue;
        }
        if (changes_escape(line))
            return;
        if (!docker.lines.n && (!text.n || text.p[0] == '#'))
            continue;
        if (add_line(&docker, (Span){(uint32_t)at, (uint32_t)next}, line) && next < source.n)
            continue;
        heredoc = heredoc_word(buf_str(&docker.text));
        if (!heredoc.n)
            read_instruction(&docker);
        docker = (Docker){.reader = reader, .text = {.arena = reader->arena}};
    }
}
