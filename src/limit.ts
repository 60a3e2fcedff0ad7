/** Where an iteration limit starts, and how far it may grow when the place needs more. */
export interface LimitRange {
  from: number
  to: number
}

/** `auto` goes no further than this, four times what the densest of the well-known places asks for at zoom 600. */
const CEILING = 2 ** 24

/** A limit that starts higher costs time where much of the view is inside; one that starts lower only costs another round. */
const HIGHEST_START = 2 ** 20

/**
 * What `auto` means at a zoom: 1000 iterations at zoom 0, doubled every 8 zooms, as the start; from there a view's limit
 * grows fourfold as long as GROWTH of its samples escape for it. A place that needs more so gets more, and where two views share a
 * border at most that share of their samples can differ in it.
 */
export function autoLimit(zoom: number): LimitRange {
  return { from: Math.min(Math.round(1000 * 2 ** (Math.max(zoom, 0) / 8)), HIGHEST_START), to: CEILING }
}

/** A view's limit is raised while at least one sample in 1000 escapes for it: fewer are not seen. */
export const GROWTH = { factor: 4, share: 0.001 }

/** Where a nucleus of this period is near, few samples escape before so many periods: the limit starts no lower. */
export const PERIODS = 4

/** The radius past which a sample has escaped: 2^8 keeps the error of smooth counts, about |c|/R^2, below a step of colour. */
export const ESCAPE_RADIUS = 256
