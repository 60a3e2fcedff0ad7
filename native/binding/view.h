// The argument of all deep calls: one record of the view, with its reference.
#ifndef FMANDEL_BINDING_VIEW_H
#define FMANDEL_BINDING_VIEW_H

#include "binding/arguments.h"
#include "fmandel/deep.h"

namespace binding {

struct DeepView {
  const fmandel_reference* reference;
  fmandel_deep_view view;
  size_t count; // samples
};

/*
 * {reference, re, im, columnStep: {re, im}, rowStep: {re, im}, exponent, width, height, maxIter,
 * escapeRadius, integerCounts}: see fmandel_deep_view.
 */
DeepView deep_view(const Napi::CallbackInfo& info, size_t at, double least_radius, double largest_radius);

Napi::Error unfit(Napi::Env env);

}  // namespace binding

#endif
