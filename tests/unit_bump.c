/* Requirements that are moved to a target. */
#include "project/bump.h"

#include "unit.h"

static Arena arena;

static Range range_of(const char *target) {
    Range range;
    if (!range_parse_target(str_from(target), &range))
        abort();
    return range;
}

/* "no" when it can't be moved. */
static Str bumped(const char *text, const char *target) {
    Str moved;
    return range_bump(&arena, str_from(text), range_of(target), &moved) ? moved : S("no");
}

#define MOVES(text, target, want) CHECK_STR(bumped(text, target), S(want))
#define STAYS(text, target)       CHECK_STR(bumped(text, target), S(text))

static void floors_and_ceilings(void) {
    MOVES(">=4.40", "5", ">=5.0");
    MOVES(">=4", "5", ">=5");
    MOVES(">=4.40.0,<5.0.0", "5", ">=5.0.0,<6.0.0");
    MOVES(">= 4.40, < 5", "5", ">= 5.0, < 6");
    MOVES("<5,>=4.40", "5", "<6,>=5.0");
    MOVES("<5", "5", ">=5,<6");
    MOVES("> 4.40", "5.23", ">= 5.23");
    MOVES(">=4.40,!=4.41.0,<=4.57", "5", ">=5.0,!=4.41.0,<6.0");
    MOVES("(>=4.40,<5)", "5", "(>=5.0,<6)");
    /* The author's own bounds inside the target. */
    MOVES(">=4.40,<5.10", "5", ">=5.0,<5.10");
    MOVES(">=4.40,<7", "5", ">=5.0,<7");
    MOVES(">=4.40", ">=4.56", ">=4.56");
    MOVES(">=4.40,<5", ">=4.56", ">=4.56,<5");
    MOVES("(>=4.40, <5)", ">=5", "(>=5.0)");
    MOVES("<5, >=4.40", ">=5", ">=5.0");
    MOVES("<5", ">=5", ">=5");
}

static void other_operators(void) {
    MOVES("==4.40.1", "5", ">=5.0,<6");
    MOVES("==4.40.1", "5.23.0", "==5.23.0");
    MOVES("==4.40.*", "5", "==5.*");
    MOVES("==4.40.*", ">=5.2", ">=5.2");
    MOVES("=4.40", "5", ">=5.0,<6");
    MOVES("4.40.1", "5", ">=5.0,<6");
    MOVES("~=4.40", "5", "~=5.0");
    MOVES("~=4.40.1", "5", "~=5.0");
    MOVES("^4.40", "5", "^5.0");
    MOVES("^4.40.1", "5.23", "^5.23");
    MOVES("^4", "5", "^5");
    MOVES("~4.40", "5", "^5.0");
}

static void look_alikes(void) {
    STAYS("", "5");
    STAYS("*", "5");
    STAYS(">=5.0", "5");
    STAYS(">=5.2,<6", "5");
    STAYS("==5.23.0", "5");
    STAYS("~=5.1", "5");
    STAYS(">=4.56,<5", ">=4.40");
    MOVES(">=6", "5", "no");
    MOVES("^4.40 || ^3.0", "5", "no");
    MOVES(">=4.40,<five", "5", "no");
}

/* `before -> after @line` for each bump, then the text. */
static Str bump_file(const char *name, const char *text) {
    Parser *parser = parser_open();
    Target targets[] = {{.library = S("transformers"), .range = range_of("5")},
                        {.library = S("trl"), .range = range_of(">=0.20")}};
    RequirementFile file = requirement_file(&arena, parser, str_from(name), str_from(text));
    Bumps bumps = {0};
    Str after = requirements_bump(&file, targets, 2, &bumps);
    Buf out = {.arena = &arena};
    for (ptrdiff_t i = 0; i < bumps.n; i++) {
        const Bump *bump = &bumps.v[i];
        Str end = bump->after.n ? bump->after : bump->why;
        buf_format(&out, "%.*s -> %.*s @%u\n", STR_ARG(bump->before), STR_ARG(end), bump->line);
    }
    buf_add(&out, after);
    parser_close(parser);
    return buf_str(&out);
}

#define GIVES(name, text, want) CHECK_STR(bump_file(name, text), S(want))

static void files(void) {
    GIVES("requirements.txt",
          "torch>=2\r\ntransformers[torch] >=4.40 ; python_version>'3.9' # x\r\ntrl==0.9\n",
          "transformers>=4.40 -> transformers>=5.0 @2\ntrl==0.9 -> trl>=0.20 @3\n"
          "torch>=2\r\ntransformers[torch] >=5.0 ; python_version>'3.9' # x\r\ntrl>=0.20\n");
    GIVES("requirements.txt", "transformers\ntrl>=0.21\n", "transformers\ntrl>=0.21\n");
    GIVES("requirements.txt", "transformers==4.40 --hash=sha256:00\n",
          "transformers==4.40 -> the file pins by hash @1\n"
          "transformers==4.40 --hash=sha256:00\n");
    GIVES("pyproject.toml",
          "[project]\ndependencies = [\n  'transformers>=4.40,<5',\n  'torch',\n]\n"
          "[project.optional-dependencies]\nrl = ['trl~=0.9']\n",
          "transformers>=4.40,<5 -> transformers>=5.0,<6 @3\ntrl~=0.9 -> trl~=0.20 @7\n"
          "[project]\ndependencies = [\n  'transformers>=5.0,<6',\n  'torch',\n]\n"
          "[project.optional-dependencies]\nrl = ['trl~=0.20']\n");
    GIVES("pyproject.toml",
          "[tool.poetry.dependencies]\npython = \"^3.10\"\ntransformers = { version = \"^4.40\", "
          "extras = [\"torch\"] }\ntrl = \"*\"\n",
          "transformers ^4.40 -> transformers ^5.0 @3\n"
          "[tool.poetry.dependencies]\npython = \"^3.10\"\ntransformers = { version = \"^5.0\", "
          "extras = [\"torch\"] }\ntrl = \"*\"\n");
    GIVES("setup.py",
          "extras = {'a': ['trl==0.9']}\nbase = ['transformers>=4.40']\n"
          "setup(install_requires=base, extras_require=extras)\n",
          "transformers>=4.40 -> transformers>=5.0 @2\ntrl==0.9 -> trl>=0.20 @1\n"
          "extras = {'a': ['trl>=0.20']}\nbase = ['transformers>=5.0']\n"
          "setup(install_requires=base, extras_require=extras)\n");
    GIVES("environment.yml",
          "dependencies:\n  - python=3.10\n  - transformers=4.40\n  - pip:\n    - trl<0.10\n",
          "transformers=4.40 -> transformers>=5.0,<6 @3\ntrl<0.10 -> trl>=0.20 @5\n"
          "dependencies:\n  - python=3.10\n  - transformers>=5.0,<6\n  - pip:\n"
          "    - trl>=0.20\n");
}

UNIT_MAIN(floors_and_ceilings, other_operators, look_alikes, files)
