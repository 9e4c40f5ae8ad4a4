/* Documents of groups, indents and soft line breaks, printed into a line length.
 *
 * The model is that of Wadler's and of prettier: a group is printed flat when it fits up to the
 * next possible line break, else its soft breaks become newlines. Beyond it there are the two
 * things that formatters of Python need: content that depends on how a named group was printed
 * (optional parentheses), and content that may break without breaking the group around it. Nodes
 * are made by edit/format.c and hang together by `next`. */
#ifndef HFFIX_EDIT_PRETTY_H
#define HFFIX_EDIT_PRETTY_H

#include "base/str.h"

typedef enum PrettyKind {
    PRETTY_TEXT,
    PRETTY_SOFT,         /* newline in a broken group, else nothing */
    PRETTY_LINE,         /* newline in a broken group, else a space */
    PRETTY_HARD,         /* always a newline; breaks every group around it */
    PRETTY_GROUP,        /* `id`, when not 0, can be asked for by the kinds below */
    PRETTY_GROUP_IF,     /* a group if group `id` is broken, else only its content */
    PRETTY_INDENT,       /* newlines inside are indented one level more */
    PRETTY_INDENT_IF,    /* likewise if group `id` is broken */
    PRETTY_IF_BROKEN,    /* content only if group `id` (0: the one around it) is broken */
    PRETTY_IF_FLAT,      /* content only if it is not */
    PRETTY_FITS_BROKEN,  /* while group `id` is flat: content may break without breaking it */
    PRETTY_BEST_FIT,     /* content flat up to its brackets, else `other` when that fits */
    PRETTY_BREAK_PARENT, /* breaks every group around it */
    PRETTY_SUFFIX        /* text that waits for the end of the line (a comment); breaks groups */
} PrettyKind;

typedef struct Pretty Pretty;
struct Pretty {
    PrettyKind kind;
    bool broken;  /* groups: must be broken; set by pretty_print() too */
    int id;       /* see PrettyKind */
    Str text;     /* PRETTY_TEXT, PRETTY_SUFFIX; one of several lines breaks groups */
    int32_t from; /* offset of the text in what is laid out; -1: put in */
    int width;    /* PRETTY_SUFFIX: columns that it counts for */
    Pretty *child, *next;
    Pretty *other; /* PRETTY_BEST_FIT: the content in another form */
};

/* A run of the printed text. */
typedef struct PrettyPiece {
    Str text;
    int32_t from; /* as in Pretty */
} PrettyPiece;

typedef struct PrettyText {
    Arena *arena;
    PrettyPiece *v;
    ptrdiff_t n, capacity;
} PrettyText;

typedef struct PrettyPage {
    int line_length;
    Str newline;
    Str margin; /* blanks before each line but the first, before indents */
    Str unit;   /* blanks of one indent */
    int column; /* where the first line starts */
    int groups; /* ids run from 1 to this */
} PrettyPage;

/* Prints the list of nodes. */
void pretty_print(const PrettyPage *page, Pretty *nodes, PrettyText *out);

/* Columns that the text takes: characters, those of East Asian width and emoji twice, a tab four
 * times, combining marks not at all. */
int pretty_width(Str text);

/* Columns that a comment counts for at the end of a line, the two blanks before it included: none
 * for `# noqa` and its like. */
int pretty_comment_width(Str comment);

#endif
