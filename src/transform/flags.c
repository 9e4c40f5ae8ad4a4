/* A flag is taken for an argument only where it surely reaches HfArgumentParser (or TRL's parser,
 * made from it): the command runs a Python script, and that script, when it can be found, names the
 * parser and the class. A script that has another parser has flags of its own under the same names.
 * One that is not found, or calls another module, is judged by the other flags: two that few but
 * TrainingArguments have. A flag goes only where the script is known, and asks for it nowhere. A
 * field of that name in a class of the script's own makes the flag that class's.
 *
 * The parser takes `--a_b` and `--a-b` for one field, and a flag alone for True. */
#include "transform/flags.h"

#include <stdio.h>

#include "base/byte.h"
#include "base/path.h"
#include "project/key_use.h"

enum { MAX_SCRIPT = 1 << 20, MAX_FOLDERS = 6 };

/* ---- words ---- */

static bool is_flag(Str word) {
    return str_starts(word, S("--")) && word.n > 2;
}

/* What parts the two words; with anything but blanks and line breaks in it, it is left alone. */
static Span from_word(const ShellCommand *command, Str source, ptrdiff_t i, ptrdiff_t last) {
    Span between = {command->words[i - 1].span.end, command->words[i].span.at};
    for (uint32_t at = between.at; at < between.end; at++)
        if (str_find_byte(S(" \t\\\r\n"), source.p[at]) < 0)
            return (Span){0};
    return (Span){between.at, command->words[last].span.end};
}

/* The index behind the words that are the flag's values. */
static ptrdiff_t past_values(const ShellCommand *command, ptrdiff_t i, bool *known) {
    for (*known = true, i++; i < command->n; i++) {
        Str text = command->words[i].text;
        bool number = text.n > 1 && byte_is_digit(text.p[1]);
        if (command->words[i].known && str_starts(text, S("-")) && !number)
            break;
        *known = *known && command->words[i].known;
    }
    return i;
}

static Str field_name(Arena *arena, Str flag) {
    Buf name = {.arena = arena};
    for (ptrdiff_t i = 0; i < flag.n; i++)
        buf_add_byte(&name, flag.p[i] == '-' ? '_' : flag.p[i]);
    return buf_str(&name);
}

/* The flag at word `i`, whose values are the words before `past`. */
static TableKey read_flag(Arena *arena, Str source, const ShellCommand *command, ptrdiff_t i,
                          ptrdiff_t past, bool known) {
    const ShellWord *word = &command->words[i];
    Str written = str_span(source, word->span), name, value;
    bool joined = str_cut(str_slice(written, 2, written.n), '=', &name, &value);
    uint32_t at = word->span.at + 2, end = at + (uint32_t)name.n;
    TableKey key = {.name = field_name(arena, name), .at = {at, end}};
    if (joined) {
        key.value = (Span){end + 1, word->span.end};
        key.python = word->known ? table_word(arena, shell_unquoted(value)) : (Str){0};
        key.whole = from_word(command, source, i, i);
        return key;
    }
    if (past > i + 1)
        key.value = (Span){command->words[i + 1].span.at, command->words[past - 1].span.end};
    if (known) {
        key.whole = from_word(command, source, i, past - 1);
        key.python = past == i + 1   ? S("True")
                     : past == i + 2 ? table_word(arena, command->words[i + 1].text)
                                     : (Str){0};
    }
    return key;
}

static Table read_flags(Arena *arena, Str source, const ShellCommand *command) {
    Table table = {.syntax = TABLE_FLAGS};
    for (ptrdiff_t i = command->program + 1; i < command->n; i++) {
        bool known;
        if (!is_flag(str_span(source, command->words[i].span)))
            continue;
        ptrdiff_t past = past_values(command, i, &known);
        *list_push(arena, &table.keys) = read_flag(arena, source, command, i, past, known);
    }
    return table;
}

/* ---- script ---- */

/* The script that the command runs: a path that ends in .py, or the module behind `-m`. Empty: the
 * command runs no Python; `?`: a script that is not written out. */
static Str script_of(Arena *arena, const ShellCommand *command) {
    static const Str launchers[] = {S("torchrun"), S("accelerate"), S("deepspeed"),
                                    S("horovodrun")};
    Str program = command->words[command->program].text;
    program = path_name(program);
    if (!str_starts(program, S("python")) && !str_among(program, launchers, COUNT(launchers)))
        return (Str){0};
    for (ptrdiff_t i = command->program + 1; i < command->n; i++) {
        const ShellWord *word = &command->words[i];
        if (str_ends(word->text, S(".py")) || str_ends(word->text, S(".py\"")))
            return word->known ? word->text : S("?");
        bool module = str_eq(command->words[i - 1].text, S("-m")) && word->known &&
                      !str_starts(word->text, S("torch.")) &&
                      !str_starts(word->text, S("accelerate."));
        if (!module)
            continue;
        Buf path = {.arena = arena};
        for (ptrdiff_t k = 0; k < word->text.n; k++)
            buf_add_byte(&path, word->text.p[k] == '.' ? '/' : word->text.p[k]);
        buf_add(&path, S(".py"));
        return buf_str(&path);
    }
    return S("?");
}

static bool read_script(Arena *arena, Str path, Str *text) {
    FILE *file = fopen(str_c(arena, path), "rb");
    if (!file)
        return false;
    char *bytes = new (arena, char, MAX_SCRIPT);
    size_t n = fread(bytes, 1, MAX_SCRIPT, file);
    fclose(file);
    *text = (Str){bytes, (ptrdiff_t)n};
    return n > 0;
}

/* Looks for the script beside the file with the command and in the folders above, from which such
 * commands are given. */
static bool find_script(Arena *arena, Str path, Str script, Str *text) {
    Str folder = str_slice(path, 0, str_rfind_byte(path, '/') + 1);
    if (str_starts(script, S("/")))
        return read_script(arena, script, text);
    for (int i = 0; i < MAX_FOLDERS; i++) {
        if (read_script(arena, str_format(arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(script)),
                        text))
            return true;
        if (!folder.n)
            return false;
        folder = str_slice(folder, 0, str_rfind_byte(str_slice(folder, 0, folder.n - 1), '/') + 1);
    }
    return false;
}

/* Whether a script has a parser of another kind. One that only calls another module has none. */
static bool parses_itself(Str text) {
    static const Str words[] = {S("argparse"), S("ArgumentParser"), S("click"), S("typer"),
                                S("fire"),     S("absl"),           S("hydra"), S("sys.argv"),
                                S("optparse"), S("simple_parsing"), S("tyro"),  S("OmegaConf")};
    for (ptrdiff_t i = 0; i < COUNT(words); i++)
        if (str_find(text, words[i]) >= 0)
            return true;
    return false;
}

/* Whether the script reads the rule's class with the parser. */
static bool reads_class(const FieldRule *field, Str text) {
    if (str_find(text, S("HfArgumentParser")) < 0 && str_find(text, S("TrlParser")) < 0)
        return false;
    ptrdiff_t n;
    const Str *classes = field_classes(field, &n);
    for (ptrdiff_t i = 0; i < n; i++)
        if (str_find(text, classes[i]) >= 0)
            return true;
    return false;
}

/* Whether the rule holds for all classes. */
static bool is_general(const FieldRule *field) {
    ptrdiff_t n;
    field_classes(field, &n);
    return n > 1;
}

/* TRL's own command: `trl dpo` reads DPOConfig. */
static bool is_trl(const FieldRule *field, const ShellCommand *command) {
    static const struct {
        Str word, class;
    } scripts[] = {{S("sft"), S("SFTConfig")},
                   {S("dpo"), S("DPOConfig")},
                   {S("grpo"), S("GRPOConfig")},
                   {S("kto"), S("KTOConfig")},
                   {S("reward"), S("RewardConfig")}};
    ptrdiff_t program = command->program;
    if (!str_eq(command->words[program].text, S("trl")) || program + 1 == command->n)
        return false;
    for (ptrdiff_t i = 0; i < COUNT(scripts); i++)
        if (str_eq(command->words[program + 1].text, scripts[i].word))
            return is_general(field) || str_eq(field->class, scripts[i].class);
    return false;
}

/* Whether the script asks for an argument that the rule takes away. */
static bool asks(const FieldRule *field, Str script) {
    for (ptrdiff_t i = 0; i < field->n; i++)
        if (field->parts[i].goes && str_find(script, field->parts[i].name) >= 0)
            return true;
    return false;
}

static bool takes_away(const FieldRule *field) {
    return asks(field, field->parts[field->at].name);
}

/* Whether a class of the script's own has the field. */
static bool declares(Str text, Str field) {
    for (ptrdiff_t at; field.n && (at = str_find(text, field)) >= 0;
         text = str_slice(text, at + field.n, text.n)) {
        Str rest = str_trim(str_slice(text, at + field.n, text.n));
        char before = at > 0 ? text.p[at - 1] : ' ';
        if (str_starts(rest, S(":")) && (before == ' ' || before == '\t'))
            return true;
    }
    return false;
}

static bool is_read(Arena *arena, Str path, const FieldRule *field, const ShellCommand *command,
                    const Table *table) {
    if (is_trl(field, command))
        return true;
    Str program = {0}, script = script_of(arena, command);
    if (!script.n)
        return false;
    bool found = !str_eq(script, S("?")) && find_script(arena, path, script, &program);
    if (found && declares(program, field->parts[field->at].name))
        return false;
    if (found && reads_class(field, program))
        return !asks(field, program);
    if (takes_away(field) || !is_general(field) || (found && parses_itself(program)))
        return false;
    return field_count(field, table).telling >= 2;
}

/* Whether any code of the project asks for an argument that the rule takes away: a script may leave
 * that to another module. */
static bool is_asked_for(const Project *project, Str path, const FieldRule *field) {
    ptrdiff_t n;
    const Str *classes = field_classes(field, &n);
    for (ptrdiff_t i = 0; i < field->n; i++)
        if (field->parts[i].goes) {
            KeyUse use = key_use_of(project, path, field->parts[i].name, classes, n);
            if (use.taken || use.named)
                return true;
        }
    return false;
}

bool flag_match(Arena *arena, const ShellReader *text, const Project *project, Str path,
                const FieldRule *field, const ShellCommand *command, ShellMatch *match) {
    if (!str_eq(command->between, S(" ")))
        return false;
    Table table = read_flags(arena, text->source, command);
    return field_match(arena, field, text, &table, match) &&
           is_read(arena, path, field, command, &table) && !is_asked_for(project, path, field);
}
