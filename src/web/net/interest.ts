// How much there is to see around an island: from the smooth counts of the tile that frames it.
import { atZoom, tileAt } from '../state/place.ts'
import { MANDELBROT } from '../state/plane.ts'
import type { Island } from './features.ts'
import { placeOf } from './islandfinder.ts'
import { TileValues } from './tilevalues.ts'

// classes of the counts' logarithms, of which an even spread is the most interesting
const CLASSES = 32

export class Interest {
  readonly #values: TileValues

  constructor(version: string) {
    this.#values = new TileValues(version)
  }

  /**
   * From 0, a tile of one colour, to 1: the entropy of the counts' spread, times the share of
   * samples outside the set.
   */
  async of({ zoom, ...at }: Island, signal: AbortSignal): Promise<number> {
    // one zoom further out, where the surroundings are seen
    const around = Math.max(0, Math.round(zoom) - 1)
    const values = await this.#values.all(MANDELBROT, tileAt(atZoom(placeOf(at, zoom), around)), 'auto')
    signal.throwIfAborted()
    const outside = values.filter((nu) => nu >= 0).map((nu) => Math.log(nu + 1))
    if (outside.length === 0) return 0
    const [least, most] = outside.reduce(([a, b], nu) => [Math.min(a, nu), Math.max(b, nu)], [Infinity, -Infinity])
    const counts = new Array<number>(CLASSES).fill(0)
    for (const nu of outside) counts[Math.min(CLASSES - 1, Math.floor((CLASSES * (nu - least)) / (most - least)))]!++
    const entropy = counts.reduce((sum, count) => {
      const share = count / outside.length
      return share === 0 ? sum : sum - share * Math.log(share)
    }, 0)
    return (entropy / Math.log(CLASSES)) * (outside.length / values.length)
  }
}
