// Types of layer.js.
import type * as L from 'leaflet'

/** Everything that affects the picture apart from its place, as in the server's queries. */
export interface MandelbrotLook {
  /** a name that /palettes.json lists */
  palette?: string
  /** colours in place of a palette, such as `0a1128,6fb7dd,fbf6e6` */
  gradient?: string
  /** 0 to 1: where the colours begin in their cycle */
  offset?: number
  /** 0.0625 to 16: how fast the colours change */
  density?: number
  /** `zoom`: colours are not stretched where a place has few; `place` by default */
  contrast?: 'place' | 'zoom'
  /** what the colours show, such as `smooth`, `slopes` or `distance` */
  style?: string
  /** of slopes: where the light comes from, in degrees from 0 to 360 */
  light?: number
  /** the iteration limit; by default what the place needs */
  max_iter?: number | 'auto'
}

export interface MandelbrotLayerOptions extends MandelbrotLook {
  /** the initial view, `zoom/re/im`, with as many digits as the zoom needs */
  view?: string
  /** the address of the server, with a slash at its end; by default where layer.js comes from */
  server?: string
}

/**
 * The Mandelbrot set in a map of Leaflet 1.9, at any depth. The map then uses coordinates of the
 * layer's own: use `view` and `goTo` instead of the map's centre.
 *
 * Fires `load` when the screen is complete, and `error` with a `message` if the server cannot be
 * reached or a view is wrong.
 */
export class MandelbrotLayer extends L.Layer {
  constructor(options?: MandelbrotLayerOptions)
  /** the place in the middle of the map, `zoom/re/im`, with all its digits */
  get view(): string
  /** Shows a place, however far away. @throws Error with a message if the text names none */
  goTo(view: string): this
  /** Shows the same place in other colours; missing options have their defaults. */
  setLook(look: MandelbrotLook): this
}
