// What all calls at depth take: a reference and the view.
#ifndef FMANDEL_BINDING_VIEW_H
#define FMANDEL_BINDING_VIEW_H

#include "binding/arguments.h"
#include "fmandel/deep.h"

namespace binding {

const fmandel_reference* reference_of(const Napi::CallbackInfo& info, size_t at);

// re, im, stepRe, stepIm, exponent, width, height; and from tilt on tiltRe, tiltIm, which may be left out
fmandel_deep_view deep_view(const Napi::CallbackInfo& info, size_t at, size_t tilt);

Napi::Error unfit(Napi::Env env);

}  // namespace binding

#endif
