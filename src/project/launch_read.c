/* Commands, read without the shell's grammar: words, quotes, variables that the file itself sets,
 * and what ends a command. That is enough to find a launcher and the script behind it in any of the
 * files that hold commands, and one reader serves them all.
 *
 * It errs towards finding too much (a command in a branch that never runs), because a script that
 * is launched on several devices is left alone. What only talks about a command is no evidence:
 * comments, echo and its like, names and descriptions in YAML. A quote ends with its line, so that
 * an apostrophe in prose hides one line and not the rest; the lines of a longer quote are read as
 * commands, which they mostly are. */
#include "project/launch_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/byte.h"
#include "base/path.h"

enum { MOST_DEPTH = 3, MOST_WORDS = 512 };

typedef struct Word {
    Str text;
    bool quoted;
} Word;

typedef struct Variable {
    Str name, value;
} Variable;

typedef struct Reader {
    Arena *arena;
    LaunchFile kind;
    LaunchedScripts *scripts;
    List(Variable) variables;
    Str folder; /* see LaunchedScript */
    uint32_t line;
    long tasks; /* of the #SBATCH lines so far */
} Reader;

typedef List(Word) Words;

/* ---- files ---- */

static bool among(Str word, const char *const *words, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++)
        if (str_eq(word, str_from(words[i])))
            return true;
    return false;
}

static bool ends_with(Str name, const char *const *endings, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++)
        if (str_ends(name, str_from(endings[i])))
            return true;
    return false;
}

LaunchFile launch_file(Str folder, Str name) {
    static const char *const shell[] = {".sh",   ".bash",    ".zsh",    ".slurm", ".sbatch",
                                        ".pbs",  ".lsf",     ".job",    ".mk",    ".qsub",
                                        ".slrm", "Makefile", "makefile"};
    static const char *const lists[] = {".yml",           ".yaml",   ".dockerfile",
                                        "pyproject.toml", "tox.ini", "pixi.toml"};
    if (ends_with(name, shell, COUNT(shell)) || str_eq(name, S("justfile")))
        return LAUNCH_SHELL;
    if (ends_with(name, lists, COUNT(lists)) || str_starts(name, S("Dockerfile")) ||
        str_eq(name, S("Containerfile")))
        return LAUNCH_LISTS;
    if (str_eq(name, S("launch.json")) && str_ends(folder, S(".vscode")))
        return LAUNCH_JSON;
    if (str_ends(name, S(".md")))
        return LAUNCH_PAGE;
    bool deepspeed = str_starts(name, S("ds_")) || str_starts(name, S("zero")) ||
                     str_find(name, S("deepspeed")) >= 0;
    return deepspeed && str_ends(name, S(".json")) ? LAUNCH_DEEPSPEED : LAUNCH_NONE;
}

/* ---- commands ---- */

/* Words that stand before a command without being one. */
static bool is_prefix(Str word) {
    static const char *const prefixes[] = {
        "-",   "@",     "$",          ">",      "!",     "{",     "if",   "then",    "else",
        "do",  "while", "elif",       "exec",   "nohup", "time",  "sudo", "env",     "RUN",
        "CMD", "eval",  "ENTRYPOINT", "export", "ENV",   "local", "set",  "declare", "typeset"};
    static const char *const talk[] = {"name:", "description:", "title:", "help:"};
    bool key = word.n > 1 && word.p[word.n - 1] == ':' && !among(word, talk, COUNT(talk));
    return key || among(word, prefixes, COUNT(prefixes));
}

/* Commands that only speak of others. */
static bool is_talk(Str word) {
    static const char *const talk[] = {"echo",  "printf",       "pip",    "pip3",  "apt",
                                       "which", "type",         "man",    "grep",  "cat",
                                       "ls",    "sed",          "rm",     "cp",    "mv",
                                       "name:", "description:", "title:", "help:", "COPY",
                                       "ADD",   "description",  "git",    "chmod", "awk",
                                       "black", "ruff",         "flake8", "pkill"};
    return among(path_name(word), talk, COUNT(talk));
}

/* NAME=value, NAME?=value; false: none. */
static bool is_assignment(Str word, Str *name, Str *value) {
    if (!str_cut(word, '=', name, value))
        return false;
    while (name->n && (name->p[name->n - 1] == ':' || name->p[name->n - 1] == '?'))
        name->n--;
    for (ptrdiff_t i = 0; i < name->n; i++)
        if (!byte_is_word(name->p[i]))
            return false;
    return name->n > 0;
}

static void set_variable(Reader *reader, Str name, Str value) {
    *list_push(reader->arena, &reader->variables) = (Variable){name, value};
}

/* Skips prefixes and assignments, which are kept; the command's own first word. */
static ptrdiff_t command_start(Reader *reader, const Words *words) {
    ptrdiff_t i = 0;
    for (; i < words->n; i++) {
        Str name, value, word = words->v[i].text;
        if (is_assignment(word, &name, &value))
            set_variable(reader, name, value);
        else if (!is_prefix(word))
            break;
    }
    /* Makefiles: @torchrun train.py, SCRIPT := train.py */
    if (i < words->n && words->v[i].text.n > 1 && words->v[i].text.p[0] == '@')
        words->v[i].text = str_slice(words->v[i].text, 1, words->v[i].text.n);
    if (i + 2 < words->n && among(words->v[i + 1].text, (const char *const[]){"=", ":=", "?="}, 3))
        set_variable(reader, words->v[i].text, words->v[i + 2].text);
    return i;
}

/* The number that an option among the words has: "--ntasks=4", "-n 4", "-n4"; 0: not given; -1: by
 * something that is no number. */
static long option_number(const Words *words, ptrdiff_t from, const char *const *names,
                          ptrdiff_t n) {
    for (ptrdiff_t i = from; i < words->n; i++)
        for (ptrdiff_t k = 0; k < n; k++) {
            Str name = str_from(names[k]), word = words->v[i].text;
            if (!str_starts(word, name))
                continue;
            Str value = str_slice(word, name.n, word.n);
            if (!value.n && i + 1 < words->n)
                value = words->v[i + 1].text;
            else if (str_starts(value, S("=")))
                value = str_slice(value, 1, value.n);
            else if (name.n > 2 || (value.n && (value.p[0] < '0' || value.p[0] > '9')))
                continue; /* --ntasks-per-node is not --ntasks, -np is not -n */
            char digits[12] = {0};
            memcpy(digits, value.p ? value.p : "", (size_t)(value.n < 11 ? value.n : 11));
            char *end;
            long number = strtol(digits, &end, 10);
            return end == digits || *end ? -1 : number;
        }
    return 0;
}

static const char *const task_options[] = {
    "--ntasks", "--ntasks-per-node", "--nodes", "-n", "-N", "-np", "--np"};

static bool several_tasks(const Words *words, ptrdiff_t from) {
    for (ptrdiff_t i = 0; i < COUNT(task_options); i++) {
        long number = option_number(words, from, &task_options[i], 1);
        if (number > 1 || number < 0)
            return true;
    }
    return false;
}

/* `accelerate launch --num_processes 1` is an ordinary process. */
static bool is_single(const Words *words, ptrdiff_t from) {
    static const char *const processes[] = {"--num_processes", "--num-processes"};
    static const char *const more[] = {"--multi_gpu",     "--multi-gpu",   "--use_deepspeed",
                                       "--use-deepspeed", "--use_fsdp",    "--use-fsdp",
                                       "--num_machines",  "--num-machines"};
    for (ptrdiff_t i = from; i < words->n; i++)
        if (among(words->v[i].text, more, COUNT(more)))
            return false;
    return option_number(words, from, processes, COUNT(processes)) == 1;
}

/* Where the arguments of a launcher begin; 0: no launcher in the command. */
static ptrdiff_t after_launcher(const Reader *reader, const Words *words, ptrdiff_t start) {
    static const char *const programs[] = {"torchrun", "deepspeed", "torchpippy", "composer",
                                           "horovodrun"};
    static const char *const modules[] = {"torch.distributed.run", "torch.distributed.launch",
                                          "torch.distributed.launcher", "deepspeed.launcher.runner",
                                          "deepspeed"};
    static const char *const tasks[] = {"mpirun", "mpiexec", "srun", "jsrun"};
    for (ptrdiff_t i = start; i < words->n; i++) {
        Str word = words->v[i].text, name = path_name(word);
        Str next = i + 1 < words->n ? words->v[i + 1].text : S("");
        bool module = i > start && str_eq(words->v[i - 1].text, S("-m"));
        if (among(name, programs, COUNT(programs)) || among(name, modules, COUNT(modules)))
            return i + 1;
        if ((str_eq(name, S("accelerate")) && str_eq(next, S("launch"))) ||
            (module && str_eq(word, S("accelerate.commands.launch"))))
            return is_single(words, i + 1) ? 0 : i + 1;
        if (str_eq(name, S("colossalai")) && str_eq(next, S("run")))
            return i + 2;
    }
    for (ptrdiff_t i = start; i < words->n; i++) {
        if (!among(path_name(words->v[i].text), tasks, COUNT(tasks)))
            continue;
        bool several = several_tasks(words, i + 1);
        if (str_eq(path_name(words->v[i].text), S("srun")))
            several |= reader->tasks > 1 && !option_number(words, i + 1, task_options, 5);
        else
            several |= option_number(words, i + 1, task_options, COUNT(task_options)) != 1;
        for (ptrdiff_t k = i + 1; several && k < words->n; k++)
            if (str_starts(path_name(words->v[k].text), S("python")))
                return k + 1;
    }
    return 0;
}

static Str module_path(Arena *arena, Str module) {
    char *path = str_c(arena, module);
    for (ptrdiff_t i = 0; i < module.n; i++)
        if (path[i] == '.')
            path[i] = '/';
    return str_format(arena, "%s.py", path);
}

static void add_script(Reader *reader, const Words *words, ptrdiff_t from) {
    for (ptrdiff_t i = from; i < words->n; i++) {
        Str word = words->v[i].text, path = {0};
        bool module = str_eq(word, S("-m")) || str_eq(word, S("--module"));
        if (module && i + 1 < words->n)
            path = module_path(reader->arena, words->v[i + 1].text);
        else if (str_ends(word, S(".py")) && word.n > 3 && word.p[0] != '-')
            path = word;
        if (!path.n)
            continue;
        *list_push(reader->arena, reader->scripts) =
            (LaunchedScript){.path = path, .folder = reader->folder, .line = reader->line};
        return;
    }
}

static void change_folder(Reader *reader, Str to) {
    bool below = reader->folder.n && to.n && to.p[0] != '/' && to.p[0] != '$';
    reader->folder =
        below ? str_format(reader->arena, "%.*s/%.*s", STR_ARG(reader->folder), STR_ARG(to)) : to;
}

static void read_commands(Reader *reader, Str text, int depth);

static void end_command(Reader *reader, Words *words, int depth) {
    ptrdiff_t start = command_start(reader, words);
    bool talks = start < words->n && is_talk(words->v[start].text);
    for (ptrdiff_t i = 0; i < words->n && !talks; i++) {
        Str word = words->v[i].text;
        if (words->v[i].quoted && depth < MOST_DEPTH && str_find_byte(word, ' ') >= 0)
            read_commands(reader, word, depth + 1);
    }
    if (start + 1 < words->n &&
        among(words->v[start].text, (const char *const[]){"cd", "pushd"}, 2))
        change_folder(reader, words->v[start + 1].text);
    ptrdiff_t at = talks ? 0 : after_launcher(reader, words, start);
    if (at)
        add_script(reader, words, at);
    words->n = 0;
}

/* ---- words ---- */

/* The value of a variable, or the empty Str. */
static Str variable(const Reader *reader, Str name) {
    for (ptrdiff_t i = reader->variables.n; i-- > 0;)
        if (str_eq(reader->variables.v[i].name, name))
            return reader->variables.v[i].value;
    return (Str){0};
}

/* Where the `$` expression at `at` ends. */
static ptrdiff_t dollar_end(Str text, ptrdiff_t at) {
    ptrdiff_t i = at + 1;
    char open = i < text.n ? text.p[i] : 0;
    if (open != '{' && open != '(') {
        while (i < text.n && byte_is_word(text.p[i]))
            i++;
        return i;
    }
    int depth = 0;
    for (; i < text.n && text.p[i] != '\n'; i++) {
        depth += text.p[i] == open;
        depth -= text.p[i] == (open == '{' ? '}' : ')');
        if (!depth)
            return i + 1;
    }
    return i;
}

/* Puts in `$NAME`, `${NAME}`, `${NAME:-default}`, `$(NAME)` of make; anything else becomes "$". */
static void add_dollar(const Reader *reader, Str expression, Buf *word) {
    Str name = str_slice(expression, 1, expression.n), otherwise = {0};
    if (name.n > 1 && (name.p[0] == '{' || name.p[0] == '('))
        name = str_slice(name, 1, name.n - 1);
    ptrdiff_t colon = str_find(name, S(":-"));
    if (colon > 0) {
        otherwise = str_slice(name, colon + 2, name.n);
        name = str_slice(name, 0, colon);
    }
    Str value = variable(reader, name);
    value = value.n ? value : otherwise;
    buf_add(word, value.n ? value : S("$"));
}

/* A word at a place of a text, as far as it goes. */
typedef struct Scan {
    Str text;
    ptrdiff_t at;
} Scan;

static void scan_quoted(const Reader *reader, Scan *scan, char quote, Buf *word) {
    for (scan->at++; scan->at < scan->text.n; scan->at++) {
        char c = scan->text.p[scan->at];
        if (c == quote || c == '\n') {
            scan->at += c == quote;
            return;
        }
        if (c == '\\' && quote == '"' && scan->at + 1 < scan->text.n) {
            c = scan->text.p[++scan->at];
            buf_add_byte(word, c == '\n' ? ' ' : c);
        } else if (c == '$' && quote == '"') {
            ptrdiff_t end = dollar_end(scan->text, scan->at);
            add_dollar(reader, str_slice(scan->text, scan->at, end), word);
            scan->at = end - 1;
        } else {
            buf_add_byte(word, c);
        }
    }
}

static bool ends_word(const Reader *reader, char c) {
    bool list = reader->kind == LAUNCH_LISTS && (c == '[' || c == ']' || c == ',');
    return list || memchr(" \t\r\n;&|()<>`", c, 12) != NULL;
}

static Word scan_word(const Reader *reader, Scan *scan) {
    Buf word = {.arena = reader->arena};
    bool quoted = false;
    while (scan->at < scan->text.n) {
        char c = scan->text.p[scan->at];
        if (c == '"' || c == '\'') {
            quoted = true;
            scan_quoted(reader, scan, c, &word);
        } else if (c == '$') {
            ptrdiff_t end = dollar_end(scan->text, scan->at);
            add_dollar(reader, str_slice(scan->text, scan->at, end), &word);
            scan->at = end;
        } else if (c == '\\' && scan->at + 1 < scan->text.n) {
            if (scan->text.p[scan->at + 1] == '\n' || scan->text.p[scan->at + 1] == '\r')
                break;
            buf_add_byte(&word, scan->text.p[scan->at + 1]);
            scan->at += 2;
        } else if (ends_word(reader, c)) {
            break;
        } else {
            buf_add_byte(&word, c);
            scan->at++;
        }
    }
    return (Word){buf_str(&word), quoted};
}

static void read_directive(Reader *reader, Str line) {
    Words words = {0};
    for (Str part, rest = line; rest.n;) {
        str_cut(rest, ' ', &part, &rest);
        if (part.n)
            *list_push(reader->arena, &words) = (Word){str_trim(part), false};
    }
    for (ptrdiff_t i = 0; i < COUNT(task_options); i++) {
        long number = option_number(&words, 1, &task_options[i], 1);
        if (number > reader->tasks || number < 0)
            reader->tasks = number < 0 ? 2 : number;
    }
}

/* In YAML a list of words may stand a line each: `- torchrun`, `- --nproc_per_node=8`. */
static bool continues_list(const Reader *reader, const Words *words, Scan *scan) {
    if (reader->kind != LAUNCH_LISTS || words->n < 2 || !str_eq(words->v[0].text, S("-")) ||
        !among(path_name(words->v[1].text),
               (const char *const[]){"torchrun", "accelerate", "deepspeed", "mpirun", "python",
                                     "python3", "srun"},
               7))
        return false;
    ptrdiff_t at = scan->at + 1;
    while (at < scan->text.n && scan->text.p[at] == ' ')
        at++;
    if (!str_starts(str_slice(scan->text, at, scan->text.n), S("- ")))
        return false;
    scan->at = at + 1;
    return true;
}

static void skip_comment(Reader *reader, Scan *scan) {
    ptrdiff_t end = scan->at;
    while (end < scan->text.n && scan->text.p[end] != '\n')
        end++;
    Str comment = str_slice(scan->text, scan->at, end);
    if (str_starts(comment, S("#SBATCH")))
        read_directive(reader, comment);
    scan->at = end;
}

static void read_commands(Reader *reader, Str text, int depth) {
    Words words = {0};
    Scan scan = {text, 0};
    uint32_t at_line = reader->line;
    while (scan.at < text.n) {
        char c = text.p[scan.at];
        if (c == '\\' && scan.at + 1 < text.n &&
            (text.p[scan.at + 1] == '\n' || text.p[scan.at + 1] == '\r')) {
            scan.at += text.p[scan.at + 1] == '\r' ? 3 : 2;
            at_line += depth == 0;
        } else if (c == '\n') {
            bool more = continues_list(reader, &words, &scan);
            at_line += depth == 0;
            if (!more) {
                end_command(reader, &words, depth);
                reader->line = at_line;
                scan.at++;
            }
        } else if (c == '#') {
            skip_comment(reader, &scan);
        } else if (memchr(";&|()`", c, 6)) {
            end_command(reader, &words, depth);
            scan.at++;
        } else if (ends_word(reader, c)) {
            scan.at++;
        } else {
            Word word = scan_word(reader, &scan);
            if (words.n < MOST_WORDS)
                *list_push(reader->arena, &words) = word;
        }
    }
    end_command(reader, &words, depth);
}

/* ---- other files' ---- */
// forms

/* Debuggers are told `"module": "torch.distributed.run", "args": ["--nproc_per_node=2", "x.py"]`:
 * the strings of an object that follow a launcher's name are its words. */
static void read_editor(Reader *reader, Str text) {
    Words words = {0};
    uint32_t line = 1;
    for (Scan scan = {text, 0}; scan.at < text.n;) {
        char c = text.p[scan.at];
        line += c == '\n';
        if (c == '"') {
            Buf word = {.arena = reader->arena};
            scan_quoted(reader, &scan, '"', &word);
            *list_push(reader->arena, &words) = (Word){buf_str(&word), false};
            reader->line = line;
            continue;
        }
        if (c == '}')
            end_command(reader, &words, MOST_DEPTH);
        if (c == '/' && scan.at + 1 < text.n && text.p[scan.at + 1] == '/')
            while (scan.at + 1 < text.n && text.p[scan.at + 1] != '\n')
                scan.at++;
        scan.at++;
    }
}

static bool is_shell_fence(Str info) {
    static const char *const shells[] = {"", "bash", "sh", "shell", "console", "zsh", "terminal"};
    return among(str_trim(info), shells, COUNT(shells));
}

/* Blocks between ``` lines, with the prompt of a console taken for a prefix. */
static void read_page(Reader *reader, Str text) {
    uint32_t line = 0, first = 0;
    bool inside = false, shell = false;
    ptrdiff_t from = 0;
    for (ptrdiff_t at = 0; at < text.n;) {
        Str rest = str_slice(text, at, text.n), row, after;
        str_cut(rest, '\n', &row, &after);
        Str trimmed = str_trim(row);
        line++;
        if (str_starts(trimmed, S("```"))) {
            if (inside && shell) {
                reader->line = first;
                reader->folder = (Str){0};
                read_commands(reader, str_slice(text, from, at), 0);
            }
            shell = !inside && is_shell_fence(str_slice(trimmed, 3, trimmed.n));
            inside = !inside;
            from = at + row.n + 1;
            first = line + 1;
        }
        at += row.n + 1;
    }
}

/* ---- public ---- */

/* Most files hold none of these words. */
static bool may_launch(Str text) {
    static const char *const words[] = {"torchrun", "torch.distributed", "accelerate", "deepspeed",
                                        "mpirun",   "mpiexec",           "srun",       "horovodrun",
                                        "composer", "colossalai"};
    for (ptrdiff_t i = 0; i < COUNT(words); i++)
        if (str_find(text, str_from(words[i])) >= 0)
            return true;
    return false;
}

void launches_read(Arena *arena, LaunchFile kind, Str text, LaunchedScripts *scripts) {
    Reader reader = {.arena = arena, .kind = kind, .scripts = scripts, .line = 1};
    if (!may_launch(text))
        return;
    switch (kind) {
    case LAUNCH_SHELL:
    case LAUNCH_LISTS:
        read_commands(&reader, text, 0);
        break;
    case LAUNCH_JSON:
        read_editor(&reader, text);
        break;
    case LAUNCH_PAGE:
        read_page(&reader, text);
        break;
    case LAUNCH_DEEPSPEED:
    case LAUNCH_NONE:
        break;
    }
}

/* The value of a top-level `key:` of YAML; empty: none. */
static Str yaml_value(Str text, Str key) {
    for (Str row; text.n;) {
        str_cut(text, '\n', &row, &text);
        if (str_starts(row, key) && row.n > key.n && row.p[key.n] == ':') {
            Str value, comment;
            str_cut(str_slice(row, key.n + 1, row.n), '#', &value, &comment);
            value = str_trim(value);
            bool quoted = value.n > 1 && (value.p[0] == '"' || value.p[0] == '\'');
            return quoted ? str_slice(value, 1, value.n - 1) : value;
        }
    }
    return (Str){0};
}

bool launch_configuration(LaunchFile kind, Str text) {
    if (kind == LAUNCH_DEEPSPEED)
        return str_find(text, S("\"zero_optimization\"")) >= 0;
    if (kind != LAUNCH_LISTS || str_find(text, S("distributed_type")) < 0)
        return false;
    Str type = yaml_value(text, S("distributed_type"));
    if (!type.n || among(type, (const char *const[]){"NO", "No", "no"}, 3))
        return false;
    bool shards = among(type, (const char *const[]){"DEEPSPEED", "FSDP", "MEGATRON_LM"}, 3);
    return shards || !str_eq(yaml_value(text, S("num_processes")), S("1"));
}
