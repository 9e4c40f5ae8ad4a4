/* Whether a preprocessor's checkpoint is about images: by what else loads it, and by its uses. */
#include "tests/facts.h"

#define SEES(want, code) ASKED("sees", want, code)
#define AUTO             "from transformers import *\nimport transformers as t\n"
#define LOAD(name)       "$t.AutoFeatureExtractor.from_pretrained(" name ")$\n"

static void other_loads(void) {
    SEES('u', AUTO "e = " LOAD("n"));
    SEES('y', AUTO "e = " LOAD("n") "m = t.AutoModelForObjectDetection.from_pretrained(n)");
    SEES('y', AUTO "e = " LOAD("a.x or a.y") "m = t.SwinModel.from_pretrained(a.y)");
    SEES('y', AUTO "e = " LOAD("b if b else n") "m = t.ViTMAEForPreTraining.from_pretrained(n)");
    SEES('u', AUTO "e = " LOAD("'a'") "m = t.AutoModelForObjectDetection.from_pretrained('b')");
    SEES('u', AUTO "e = " LOAD("n") "m = t.AutoModel.from_pretrained(n)");
    SEES('n', AUTO "e = " LOAD("n") "m = t.AutoModelForCTC.from_pretrained(n)");
    SEES('u', AUTO "e = " LOAD("n") "a = t.AutoModelForCTC.from_pretrained(n)\n"
                                    "b = t.ViTModel.from_pretrained(n)");
    SEES('u', AUTO "class OurForObjectDetection: pass\n"
                   "e = " LOAD("n") "m = OurForObjectDetection.from_pretrained(n)");
    SEES('y', AUTO "e = " LOAD("'a'") "p = t.pipeline('image-classification', model='a')");
    SEES('n', AUTO "e = " LOAD("'a'") "p = t.pipeline(task='audio-classification', model='a')");
    SEES('u', AUTO "e = " LOAD("'a'") "p = t.pipeline(task, model='a')");
}

static void uses(void) {
    SEES('y', AUTO "e = " LOAD("n") "e(images=x)");
    SEES('y', AUTO "e = " LOAD("n") "y = e(x).pixel_values");
    SEES('y', AUTO "e = " LOAD("n") "y = e(x)\nz = y['pixel_values']");
    SEES('y', AUTO "e = " LOAD("n") "normalize(e.image_mean)");
    SEES('y', AUTO "e = " LOAD("n") "e.post_process_object_detection(o)");
    SEES('y', AUTO "e = " LOAD("n") "t.pipeline('image-classification', feature_extractor=e)");
    SEES('u', AUTO "e = " LOAD("n") "e(x)\nother(images=x)");
    SEES('n', AUTO "e = " LOAD("n") "e(x, sampling_rate=1)");
    SEES('n', AUTO "e = " LOAD("n") "y = e(x).input_values");
    SEES('u', AUTO "e = " LOAD("n") "e(images=x)\ne(x, sampling_rate=1)");
}

UNIT_MAIN(other_loads, uses)
