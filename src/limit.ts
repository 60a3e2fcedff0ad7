/**
 * The iteration limit that `auto` means at a zoom: 1000 at zoom 0, doubled every 8 zooms. A rule of zoom alone, so that
 * tiles that share a border agree. Samples inside the set mostly end earlier, by the kernel's proofs.
 */
export function autoLimit(zoom: number): number {
  return Math.round(1000 * 2 ** (Math.max(zoom, 0) / 8))
}

/** The radius past which a sample has escaped: 2^8 keeps the error of smooth counts, about |c|/R^2, below a step of colour. */
export const ESCAPE_RADIUS = 256
