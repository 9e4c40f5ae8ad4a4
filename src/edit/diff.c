/* Two texts as a unified diff.
 *
 * Lines are slices that end at LF. The common head and tail are set aside; what is left between
 * them is interned, so that lines compare as numbers, and lines that only one side has are settled
 * at once. The rest goes through Myers' algorithm in linear space (E. Myers, "An O(ND) Difference
 * Algorithm and Its Variations", 1986, section 4b): the middle of a shortest path is looked for
 * from both ends, and the halves are solved alike. A search that costs more than MAX_COST steps
 * settles for the point that came farthest, which bounds the time at lines times MAX_COST; the diff
 * is then longer than it need be, never wrong.
 *
 * A run of changed lines between equal ones often fits in several places (a function that is added
 * between others ends with the same blank line that stands before it). settle() moves each run to
 * where a reader expects it: beside a change on the other side, else where its ends meet the
 * smallest indentation, preferably after a blank line, else as far down as it goes.
 *
 * Nothing here fails. What a diff cannot say about a text (its encoding, NUL bytes) is the caller's
 * to know. */
#include "edit/diff.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"

enum {
    CONTEXT = 3,    /* equal lines around a change, as git and diff -u give */
    MAX_COST = 512, /* steps from each end before a search settles for less */
    MAX_SLIDE = 100 /* places that are weighed for one run of changed lines */
};

typedef int32_t Line; /* index of a line, from 0; texts are below 64 MiB */

/* One of the two texts. */
typedef struct Side {
    Str text;
    uint32_t *at;  /* where each line starts; n + 1 entries */
    bool *changed; /* by line: it is not on the other side */
    Line n;
} Side;

/* What is compared in numbers: the lines of a side that the other side has too. */
typedef struct Sequence {
    uint32_t *id; /* equal ids are equal lines */
    Line *line;   /* where it stands in its Side */
    Line n;
} Sequence;

typedef struct Search {
    Sequence a, b;
    Side *old_side, *new_side;
    Line *forward, *backward; /* by diagonal from -MAX_COST - 1, about the middle one */
} Search;

/* A run of changed lines [at, end) of one side, possibly empty, between equal ones. */
typedef struct Run {
    Line at, end;
} Run;

typedef struct Change {
    Run old_run, new_run;
} Change;

typedef List(Change) Changes;
typedef List(Str) Names;

/* ---- lines ---- */

static Side side_of(Arena *arena, Str text) {
    Line n = 0;
    for (const char *p = text.p, *end = text.p + text.n; p < end; n++) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        p = lf ? lf + 1 : end;
    }
    Side side = {.text = text,
                 .at = new (arena, uint32_t, n + 1),
                 .changed = new (arena, bool, n + 1),
                 .n = n};
    const char *p = text.p;
    for (Line i = 0; i < n; i++) {
        side.at[i] = (uint32_t)(p - text.p);
        const char *lf = memchr(p, '\n', (size_t)(text.p + text.n - p));
        p = lf ? lf + 1 : text.p + text.n;
    }
    side.at[n] = (uint32_t)text.n;
    return side;
}

static Str side_line(const Side *side, Line i) {
    return (Str){side->text.p + side->at[i], (ptrdiff_t)(side->at[i + 1] - side->at[i])};
}

/* ---- interning ---- */

typedef struct Interned {
    Str line;
    uint32_t id;     /* 0: a free place */
    Line in_a, in_b; /* how often it stands on each side */
} Interned;

static Interned *intern(Interned *table, size_t mask, Str line, uint32_t *count) {
    size_t place = (size_t)str_hash(line) & mask;
    while (table[place].id && !str_eq(table[place].line, line))
        place = (place + 1) & mask;
    if (!table[place].id)
        table[place] = (Interned){.line = line, .id = ++*count};
    return &table[place];
}

/* Lines [head, n - tail) of both sides as numbers; those without a partner are marked as changed
 * and left out, which loses nothing: no common subsequence can hold them. */
static void sequences(Arena *arena, Search *search, Line head, Line tail) {
    Side *sides[] = {search->old_side, search->new_side};
    Sequence *sequence[] = {&search->a, &search->b};
    size_t capacity = 16;
    while (capacity < 2 * (size_t)(sides[0]->n + sides[1]->n - 2 * (head + tail)))
        capacity *= 2;
    Interned *table = new (arena, Interned, (ptrdiff_t)capacity);
    Interned **found[2];
    uint32_t count = 0;
    for (int s = 0; s < 2; s++) {
        found[s] = new (arena, Interned *, sides[s]->n - head - tail);
        for (Line i = head; i < sides[s]->n - tail; i++) {
            Interned *line = intern(table, capacity - 1, side_line(sides[s], i), &count);
            ++*(s ? &line->in_b : &line->in_a);
            found[s][i - head] = line;
        }
    }
    for (int s = 0; s < 2; s++) {
        Line n = sides[s]->n - head - tail;
        sequence[s]->id = new (arena, uint32_t, n);
        sequence[s]->line = new (arena, Line, n);
        for (Line i = 0; i < n; i++) {
            if (!found[s][i]->in_a || !found[s][i]->in_b) {
                sides[s]->changed[head + i] = true;
                continue;
            }
            sequence[s]->id[sequence[s]->n] = found[s][i]->id;
            sequence[s]->line[sequence[s]->n++] = head + i;
        }
    }
}

/* ---- myers ---- */

typedef struct Point {
    Line a, b;
} Point;

/* A rectangle of the edit graph. */
typedef struct Box {
    Point from, to;
} Box;

/* The farthest point on diagonal `d` (a - b) that one more step reaches from the points on its
 * neighbours; -1: none within the box. */
static Line step_forward(const Search *search, Box box, Line d, Line from_left, Line from_above) {
    Line a = from_left >= 0 && from_left < box.to.a ? from_left + 1 : -1;
    if (from_above >= 0 && from_above - d <= box.to.b && from_above > a)
        a = from_above;
    if (a < 0)
        return -1;
    Line b = a - d;
    while (a < box.to.a && b < box.to.b && search->a.id[a] == search->b.id[b])
        a++, b++;
    return a;
}

/* The same from the other end; INT32_MAX: none. */
static Line step_backward(const Search *search, Box box, Line d, Line from_right, Line from_below) {
    Line a = from_right != INT32_MAX && from_right > box.from.a ? from_right - 1 : INT32_MAX;
    if (from_below != INT32_MAX && from_below - d >= box.from.b && from_below < a)
        a = from_below;
    if (a == INT32_MAX)
        return INT32_MAX;
    Line b = a - d;
    while (a > box.from.a && b > box.from.b && search->a.id[a - 1] == search->b.id[b - 1])
        a--, b--;
    return a;
}

/* After MAX_COST steps from both ends: the point that lies farthest from its own end. */
static Point farthest(const Search *search, Box box) {
    const Line *forward = search->forward + MAX_COST + 1,
               *backward = search->backward + MAX_COST + 1;
    Line f_middle = box.from.a - box.from.b, b_middle = box.to.a - box.to.b;
    Point best = box.from;
    Line best_gain = -1;
    for (Line k = -MAX_COST; k <= MAX_COST; k += 2) {
        Line a = forward[k], b = a - (f_middle + k);
        if (a >= 0 && a + b - box.from.a - box.from.b > best_gain) {
            best_gain = a + b - box.from.a - box.from.b;
            best = (Point){a, b};
        }
        a = backward[k], b = a - (b_middle + k);
        if (a != INT32_MAX && box.to.a + box.to.b - a - b > best_gain) {
            best_gain = box.to.a + box.to.b - a - b;
            best = (Point){a, b};
        }
    }
    return best;
}

/* A point on a shortest path through the box (or, beyond MAX_COST, on some path), not a corner.
 * Both sides of the box are nonempty and differ at both ends. */
static Point middle(const Search *search, Box box) {
    Line *forward = search->forward + MAX_COST + 1, *backward = search->backward + MAX_COST + 1;
    Line f_middle = box.from.a - box.from.b, b_middle = box.to.a - box.to.b;
    Line lowest = box.from.a - box.to.b, highest = box.to.a - box.from.b;
    bool odd = (f_middle - b_middle) & 1;
    forward[0] = box.from.a;
    backward[0] = box.to.a;
    for (Line cost = 1; cost <= MAX_COST; cost++) {
        forward[cost + 1] = forward[-cost - 1] = -1;
        backward[cost + 1] = backward[-cost - 1] = INT32_MAX;
        for (Line k = -cost; k <= cost; k += 2) {
            Line d = f_middle + k, other = d - b_middle;
            forward[k] = d < lowest || d > highest
                             ? -1
                             : step_forward(search, box, d, forward[k - 1], forward[k + 1]);
            if (odd && forward[k] >= 0 && other > -cost && other < cost &&
                backward[other] <= forward[k])
                return (Point){forward[k], forward[k] - d};
        }
        for (Line k = -cost; k <= cost; k += 2) {
            Line d = b_middle + k, other = d - f_middle;
            backward[k] = d < lowest || d > highest
                              ? INT32_MAX
                              : step_backward(search, box, d, backward[k + 1], backward[k - 1]);
            if (!odd && backward[k] != INT32_MAX && other >= -cost && other <= cost &&
                forward[other] >= backward[k])
                return (Point){backward[k], backward[k] - d};
        }
    }
    return farthest(search, box);
}

/* Marks the lines of the box that a shortest path steps over. Recurses into the smaller half only,
 * so the stack grows with the logarithm of the lines. */
static void compare(Search *search, Box box) {
    const uint32_t *a = search->a.id, *b = search->b.id;
    for (;;) {
        while (box.from.a < box.to.a && box.from.b < box.to.b && a[box.from.a] == b[box.from.b])
            box.from.a++, box.from.b++;
        while (box.from.a < box.to.a && box.from.b < box.to.b && a[box.to.a - 1] == b[box.to.b - 1])
            box.to.a--, box.to.b--;
        if (box.from.a == box.to.a || box.from.b == box.to.b)
            break;
        Point split = middle(search, box);
        Box first = {box.from, split}, second = {split, box.to};
        bool first_is_smaller =
            split.a + split.b - box.from.a - box.from.b < box.to.a + box.to.b - split.a - split.b;
        compare(search, first_is_smaller ? first : second);
        box = first_is_smaller ? second : first;
    }
    for (Line i = box.from.a; i < box.to.a; i++)
        search->old_side->changed[search->a.line[i]] = true;
    for (Line i = box.from.b; i < box.to.b; i++)
        search->new_side->changed[search->b.line[i]] = true;
}

/* ---- places of changes ---- */

/* The runs of both sides correspond: between two runs of one side stands exactly one equal line,
 * and it is the same on the other. */
static Run run_first(const Side *side) {
    Run run = {0, 0};
    while (run.end < side->n && side->changed[run.end])
        run.end++;
    return run;
}

static bool run_next(const Side *side, Run *run) {
    if (run->end == side->n)
        return false;
    run->at = run->end = run->end + 1;
    while (run->end < side->n && side->changed[run->end])
        run->end++;
    return true;
}

static void run_previous(const Side *side, Run *run) {
    run->at = run->end = run->at - 1;
    while (run->at > 0 && side->changed[run->at - 1])
        run->at--;
}

/* Moves a run by one line, swallowing a run that it then touches. */
static bool run_up(Side *side, Run *run) {
    if (run->at == 0 || !str_eq(side_line(side, run->at - 1), side_line(side, run->end - 1)))
        return false;
    side->changed[--run->at] = true;
    side->changed[--run->end] = false;
    while (run->at > 0 && side->changed[run->at - 1])
        run->at--;
    return true;
}

static bool run_down(Side *side, Run *run) {
    if (run->end == side->n || !str_eq(side_line(side, run->at), side_line(side, run->end)))
        return false;
    side->changed[run->at++] = false;
    side->changed[run->end++] = true;
    while (run->end < side->n && side->changed[run->end])
        run->end++;
    return true;
}

static bool is_blank(Str line) {
    return str_trim(line).n == 0;
}

static int indentation(Str line) {
    int columns = 0;
    for (ptrdiff_t i = 0; i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
        columns = line.p[i] == '\t' ? (columns / 8 + 1) * 8 : columns + 1;
    return columns;
}

/* How unnatural it is to cut the text before line i: deep inside a block is worst, before a blank
 * line bad, after one good. */
static int cut_cost(const Side *side, Line i) {
    Line text = i;
    while (text < side->n && text < i + 20 && is_blank(side_line(side, text)))
        text++;
    int cost = text < side->n ? 4 * indentation(side_line(side, text)) : 0;
    if (i < side->n && is_blank(side_line(side, i)))
        cost += 2;
    if (i > 0 && is_blank(side_line(side, i - 1)))
        cost -= 1;
    return cost;
}

/* The end at which a run of `size` lines, free to end in [lowest, highest], reads best. */
static Line best_end(const Side *side, Line size, Line lowest, Line highest) {
    Line best = highest;
    int best_cost = INT_MAX;
    for (Line end = highest; end >= lowest && end > highest - MAX_SLIDE; end--) {
        int cost = cut_cost(side, end - size) + cut_cost(side, end);
        if (cost < best_cost) {
            best_cost = cost;
            best = end;
        }
    }
    return best;
}

/* Puts each run of `side` where it reads best; runs that touch on the way become one. */
static void settle(Side *side, Side *other) {
    Run run = run_first(side), opposite = run_first(other);
    do {
        if (run.at == run.end)
            continue;
        Line size, lowest, beside;
        do {
            size = run.end - run.at;
            while (run_up(side, &run))
                run_previous(other, &opposite);
            lowest = run.end;
            beside = opposite.at < opposite.end ? run.end : -1;
            while (run_down(side, &run)) {
                run_next(other, &opposite);
                if (opposite.at < opposite.end)
                    beside = run.end;
            }
        } while (run.end - run.at != size);
        Line end = beside >= 0 ? beside : best_end(side, size, lowest, run.end);
        while (run.end > end && run_up(side, &run))
            run_previous(other, &opposite);
    } while (run_next(side, &run) && run_next(other, &opposite));
}

/* ---- output ---- */

static void print_path(Buf *out, const char *marker, const char *prefix, Str path) {
    while (path.n && path.p[0] == '/')
        path = str_slice(path, 1, path.n);
    bool quoted = false, blank = false;
    for (ptrdiff_t i = 0; i < path.n; i++) {
        unsigned char byte = (unsigned char)path.p[i];
        quoted |= byte < ' ' || byte == '"' || byte == '\\' || byte == 0x7f;
        blank |= byte == ' ';
    }
    buf_format(out, "%s %s%s", marker, quoted ? "\"" : "", prefix);
    for (ptrdiff_t i = 0; i < path.n; i++) {
        unsigned char byte = (unsigned char)path.p[i];
        const char *letter = byte ? memchr("\aa\bb\tt\nn\vv\ff\rr", byte, 14) : NULL;
        if (byte == '"' || byte == '\\')
            buf_format(out, "\\%c", byte);
        else if (byte < ' ' && letter)
            buf_format(out, "\\%c", letter[1]);
        else if (byte < ' ' || byte == 0x7f)
            buf_format(out, "\\%03o", byte);
        else
            buf_add_byte(out, (char)byte);
    }
    /* git ends an unquoted name with blanks by a tab, so that patch(1) sees no date in it. */
    buf_format(out, "%s\n", quoted ? "\"" : blank ? "\t" : "");
}

static void print_lines(Buf *out, char sign, const Side *side, Line at, Line end) {
    for (Line i = at; i < end; i++) {
        Str line = side_line(side, i);
        buf_add_byte(out, sign);
        buf_add(out, line);
        if (!str_ends(line, S("\n")))
            buf_add(out, S("\n\\ No newline at end of file\n"));
    }
}

static void print_range(Buf *out, char sign, Line at, Line end) {
    /* An empty range names the line before it. */
    buf_format(out, " %c%d", sign, at < end ? at + 1 : at);
    if (end - at != 1)
        buf_format(out, ",%d", end - at);
}

static void print_names(Buf *out, const Names *names) {
    if (names->n)
        qsort(names->v, (size_t)names->n, sizeof *names->v, str_order);
    const char *separator = " ";
    for (ptrdiff_t i = 0; i < names->n; i++) {
        if (i && str_eq(names->v[i], names->v[i - 1]))
            continue;
        buf_format(out, "%s%.*s", separator, STR_ARG(names->v[i]));
        separator = ", ";
    }
}

/* Changes [0, n) as one hunk. */
static void print_hunk(Buf *out, const Side *old_side, const Side *new_side, const Change *changes,
                       ptrdiff_t n, const Names *names) {
    const Change *last = &changes[n - 1];
    Line before = changes->old_run.at < CONTEXT ? changes->old_run.at : CONTEXT;
    Line behind = old_side->n - last->old_run.end;
    if (behind > CONTEXT)
        behind = CONTEXT;
    Line at = changes->old_run.at - before;
    buf_add(out, S("@@"));
    print_range(out, '-', at, last->old_run.end + behind);
    print_range(out, '+', changes->new_run.at - before, last->new_run.end + behind);
    buf_add(out, S(" @@"));
    print_names(out, names);
    buf_add_byte(out, '\n');
    for (ptrdiff_t i = 0; i < n; i++) {
        print_lines(out, ' ', old_side, at, changes[i].old_run.at);
        print_lines(out, '-', old_side, changes[i].old_run.at, changes[i].old_run.end);
        print_lines(out, '+', new_side, changes[i].new_run.at, changes[i].new_run.end);
        at = changes[i].old_run.end;
    }
    print_lines(out, ' ', old_side, at, at + behind);
}

/* How far the mark's line is from old lines that a hunk shows; 0: it shows it. */
static Line mark_distance(const DiffMark *mark, const Change *first, const Change *last) {
    Line line = (Line)mark->line - 1;
    if (line < first->old_run.at - CONTEXT)
        return first->old_run.at - CONTEXT - line;
    if (line >= last->old_run.end + CONTEXT)
        return line - last->old_run.end - CONTEXT + 1;
    return 0;
}

static void print_hunks(Buf *out, const Side *old_side, const Side *new_side,
                        const Changes *changes, const DiffMark *marks, ptrdiff_t n_marks) {
    List(Run) hunks = {0}; /* of indexes of changes */
    for (ptrdiff_t i = 0; i < changes->n; i++) {
        if (i && changes->v[i].old_run.at - changes->v[i - 1].old_run.end <= 2 * CONTEXT)
            hunks.v[hunks.n - 1].end++;
        else
            *list_push(out->arena, &hunks) = (Run){(Line)i, (Line)i + 1};
    }
    /* A mark goes to the nearest hunk: a run that has settled elsewhere keeps its name. */
    Names *names = new (out->arena, Names, hunks.n);
    for (ptrdiff_t m = 0; m < n_marks; m++) {
        ptrdiff_t best = 0;
        Line best_distance = INT32_MAX;
        for (ptrdiff_t h = 0; h < hunks.n && best_distance; h++) {
            Line distance = mark_distance(&marks[m], &changes->v[hunks.v[h].at],
                                          &changes->v[hunks.v[h].end - 1]);
            if (distance < best_distance) {
                best_distance = distance;
                best = h;
            }
        }
        *list_push(out->arena, &names[best]) = marks[m].name;
    }
    for (ptrdiff_t h = 0; h < hunks.n; h++)
        print_hunk(out, old_side, new_side, &changes->v[hunks.v[h].at],
                   hunks.v[h].end - hunks.v[h].at, &names[h]);
}

static Changes changes_between(Arena *arena, Side *old_side, Side *new_side) {
    Line least = old_side->n < new_side->n ? old_side->n : new_side->n, head = 0, tail = 0;
    while (head < least && str_eq(side_line(old_side, head), side_line(new_side, head)))
        head++;
    while (tail < least - head && str_eq(side_line(old_side, old_side->n - 1 - tail),
                                         side_line(new_side, new_side->n - 1 - tail)))
        tail++;
    Search search = {.old_side = old_side,
                     .new_side = new_side,
                     .forward = new (arena, Line, 2 * MAX_COST + 3),
                     .backward = new (arena, Line, 2 * MAX_COST + 3)};
    sequences(arena, &search, head, tail);
    compare(&search, (Box){.to = {search.a.n, search.b.n}});
    settle(old_side, new_side);
    settle(new_side, old_side);

    Changes changes = {0};
    Run old_run = run_first(old_side), new_run = run_first(new_side);
    do {
        if (old_run.at < old_run.end || new_run.at < new_run.end)
            *list_push(arena, &changes) = (Change){old_run, new_run};
    } while (run_next(old_side, &old_run) && run_next(new_side, &new_run));
    return changes;
}

void diff_print(Buf *out, Str path, Str old_text, Str new_text, const DiffMark *marks,
                ptrdiff_t n_marks) {
    if (str_eq(old_text, new_text))
        return;
    Side old_side = side_of(out->arena, old_text), new_side = side_of(out->arena, new_text);
    Changes changes = changes_between(out->arena, &old_side, &new_side);
    print_path(out, "---", "a/", path);
    print_path(out, "+++", "b/", path);
    print_hunks(out, &old_side, &new_side, &changes, marks, n_marks);
}
