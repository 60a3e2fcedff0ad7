/*
 * All kernels for one instruction set. Included once for each, after LANES and KERNELS, the table's
 * name, are defined.
 */
#ifndef FMANDEL_SIMD_KERNELS_TEMPLATE_H
#define FMANDEL_SIMD_KERNELS_TEMPLATE_H

#include "bla/build_template.h"
#include "deep/deep_template.h"
#include "encode/dither_template.h"
#include "encode/palette_template.h"
#include "fixed/fourier_template.h"
#include "julia/julia_template.h"
#include "simd/kernels.h"
#include "styles/cycle_template.h"
#include "styles/deep_template.h"
#include "styles/styles_template.h"
#include "tile/tile_template.h"

const kernels KERNELS = {
    .tile = tile_samples,
    .julia = julia_grid,
    .bla_build = bla_build,
    .deep = deep_grid,
    .distance = styles_distance,
    .stripe = styles_stripe,
    .cycle = styles_cycle,
    .deep_distance = styles_deep_distance,
    .deep_stripe = styles_deep_stripe,
    .deep_cycle = styles_deep_cycle,
    .palette_indices = palette_indices,
    .dither = dither,
    .fourier = fourier_square_all,
};

#endif
