/* A block in a page is written for people: it has placeholders (`<your token>`), prompts, and what
 * a command prints. With prompts, only the lines behind one are commands; a block that does not
 * parse as a whole is read command by command. Prose that speaks of what was or should not be is
 * left alone, since its commands are the ones meant. */
#include "document/page_shell.h"

#include "base/byte.h"
#include "base/path.h"

/* `<your token>` would be redirections. */
static Str without_placeholders(Arena *arena, Str text) {
    char *copy = new (arena, char, text.n + 1);
    for (ptrdiff_t i = 0; i < text.n; i++) {
        copy[i] = text.p[i];
        ptrdiff_t end = i + 1;
        while (text.p[i] == '<' && end < text.n &&
               (byte_is_letter(text.p[end]) || str_find_byte(S("_- /."), text.p[end]) >= 0))
            end++;
        if (end == i + 1 || end >= text.n || text.p[end] != '>' || text.p[i + 1] == ' ')
            continue;
        for (; i <= end; i++)
            copy[i] = '_';
        i = end;
    }
    return (Str){copy, text.n};
}

/* End of the command that begins at `at`: its line and those that continue it. */
static ptrdiff_t command_end(Str text, ptrdiff_t at) {
    for (;;) {
        ptrdiff_t end = str_find_byte(str_slice(text, at, text.n), '\n');
        if (end < 0)
            return text.n;
        bool continued = str_ends(str_trim(str_slice(text, at, at + end)), S("\\"));
        at += end + 1;
        if (!continued)
            return at;
    }
}

/* Length of a prompt at a line's start: `$ `, `# ` is a comment. */
static ptrdiff_t prompt_length(Str line) {
    ptrdiff_t n = 0;
    while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
        n++;
    return str_starts(str_slice(line, n, line.n), S("$ ")) ? n + 2 : 0;
}

static void read_by_command(ShellReader *reader, Str text, bool prompted) {
    for (ptrdiff_t at = 0, end; at < text.n; at = end) {
        end = command_end(text, at);
        ptrdiff_t prompt = prompt_length(str_slice(text, at, end));
        if (prompted && !prompt)
            continue;
        shell_add(reader, str_slice(text, at + prompt, end), (uint32_t)(at + prompt));
    }
}

static void block_cut(ShellReader *reader) {
    Str text = without_placeholders(reader->arena, reader->source), rest = text, line;
    bool prompted = false;
    for (Str more = rest; more.n; more = rest) {
        str_cut(more, '\n', &line, &rest);
        prompted |= prompt_length(line) > 0;
    }
    ptrdiff_t broken = reader->broken;
    if (!prompted)
        shell_add(reader, text, 0);
    if (prompted || reader->broken > broken)
        read_by_command(reader, text, prompted);
}

ShellCut *page_cut_of(Str language) {
    static const Str names[] = {S("bash"),    S("sh"),           S("shell"),       S("zsh"),
                                S("console"), S("shellsession"), S("bash-session")};
    for (ptrdiff_t i = 0; i < COUNT(names); i++)
        if (str_eq_fold(language, names[i]))
            return block_cut;
    return NULL;
}

/* ---- prose ---- */

static bool speaks_of_change(Str line) {
    static const Str words[] = {S("deprecat"), S("legacy"),     S("instead"), S("renamed"),
                                S("replace"),  S("formerly"),   S("removed"), S("no longer"),
                                S("used to"),  S("old "),       S("migrat"),  S("previous"),
                                S("before "),  S("rather than")};
    for (ptrdiff_t i = 0; i < COUNT(words); i++)
        if (str_find_fold(line, words[i]) >= 0)
            return true;
    return false;
}

static void read_line(ShellReader *reader, Str line, ptrdiff_t at) {
    for (ptrdiff_t i = 0; i < line.n;) {
        if (line.p[i] != '`') {
            i++;
            continue;
        }
        ptrdiff_t marks = 0;
        while (i + marks < line.n && line.p[i + marks] == '`')
            marks++;
        ptrdiff_t from = i + marks;
        ptrdiff_t end = str_find(str_slice(line, from, line.n), str_slice(line, i, from));
        if (end < 0)
            return;
        Str code = str_slice(line, from, from + end);
        shell_add(reader, without_placeholders(reader->arena, code), (uint32_t)(at + from));
        i = from + end + marks;
    }
}

void page_inline_cut(ShellReader *reader) {
    Str source = reader->source;
    for (ptrdiff_t at = 0, next; at < source.n; at = next) {
        ptrdiff_t end = str_find_byte(str_slice(source, at, source.n), '\n');
        next = end < 0 ? source.n : at + end + 1;
        Str line = str_slice(source, at, next);
        bool indented = str_starts(line, S("    ")) || str_starts(line, S("\t"));
        if (!indented && !speaks_of_change(line))
            read_line(reader, line, at);
    }
}

bool page_is_history(Str path) {
    Str name = path_name(path);
    return str_find_fold(name, S("change")) >= 0 || str_find_fold(name, S("history")) >= 0 ||
           str_find_fold(name, S("release")) >= 0 || str_find_fold(name, S("news")) >= 0 ||
           str_find_fold(name, S("migrat")) >= 0;
}
