/* A transform as it is read from its file: a diff with holes. transforms/README.md defines the
 * language. */
#ifndef HFFIX_TRANSFORM_PATCH_H
#define HFFIX_TRANSFORM_PATCH_H

#include "facts/facts.h"
#include "transform/literals.h"
#include "transform/precedence.h"

typedef enum Tier { TIER_SAFE, TIER_REVIEW, TIER_ADVICE } Tier;

typedef enum HoleKind { HOLE_EXPR, HOLE_NAME, HOLE_STR, HOLE_NUM, HOLE_KWARGS, HOLE_STMT } HoleKind;

/* A library that code with a rule's edits cannot do without. */
typedef struct Need {
    Str library; /* as the package index spells it: "bitsandbytes" */
    Str floor;   /* oldest version that will do, as written: "0.39"; empty: any */
} Need;

typedef struct Needs {
    Need *v;
    ptrdiff_t n;
} Needs;

/* A word of the fact table with its arguments, as written. */
typedef struct FactTerm {
    const Fact *fact;
    struct FactTermArg {
        int hole;    /* index, or -1 for a literal */
        Str literal; /* a word, number or string without quotes */
    } args[4];
    int n;
} FactTerm;

typedef struct Hole {
    Str name; /* without the $ */
    HoleKind kind;
    bool declared; /* false: a capitalised name that appears in the pattern only */
    Str type;      /* after ':'; empty: any */
    Str regex;     /* after '~'; empty: any */
    void *code;    /* pcre2_code of `regex`, NULL without one; freed by patch_close() */
    bool computed; /* `= fact` */
    FactTerm fact; /* when computed */
    bool optional; /* occurs on '-?' lines only: bound once for each occurrence */
    Span at;       /* of the declaration, for messages */
} Hole;

/* Text that Python reads once `$` is `_`, with its tree and the holes by node. */
typedef struct Pattern {
    Str text;
    Tree *tree;
    int *hole;  /* by node: index of the hole that this identifier is (also the identifier of
                   `**$k`), else -1 */
    char *mark; /* by node: ' ', '-', '?' (for -?) or '+' when all its tokens stand on such lines,
                   '*' when mixed */
    Node *statements; /* top-level statements in order; `...` on a line of its own is one
                         (expression_statement of an ellipsis) */
    ptrdiff_t n;
    bool is_expression; /* the pattern is one bare expression, matched wherever it stands;
                           statements[0] is that expression and not its expression_statement. One
                           that stands on '-' lines only and becomes nothing, or something that is
                           no expression, is a statement instead. */
} Pattern;

/* Text of '+' lines, to be filled. */
typedef enum PieceKind {
    PIECE_TEXT,  /* as it stands */
    PIECE_HOLE,  /* the bytes that the hole has matched */
    PIECE_NAME,  /* a qualified name: written in the local spelling, import added */
    PIECE_SPLICE /* `**$k` of a kwargs hole: `a=1, b=2`; with an empty set the comma before it goes
                    too */
} PieceKind;

typedef struct Piece {
    PieceKind kind;
    Str text; /* PIECE_TEXT, PIECE_NAME */
    int hole;
    Precedence needed; /* PIECE_HOLE: what binds less gets parentheses */
} Piece;

typedef struct Template {
    Piece *v;
    ptrdiff_t n;
} Template;

/* What a match does, in terms of nodes of the before-pattern. */
typedef enum ActionKind {
    ACTION_ADD_ARGUMENT,     /* `call` gets `keyword`=`text`; with an empty keyword `text` is one
                                PIECE_SPLICE: all arguments of the set */
    ACTION_REPLACE_ARGUMENT, /* what `argument` matched becomes `keyword`=`text`, where it is
                                written */
    ACTION_REMOVE_ARGUMENT,  /* what `argument` matched goes, if it is there (mark '?'); for `**$k`
                                all of the set */
    ACTION_INSERT_BEFORE,    /* statements before what `statement` matched; in an is_expression
                                pattern `statement` is the expression: before the statement around
                                it. `text` has LF and 4 spaces a level, no newline at its end */
    ACTION_INSERT_AFTER,     /* statements after it */
    ACTION_REMOVE_STATEMENT, /* `statement` goes; with mark '?' every occurrence */
    ACTION_REPLACE_TOKENS, /* `text` in place of `from` … `to`; with `from` 0 inserted behind `to`,
                              with `to` 0 inserted before `from`. Both are leaves, strings, or the
                              attribute node of a whole qualified name */
    ACTION_RENAME_SYMBOL,  /* the whole rule is `- A` / `+ B` of qualified names: `keyword` is B
                              with its `$holes`, `text` the same as pieces */
    ACTION_ADD_PARAMETER,  /* the header gets `keyword` with the default `text`, behind the
                              parameter `argument`; 0: behind all */
    ACTION_NOTE            /* `text` is told at `statement`: the outermost node that starts on the
                              line above (a statement or an argument); 0: at the site */
} ActionKind;

typedef struct Action {
    ActionKind kind;
    Node call, argument, statement, from, to;
    Str keyword;
    bool keeps_value; /* ACTION_REPLACE_ARGUMENT: `text` is exactly the hole that `argument`'s value
                         is: only the keyword changes */
    Template text;
    uint32_t line; /* of the patch, from 1 */
} Action;

typedef enum TestKind {
    TEST_FACT,
    TEST_ABSENT,
    TEST_NEVER,
    TEST_EVER,
    TEST_BEFORE,
    TEST_AFTER,
    TEST_FIRES
} TestKind;
typedef enum Compare {
    COMPARE_NONE,
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_EQUAL,
    COMPARE_GREATER_EQUAL,
    COMPARE_GREATER
} Compare;

typedef struct Test {
    TestKind kind;
    bool negated;
    FactTerm fact; /* TEST_FACT */
    Compare compare;
    Str value;     /* right of the comparison: a number, a version, a setting's name, or a word */
    Str *keywords; /* TEST_ABSENT */
    ptrdiff_t n_keywords;
    Pattern *statement; /* TEST_NEVER … TEST_AFTER */
    Str transform;      /* TEST_FIRES: name */
    int hole;           /* TEST_FIRES: the value that it must fire for; -1: the matched call */
} Test;

typedef struct Condition {
    Test *tests; /* one of them must be yes */
    ptrdiff_t n;
    Str text;      /* as written, for --explain */
    uint32_t line; /* of the patch, from 1 */
} Condition;

typedef struct PatchLine {
    char mark; /* ' ', '-', '?' (for -?), '+', '!' */
    Str text;
    uint32_t line;
} PatchLine;

/* A rule with `in:` is one line of another language (transforms/README.md). */
typedef struct ShellPart {
    enum { PART_WORD, PART_HOLE, PART_REST } kind; /* PART_REST: `...`, any further words */
    Str text;
    int hole; /* index */
} ShellPart;

typedef struct ShellRule {
    bool variable; /* `in: env`: one part, the name */
    bool sets;     /* `NAME=$v`, `NAME=...`: only where it is set */
    int value;     /* the hole of the value; -1: none */
    ShellPart *before, *after;
    ptrdiff_t n_before, n_after;
    bool goes; /* what is set goes: '-' alone */
} ShellRule;

/* A hole of the text before that stays where it is, in surroundings that ask for more than the old
 * ones: what binds less gets parentheses. */
typedef struct KeptHole {
    Node node;
    Precedence needed;
} KeptHole;

typedef struct Rule {
    Tier tier;
    Str since, removed, signature; /* own, or the head's; empty: none */
    Needs needs;                   /* likewise */
    Str in;                        /* likewise; empty: Python */
    const ShellRule *shell; /* of a rule with `in:`, which has none of what is below but holes,
                               conditions, lines and notes */
    Hole *holes;
    ptrdiff_t n_holes;
    Condition *conditions;
    ptrdiff_t n_conditions;
    PatchLine *lines;
    ptrdiff_t n_lines;
    Pattern before;
    Precedence becomes; /* of what an expression becomes; PRECEDENCE_PRIMARY where it is none */
    KeptHole *kept;
    ptrdiff_t n_kept;
    Node anchor; /* the node of `before` that sites are looked up by: its first call, attribute or
                    statement that is not `-?`, `...` or a lone name hole */
    Str anchor_word; /* last name of the anchor ("from_pretrained", "evaluation_strategy"); empty
                        when a hole */
    Node symbol; /* of `before`, where the whole rule is about a symbol (a qualified name that moves
                    or of which something is told): that name; else 0 */
    Str header_of; /* `def lib.Class.method(…): ...`, which statements[0] is then: "lib.Class"; else
                      empty */
    Action *actions;
    ptrdiff_t n_actions;
    uint32_t line;
} Rule;

typedef struct Transform {
    Arena *arena; /* holds everything */
    Str name;     /* "load/bf16" */
    Str path;     /* of the patch file, for messages */
    Str text;     /* the file */
    Str title;
    Str preview; /* the version that it is under trial since; empty: it is not */
    Str prose;   /* the head's further comment lines, joined by LF */
    Tier tier;
    Str since, removed, link, in;
    Needs needs;
    Rule *rules;
    ptrdiff_t n_rules;
    /* Words that must stand in a file for any rule to match: a list of conjunctions, of which one
     * must hold. Empty when some rule needs no word: any file may match; and of a transform that
     * is read from a tape, whose words the build has written down (Builtin). */
    struct WordList {
        Str *v;
        ptrdiff_t n;
    } *words;
    ptrdiff_t n_words;
    struct WordList *shell_words; /* the same for the rules with `in:` */
    ptrdiff_t n_shell_words;
    bool has_python, has_shell; /* which rules there are */
    bool has_keys;              /* of has_shell: of arguments, which files of settings have too */
} Transform;

/* Reads a transform. NULL after adding errors with line, column and caret: unknown word, unbound
 * hole, pattern that does not parse, a rule with no `-`, `+` or `!`, … . Everything lies in the
 * arena, which must outlive the transform. */
Transform *patch_parse(Arena *arena, Parser *parser, Str name, Str path, Str text,
                       Diagnostics *diagnostics);
void patch_close(Transform *transform); /* compiled expressions; NULL is fine */

/* Identifiers or strings of which a file must hold one, for each of the rule's conditions and
 * computed holes that says so: names separated by '|'. */
Literals rule_needs(Arena *arena, const Rule *rule);

/* The last names that the anchor's callee, or the rule's symbol, can have, where it ends in a hole
 * whose expression is simple enough to tell; else none. */
Literals rule_anchor_names(Arena *arena, const Rule *rule);

/* The expression that a statement of a pattern, or of a file, consists of; what is no
 * expression_statement itself. */
Node statement_expression(const Tree *tree, Node statement);

/* Checks that every transform that `fires(NAME)` names exists, and that none of them asks, by way
 * of others, whether this one fires. False after adding an error at the condition. */
typedef const Transform *FindTransform(void *context, Str name); /* NULL: none of that name */
bool patch_check_fires(const Transform *transform, FindTransform *find, void *context,
                       Diagnostics *diagnostics);

#endif
