/* What the files patch_*.c share while one transform is read. Not for other files: what they make
 * of it is transform/patch.h. */
#ifndef HFFIX_TRANSFORM_DRAFT_H
#define HFFIX_TRANSFORM_DRAFT_H

#include "transform/patch.h"

typedef struct Draft {
    Arena *arena;
    Parser *parser;
    Str path, text; /* of the patch */
    Diagnostics *diagnostics;
    Transform *transform;
} Draft;

/* A text cut out of lines of the patch and read as Python, with `$` as `_`, and the way back. */
typedef struct Sheet {
    Str text;
    struct SheetLine {
        uint32_t at;    /* in `text` */
        uint32_t patch; /* in the patch: the two differ by as much up to the line's end */
        char mark;
    } *lines;
    ptrdiff_t n_lines;
    uint32_t *dollars; /* where `$` stood, ascending */
    ptrdiff_t n_dollars;
    Tree *tree; /* NULL when the text is no Python */
    int *hole;  /* by node, as in Pattern */
    char *mark; /* by node, as in Pattern */
} Sheet;

/* A line of a rule's header that waits until its holes are known. */
typedef struct Pending {
    Span at;       /* in the patch: behind `=` or `when` */
    uint32_t line; /* from 1 */
    int hole;      /* of a computed hole; -1: a condition */
} Pending;

typedef struct BodyLine {
    char mark;
    Span at; /* in the patch, without the mark and the common indentation */
    uint32_t line;
} BodyLine;

typedef struct RuleDraft {
    Draft *draft;
    Rule *rule;
    Span header; /* its first `@@`, for messages */
    List(Hole) holes;
    List(Pending) pending;
    List(BodyLine) body;
    Sheet before, after;
} RuleDraft;

/* Adds an error at bytes of the patch. */
#define draft_error(draft, span, ...) \
    diag_at((draft)->diagnostics, (draft)->path, (draft)->text, (span), __VA_ARGS__)

/* " (did you mean 'x'?)" for a word near one of the candidates, else empty. */
Str draft_suggestion(Draft *draft, Str word, const Str *candidates, ptrdiff_t n);
uint32_t draft_line(const Draft *draft, uint32_t at); /* of an offset in the patch, from 1 */

/* ---- reading a line of the header: patch_words.c ---- */

typedef struct Cursor {
    Draft *draft;
    uint32_t at, end; /* in the patch */
} Cursor;

void cursor_skip(Cursor *cursor); /* blanks */
bool cursor_done(Cursor *cursor); /* nothing but blanks is left */
bool cursor_take(Cursor *cursor, const char *token);
Span cursor_identifier(Cursor *cursor); /* [A-Za-z_][A-Za-z0-9_]*; empty when there is none */
Span cursor_run(Cursor *cursor, const char *more); /* letters, digits, `_` and those of `more` */
Span cursor_here(const Cursor *cursor);            /* the next byte, for a caret */
Str cursor_text(const Cursor *cursor, Span span);
bool is_capitalised(Str name);

/* ---- holes: patch_header.c ---- */

/* One line of a rule's header that is no setting: a declaration or `when`. False after an error. */
bool header_read(RuleDraft *rule, Span line, uint32_t number);
int rule_hole(const RuleDraft *rule, Str name); /* index, -1: none */
/* The hole of a name that stands in a pattern at bytes of the patch; with `binds` an undeclared
 * capitalised one is added. -1 after an error. */
int rule_hole_used(RuleDraft *rule, Str name, Span at, bool binds);

/* ---- conditions: patch_when.c ---- */

/* Reads what waits: computed holes and conditions. False after errors. */
bool conditions_read(RuleDraft *rule);

/* ---- patterns: patch_sheet.c and patch_pattern.c ---- */

/* The lines of the body whose mark is in `marks`. */
void sheet_of_body(RuleDraft *rule, Sheet *sheet, const char *marks);
void sheet_of_span(Draft *draft, Sheet *sheet, Span span);
/* Parses the text and finds its holes; false after errors. `what` names the text in messages.
 * With `binds`, undeclared capitalised holes come into being here. */
bool sheet_parse(RuleDraft *rule, Sheet *sheet, const char *what, bool binds);
Span sheet_patch(const Sheet *sheet, Span span); /* where bytes of the text stand in the patch */
Span sheet_patch_node(const Sheet *sheet, Node node);
bool sheet_is_hole(const Sheet *sheet, Node node);
/* An attribute chain of names alone ("torch.bfloat16", "transformers.$Class.from_pretrained") whose
 * first name is no hole, and that no longer chain holds. */
bool sheet_is_qualified(const Sheet *sheet, Node node);

void pattern_fill(Draft *draft, Pattern *pattern, const Sheet *sheet);
bool is_dots_statement(const Tree *tree, Node statement); /* `...` on a line of its own */
/* The expression that an expression_statement consists of; 0 when it is none or an assignment. */
Node bare_expression(const Tree *tree, Node statement);
bool pattern_check(RuleDraft *rule);  /* what a before-pattern must not hold */
bool pattern_anchor(RuleDraft *rule); /* sets anchor and anchor_word */
typedef List(struct WordList) WordLists;
void pattern_words(RuleDraft *rule, WordLists *lists);

/* ---- rules about the header of a method: patch_method.c ---- */

/* Makes Python of `def lib.Class.method(…, ...)` in the two texts: the class is left blank, `...`
 * becomes `*__`. Sets header_of. */
void method_prepare(RuleDraft *rule);
bool is_open_parameters(const Tree *tree, Node parameter); /* `...` */

/* ---- rules with `in:`: patch_shell.c ---- */

/* Compiles the body and reads the conditions. False after errors. */
bool shell_rule_compile(RuleDraft *rule);
void shell_rule_words(RuleDraft *rule, WordLists *lists);

/* ---- actions: patch_compile.c, patch_arguments.c and patch_tokens.c ---- */

typedef struct Compiler {
    RuleDraft *rule;
    const Sheet *before, *after;
    List(Action) actions;
    bool *gone_before, *gone_after; /* by node: what other actions deal with */
    List(KeptHole) kept;
    Node *tied; /* by node of `before`: the token of `after` that it stays */
    bool failed;
} Compiler;

bool rule_compile(RuleDraft *rule);
/* Of a rule with header_of: what comes into the header and what is called differently. */
void method_compile(Compiler *compiler);

Action *compiler_add(Compiler *compiler, ActionKind kind, uint32_t line);
void compiler_fail(Compiler *compiler, Span at, const char *message);
uint32_t compiler_line(const Compiler *compiler, const Sheet *sheet, Node node);
/* The node of the after-tree on the same byte of the patch as a leaf on a context line; 0: none. */
Node after_leaf(const Compiler *compiler, Node before_leaf);
/* The child of `container` that the subtree's context tokens lie in, in the after-tree; 0: none. */
Node after_partner(const Compiler *compiler, Node before, Node container);
bool is_leaf(const Tree *tree, Node node);

/* Argument lists whose parentheses stand on context lines. */
void arguments_align_context(Compiler *compiler);
/* Calls at the same place of a statement on '-' lines and the one on '+' lines that replaces it. */
void arguments_align_replaced(Compiler *compiler, Node before, Node after);
/* What is left of two statements, token by token. */
void tokens_compile(Compiler *compiler, Node before, Node after);

/* Text of the after-sheet to be filled. On one line, or as statements: without the indentation of
 * its first. False after an error. */
bool template_build(Compiler *compiler, Span span, bool one_line, Template *out);
/* Text with `$holes` that is no Python: notes, and names with holes. */
bool template_of_text(RuleDraft *rule, Span patch, Template *out);
bool same_text(const Compiler *compiler, Node before, Node after); /* token by token */

/* A part of a text that edits don't look into: a token, a string, a qualified name, `**$set`. */
typedef struct Unit {
    Node node;
    Span at;
} Unit;

typedef struct Units {
    Unit *v;
    ptrdiff_t n, capacity;
} Units;

/* The units of the bytes, without subtrees that `gone` (may be NULL) marks. */
void units_read(const RuleDraft *rule, const Sheet *sheet, Node root, Span span, const bool *gone,
                Units *out);

#endif
