// The plane beyond the pyramid. The server has no tiles there, and a flat colour would show where
// they end. Every point out there escapes within a few iterations, so the page draws these tiles
// itself, by the server's formulas.
//
// Left of -2, the tip of the antenna, precision matters: c = -2 + d, and d can be arbitrarily
// small. The orbit of -2 is 0, -2, 2, 2, 2, …; iterating the difference from it keeps all digits
// of d, as perturbation does on the server.

import { columnSpacing } from '../../plane/precision.ts'
import { sampleAxes } from '../../plane/samples.ts'
import { TILE_SIZE, type TileAddress } from '../../plane/tile.ts'
import { juliaView, tileView } from '../../plane/view.ts'
import type { MapAppearance } from '../state/appearance.ts'
import type { Plane } from '../state/plane.ts'
import { type Orbit, observe, type Sample } from './escape.ts'
import { type IndexedPicture, indexPicture } from './paint.ts'

/** A tile outside a plane's pyramid that is to be drawn, `size` pixels a side. */
export interface ExteriorTile {
  address: TileAddress
  size: number
  appearance: MapAppearance
  plane: Plane
}

// past this zoom the differences leave the range of doubles, and a tile is left in one colour
const MAX_ZOOM = 1000

/** Computes the picture of a tile outside the pyramid. */
export function exteriorPicture({ address, size, appearance, plane }: ExteriorTile): IndexedPicture {
  if (address.z > MAX_ZOOM) return { size: 1, indices: new Uint8Array(1) }
  const limit = appearance.limit === 'auto' ? Number.POSITIVE_INFINITY : appearance.limit
  const sample = plane.julia ? beyondJulia(plane, address, size, limit) : beyondTip(address, size, limit)
  const count = size * size
  const field = { nu: new Float64Array(count), distance: new Float32Array(2 * count), stripe: new Float32Array(count) }
  for (let at = 0; at < count; at++) {
    const { nu, right, up, stripe } = sample(at % size, Math.floor(at / size))
    field.nu[at] = nu
    field.distance.set([right, up], 2 * at)
    field.stripe[at] = stripe
  }
  return indexPicture(size, address.z, appearance, field)
}

type SampleAt = (i: number, j: number) => Sample

function beyondTip(address: TileAddress, size: number, limit: number): SampleAt {
  // real parts are counted from the tip
  const view = tileView(address, size)
  const { re, im } = sampleAxes({ ...view, re: view.re + (2n << BigInt(view.bits)) })
  const pixel = (columnSpacing(view) * size) / TILE_SIZE
  return (i, j) => observe(new TipOrbit(re[i]!, im[j]!), limit, pixel, pixel)
}

function beyondJulia({ julia }: Plane, address: TileAddress, size: number, limit: number): SampleAt {
  const view = juliaView(address, size)
  const { re, im } = sampleAxes(view)
  const [cx, cy] = [Number(julia!.re), Number(julia!.im)]
  const pixel = (columnSpacing(view) * size) / TILE_SIZE
  return (i, j) => observe(new JuliaOrbit(re[i]!, im[j]!, cx, cy), limit, pixel, 0)
}

class JuliaOrbit implements Orbit {
  re: number
  im: number
  readonly #cx: number
  readonly #cy: number

  constructor(re: number, im: number, cx: number, cy: number) {
    this.re = re
    this.im = im
    this.#cx = cx
    this.#cy = cy
  }

  next(): boolean {
    const { re, im } = this
    this.re = re * re - im * im + this.#cx
    this.im = 2 * re * im + this.#cy
    return true
  }
}

/** The orbit of c = -2 + x + iy. */
export class TipOrbit implements Orbit {
  re: number
  im: number
  readonly #x: number
  readonly #y: number
  // the point of the orbit is Z + d, where Z is -2 at n = 1 and 2 afterwards
  #Z = -2
  #dx: number
  #dy: number

  constructor(x: number, y: number) {
    this.#x = this.#dx = x
    this.#y = this.#dy = y
    this.re = -2 + x
    this.im = y
  }

  next(): boolean {
    const [dx, dy] = [this.#dx, this.#dy]
    // d = 0 is the tip itself
    if (dx === 0 && dy === 0) return false
    // d <- 2 Z d + d^2 + (x + iy)
    this.#dx = 2 * this.#Z * dx + (dx * dx - dy * dy) + this.#x
    this.#dy = 2 * this.#Z * dy + 2 * dx * dy + this.#y
    this.#Z = 2
    this.re = 2 + this.#dx
    this.im = this.#dy
    return true
  }
}
