/* A flag is renamed only where it surely reaches HfArgumentParser (or TRL's parser, made from it):
 * the command runs a Python script, and that script, when it can be found, names the parser and the
 * class. A script that has another parser has flags of its own under the same names. One that is
 * not found, or calls another module, is judged by the other flags: two that few but
 * TrainingArguments have.
 *
 * The parser takes `--a_b` and `--a-b` for one field. */
#include "transform/flags.h"

#include <stdio.h>

#include "transform/matcher.h"

enum { MAX_SCRIPT = 1 << 20, MAX_FOLDERS = 6 };

/* Classes whose fields are flags. To add one: a row. */
static const Str classes[] = {S("TrainingArguments"), S("Seq2SeqTrainingArguments"),
                              S("SFTConfig"),         S("DPOConfig"),
                              S("GRPOConfig"),        S("RewardConfig"),
                              S("KTOConfig"),         S("ORPOConfig"),
                              S("CPOConfig")};

/* Fields of TrainingArguments that scripts with a parser of their own seldom have. */
static const Str telling[] = {S("per_device_train_batch_size"),
                              S("per_device_eval_batch_size"),
                              S("save_total_limit"),
                              S("save_strategy"),
                              S("logging_strategy"),
                              S("dataloader_num_workers"),
                              S("load_best_model_at_end"),
                              S("metric_for_best_model"),
                              S("ddp_find_unused_parameters"),
                              S("remove_unused_columns"),
                              S("logging_first_step"),
                              S("eval_accumulation_steps"),
                              S("overwrite_output_dir"),
                              S("group_by_length"),
                              S("report_to"),
                              S("lr_scheduler_type"),
                              S("gradient_accumulation_steps"),
                              S("num_train_epochs")};

// ------------------------------------------------------------------------------------------- rules

/* Whether the callee of the pattern is, or can be, one of the classes. */
static bool is_flag_class(const Rule *rule, Node call) {
    const Tree *tree = rule->before.tree;
    Node function = node_field(tree, call, FIELD_FUNCTION);
    Node name = node_field(tree, function, FIELD_ATTRIBUTE);
    Str library = node_text(tree, node_field(tree, function, FIELD_OBJECT));
    if (!name || !(str_eq(library, S("transformers")) || str_eq(library, S("trl"))))
        return false;
    int hole = rule->before.hole[name];
    if (hole < 0)
        return str_among(node_text(tree, name), classes, COUNT(classes));
    return rule->holes[hole].code && match_regex(&rule->holes[hole], classes[0]);
}

/* Whether the test is `calls(transformers.TrainingArguments)` or its like. */
static bool names_flag_class(const Test *test) {
    bool calls = test->kind == TEST_FACT && !test->negated &&
                 str_eq(str_from(test->fact.fact->word), S("calls"));
    Str library, class;
    return calls && str_cut(test->fact.args[0].literal, '.', &library, &class) &&
           (str_eq(library, S("transformers")) || str_eq(library, S("trl"))) &&
           str_among(class, classes, COUNT(classes));
}

/* Whether the conditions leave a flag of that name as it is: none but the class, and that the new
 * argument is not there. */
static bool asks_for_class_only(const Rule *rule, bool *named) {
    for (ptrdiff_t i = 0; i < rule->n_conditions; i++) {
        const Test *test = rule->conditions[i].tests;
        bool names = names_flag_class(test);
        if (rule->conditions[i].n > 1 || (!names && (test->kind != TEST_ABSENT || test->negated)))
            return false;
        *named |= names;
    }
    return true;
}

bool flag_of_rule(const Rule *rule, Str *from, Str *to) {
    const Action *action = rule->n_actions == 1 ? rule->actions : NULL;
    if (rule->shell || !action || action->kind != ACTION_REPLACE_ARGUMENT || !action->keeps_value ||
        action->call != rule->anchor)
        return false;
    bool named = is_flag_class(rule, action->call);
    if (!asks_for_class_only(rule, &named) || !named)
        return false;
    const Tree *tree = rule->before.tree;
    Node arguments = node_field(tree, action->call, FIELD_ARGUMENTS);
    for (Node node = node_child_named(tree, arguments); node; node = node_next_named(tree, node))
        if (node != action->argument && node_kind(tree, node) != NODE_ELLIPSIS)
            return false;
    *from = node_text(tree, node_field(tree, action->argument, FIELD_NAME));
    *to = action->keyword;
    return from->n > 0 && to->n > 0;
}

// ------------------------------------------------------------------------------------------- words

/* Whether the word is the flag, alone or with `=value`; its name is [2, 2 + name.n). */
static bool is_flag(Str word, Str name) {
    if (!str_starts(word, S("--")) || word.n < name.n + 2)
        return false;
    for (ptrdiff_t i = 0; i < name.n; i++) {
        char c = word.p[i + 2];
        if (c != name.p[i] && !(c == '-' && name.p[i] == '_'))
            return false;
    }
    return word.n == name.n + 2 || word.p[name.n + 2] == '=';
}

static bool has_flag(const ShellCommand *command, Str name) {
    for (ptrdiff_t i = command->program + 1; i < command->n; i++)
        if (is_flag(command->words[i].text, name))
            return true;
    return false;
}

static ptrdiff_t count_telling(const ShellCommand *command) {
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 0; i < COUNT(telling); i++)
        n += has_flag(command, telling[i]);
    return n;
}

// ------------------------------------------------------------------------------------------ script

/* The script that the command runs: a path that ends in .py, or the module behind `-m`. Empty: the
 * command runs no Python; `?`: a script that is not written out. */
static Str script_of(Arena *arena, const ShellCommand *command) {
    static const Str launchers[] = {S("torchrun"), S("accelerate"), S("deepspeed"),
                                    S("horovodrun")};
    Str program = command->words[command->program].text;
    program = str_slice(program, str_rfind_byte(program, '/') + 1, program.n);
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

static bool reads_flags(Str text) {
    if (str_find(text, S("HfArgumentParser")) < 0 && str_find(text, S("TrlParser")) < 0)
        return false;
    for (ptrdiff_t i = 0; i < COUNT(classes); i++)
        if (str_find(text, classes[i]) >= 0)
            return true;
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

bool flag_match(Arena *arena, const ShellReader *text, Str path, const Rule *rule,
                const ShellCommand *command, ShellMatch *match) {
    Str from, to, script, program;
    *match = (ShellMatch){0};
    if (!flag_of_rule(rule, &from, &to) || !has_flag(command, from) || has_flag(command, to) ||
        !str_eq(command->between, S(" ")))
        return false;
    for (ptrdiff_t i = 0; i < rule->n_conditions; i++)
        for (ptrdiff_t k = 0; k < rule->conditions[i].tests[0].n_keywords; k++)
            if (has_flag(command, rule->conditions[i].tests[0].keywords[k]))
                return false;
    script = script_of(arena, command);
    if (!script.n)
        return false;
    bool found = !str_eq(script, S("?")) && find_script(arena, path, script, &program);
    bool known = found && reads_flags(program);
    if (!known && ((found && parses_itself(program)) || count_telling(command) < 2))
        return false;
    match->edits = new (arena, Edit, command->n);
    for (ptrdiff_t i = command->program + 1; i < command->n; i++) {
        Span span = command->words[i].span;
        Str word = str_span(text->source, span);
        if (!is_flag(word, from))
            continue;
        bool dashes = str_find_byte(str_slice(word, 2, from.n + 2), '-') >= 0;
        Buf name = {.arena = arena};
        for (ptrdiff_t k = 0; k < to.n; k++)
            buf_add_byte(&name, dashes && to.p[k] == '_' ? '-' : to.p[k]);
        match->site = match->n ? match->site : span;
        match->edits[match->n++] =
            (Edit){.span = {span.at + 2, span.at + 2 + (uint32_t)from.n}, .text = buf_str(&name)};
    }
    return match->n > 0;
}
