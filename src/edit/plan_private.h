/* A plan's inside. Private to edit/plan.c and its parts. */
#ifndef HFFIX_EDIT_PLAN_PRIVATE_H
#define HFFIX_EDIT_PLAN_PRIVATE_H

#include "edit/imports.h"
#include "edit/layout.h"
#include "edit/plan.h"

typedef enum RequestKind {
    REQUEST_ADD,      /* `keyword=text` to the elements of `list`, behind `node` if any */
    REQUEST_REPLACE,  /* element `node` of `list` becomes `text` */
    REQUEST_REMOVE,   /* element `node` of `list` goes */
    REQUEST_BYTES,    /* `span` becomes `text` */
    REQUEST_BEFORE,   /* statements `text` before statement `node` */
    REQUEST_AFTER,    /* statements `text` after it */
    REQUEST_DELETE,   /* statement `node` goes */
    REQUEST_IMPORT,   /* `need` is to be added */
    REQUEST_MENTIONED /* `text` is a name that edits write */
} RequestKind;

typedef struct Request {
    RequestKind kind;
    int group;
    Node list, node;
    Str keyword, text;
    Span span;
    ImportNeed need;
} Request;

typedef struct Group {
    Str transform;
    int joined; /* a group with which it is one, or itself */
    GroupState state;
    const char *reason;
} Group;

typedef struct Drop {
    Node use;
    int group;
} Drop;

struct Plan {
    const Module *module;
    Arena *arena;
    FormatContext format;
    List(Group) groups;
    List(Request) requests;
    List(Drop) drops;
    List(Drop) moved; /* names of import lists that give way to others */
};

int plan_root(const Plan *plan, int group);
bool plan_is_alive(const Plan *plan, int group);
/* <0 when the group's edits go before the other's: by transform, then as made. */
int plan_compare(const Plan *plan, int group, int other);
/* Requests that are alive, in the order of their groups; merged ones only once. */
typedef List(const Request *) Requests;

/* edit/plan_lists.c: an update of a dict that loses all its arguments goes as a statement; edits of
 * the elements of calls and dict displays. */
void plan_fold_updates(Plan *plan, Requests *requests);
void plan_edit_lists(Plan *plan, const Requests *requests, Edits *edits);
/* edit/plan_lines.c: edits of whole statements. */
void plan_edit_lines(Plan *plan, const Requests *requests, Edits *edits);
#endif
