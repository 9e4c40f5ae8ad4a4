/* The lowest version that the project supports.
 *
 * A version is compared as a number, major * 10^6 + minor * 10^3 + patch, so that 4.9 is below
 * 4.56. What the project does not declare has the floor 0: a condition that needs a floor is then
 * not met, and one that must not see a floor holds. */
#include "facts/words.h"

static double version_number(Version version) {
    return version.part[0] * 1e6 + version.part[1] * 1e3 + version.part[2];
}

ASK(ask_floor) {
    (void)n;
    Range range = project_range(context->project, args[0].text);
    if (!range.known)
        return (Answer){.tri = TRI_YES, .number = 0, .why = "the project declares no version"};
    return (Answer){.tri = TRI_YES,
                    .number = version_number(range.floor),
                    .why = "the lowest version that the project declares"};
}

ASK(ask_ceiling) {
    (void)n;
    Range range = project_range(context->project, args[0].text);
    double number = 1e15; /* above every version */
    if (range.known && range.ceiling.part[0] < 1000000)
        number = version_number(range.ceiling);
    return (Answer){
        .tri = TRI_YES, .number = number, .why = "the first version above the project's range"};
}

/* Whole numbers stay whole: `batch_size=8`. */
ASK(ask_setting) {
    (void)n;
    double number;
    if (!settings_number(&context->project->settings, args[0].text, &number))
        return answer_unknown("there is no setting of that name");
    return (Answer){
        .tri = TRI_YES,
        .number = number,
        .text = str_format(context->module->arena, "%.10g", number),
        .why = "it is set so",
    };
}
