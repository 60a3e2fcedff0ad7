// Leaflet at any depth, by a floating origin. Leaflet's positions are doubles, so they must stay
// small: it counts pixels from the corner of a frame (frame.ts) that follows the view. Its zoom is
// the true zoom, so wheel, pinch, buttons and limits work unchanged.
//
// When the view is too far from its frame, the map takes the next frame at rest, in a microtask
// after moveend. It relabels in place: the exact distance between the two corners, a whole number
// of tiles, is subtracted from every position that Leaflet keeps. The DOM does not change: nothing
// reloads and nothing moves.
//
// The interfaces below declare all private fields of Leaflet that this needs; Leaflet is pinned to
// 1.9.4.
import * as L from 'leaflet'
import { TILE_SIZE, type TileAddress } from '../../plane/tile.ts'
import type { Place } from '../state/place.ts'
import { addressOf, type Frame, fits, frameFor, pixelsOf, placeOf, tilesBetween } from './frame.ts'

interface PrivateMap {
  _lastCenter: L.LatLng | null
  _pixelOrigin: L.Point
  _animatingZoom: boolean
  _tryAnimatedZoom(center: L.LatLng, zoom: number, options?: L.ZoomOptions): boolean
  _onZoomTransitionEnd(): void
}

interface PrivateLayer {
  _levels: Record<number, { el: HTMLElement; origin: L.Point; zoom: number }>
  _tiles: Record<string, LayerTile>
  _tileZoom: number | undefined
  _removeTile(key: string): void
  _removeTilesAtZoom(zoom: number): void
  _update(center?: L.LatLng): void
  _retainParent(x: number, y: number, z: number, minZoom: number): boolean
}

interface LayerTile {
  el: HTMLElement
  /** Leaflet's load callback holds this object, so it is changed in place */
  coords: L.Coords
  current: boolean
  loaded?: number
}

// parents of missing tiles are kept up to this many zooms above (Leaflet: 5), so that a fast dive
// shows no holes
const PARENTS = 10

/** A map whose centre is exact at any zoom. Use `place` instead of Leaflet's own getCenter. */
export class OriginMap extends L.Map {
  frame!: Frame
  #zooming = false
  #fingers = 0

  constructor(element: HTMLElement, start: Place, options: L.MapOptions) {
    super(element, options)
    this.options.crs = this.#crs()
    // a zoom animation and a pinch keep positions of the frame in which they began: see #reframe
    this.on('zoomend', () => {
      this.#zooming = false
    })
    for (const type of ['touchstart', 'touchend', 'touchcancel'] as const) {
      element.addEventListener(type, (event) => {
        this.#fingers = event.touches.length
      })
    }
    this.on('moveend', () => queueMicrotask(() => this.#reframe()))
    this.jump(start)
  }

  /** The exact place in the middle of the screen. */
  get place(): Place {
    // The top left corner of the screen is a whole pixel, so the centre is a multiple of half a
    // pixel. There it is far from the values where rounding changes, and a link made of it comes
    // back to the same pixels.
    const centre = this.getPixelBounds().min!.add(this.getSize().divideBy(2))
    // during a pinch the zoom is a fraction
    const zoom = Math.round(this.getZoom())
    return placeOf(this.frame, zoom, centre.multiplyBy(2 ** (zoom - this.getZoom())))
  }

  /** Goes to a place at once, at any distance. */
  jump(place: Place): void {
    // A zoom animation would end at its target in a frame that is gone. Leaflet starts it in the
    // next animation frame: let it start, then end it.
    if (this.#zooming && !this.#private._animatingZoom) {
      L.Util.requestAnimFrame(() => this.jump(place))
      return
    }
    if (this.#private._animatingZoom) this.#private._onZoomTransitionEnd()
    this.frame = frameFor(place)
    this.setView(this.#local(place), place.zoom, { reset: true } as L.ZoomPanOptions)
  }

  /** Goes to a place, by an animation if it is near. */
  go(place: Place): void {
    const near = Math.abs(place.zoom - this.getZoom()) <= NEARBY && place.zoom >= this.frame.z
    if (near && fits(this.frame, place.zoom, pixelsOf(this.frame, place))) {
      this.setView(this.#local(place), place.zoom)
    } else {
      this.jump(place)
    }
  }

  // To detect the end of an animation, Leaflet scales a hidden element by 2^(zoom - 1). Past zoom
  // 1024 this is Infinity, which CSS refuses. Counted from the frame the scale stays small, and all
  // it has to do is change.
  override getZoomScale(to: number, from = this.getZoom()): number {
    return 2 ** (to - (from === 1 && this.frame.z > 0 ? this.frame.z : from))
  }

  _tryAnimatedZoom(center: L.LatLng, zoom: number, options?: L.ZoomOptions): boolean {
    this.#zooming = (L.Map.prototype as unknown as PrivateMap)._tryAnimatedZoom.call(this, center, zoom, options)
    return this.#zooming
  }

  // one local unit is a tile of the frame's zoom; y points down
  #crs(): L.CRS {
    return L.Util.extend({}, L.CRS.Simple, {
      transformation: new L.Transformation(1, 0, 1, 0),
      scale: (zoom: number) => TILE_SIZE * 2 ** (zoom - this.frame.z),
      zoom: (scale: number) => this.frame.z + Math.log2(scale / TILE_SIZE),
    })
  }

  #local(place: Place): L.LatLng {
    const { x, y } = pixelsOf(this.frame, place)
    return this.unproject([x, y], place.zoom)
  }

  #reframe(): void {
    const zoom = this.getZoom()
    const self = this.#private
    if (this.#zooming || self._animatingZoom || this.#fingers > 1 || !Number.isInteger(zoom)) return
    const place = this.place
    if (fits(this.frame, zoom, pixelsOf(this.frame, place))) return
    const [from, to] = [this.frame, frameFor(place)]
    this.eachLayer((layer) => {
      if (layer instanceof OriginLayer) layer.reframe(from, to)
    })
    const shift = pixelsBetween(from, to, zoom)
    const center = self._lastCenter && this.project(self._lastCenter, zoom).subtract(shift)
    this.frame = to
    self._lastCenter = center && this.unproject(center, zoom)
    self._pixelOrigin = self._pixelOrigin.subtract(shift)
  }

  get #private(): PrivateMap {
    return this as unknown as PrivateMap
  }
}

// over more zooms than this, Leaflet does not animate
const NEARBY = 4

/** A grid layer over an OriginMap. Subclasses create the element of a tile by its true address. */
export abstract class OriginLayer extends L.GridLayer {
  /** Creates the element of a tile and calls `done` when it shows its picture. */
  abstract createAt(address: TileAddress, done: () => void): HTMLElement

  override createTile(coords: L.Coords, done: L.DoneCallback): HTMLElement {
    const element = this.createAt(addressOf(this.#frame, coords), () => done(undefined, element))
    return element
  }

  /** All tiles: their elements, and whether they lie on the screen or near it. */
  *tiles(): Generator<{ element: HTMLElement; current: boolean; drop: () => void }> {
    const self = this.#private
    for (const [key, { el, current }] of Object.entries(self._tiles)) {
      yield { element: el, current, drop: () => self._removeTile(key) }
    }
  }

  /** Relabels every position from one frame's corner to another's. */
  reframe(from: Frame, to: Frame): void {
    const self = this.#private
    const shallowest = Math.max(from.z, to.z)
    for (const level of Object.values(self._levels)) {
      if (level.zoom < shallowest) {
        self._removeTilesAtZoom(level.zoom)
        level.el.remove()
        delete self._levels[level.zoom]
      } else {
        level.origin = level.origin.subtract(pixelsBetween(from, to, level.zoom))
      }
    }
    const tiles = Object.values(self._tiles)
    self._tiles = {}
    for (const tile of tiles) {
      const shift = tilesBetween(from, to, tile.coords.z)
      tile.coords.x -= shift.x
      tile.coords.y -= shift.y
      self._tiles[this._tileCoordsToKey(tile.coords)] = tile
    }
  }

  // there are tiles beyond the pyramid too: see exterior.ts
  _isValidTile(): boolean {
    return true
  }

  _retainParent(x: number, y: number, z: number, minZoom: number): boolean {
    const shallowest = Math.max(this.#frame.z, (this._tileZoom ?? z) - PARENTS)
    const retain = (L.GridLayer.prototype as unknown as PrivateLayer)._retainParent
    return z > this.#frame.z && retain.call(this, x, y, z, Math.min(minZoom, shallowest))
  }

  // Leaflet removes a tile that has left the screen when another tile is loaded. A tile that is
  // still loading is removed at once, because it may occupy the connection that the others wait
  // for.
  _update(center?: L.LatLng): void {
    const self = this.#private
    const update = (L.GridLayer.prototype as unknown as PrivateLayer)._update
    update.call(this, center)
    for (const [key, { current, loaded }] of Object.entries(self._tiles)) {
      if (!current && !loaded) self._removeTile(key)
    }
  }

  // Leaflet calls this when the zoom changes: tiles of another zoom that still load are not needed
  // any more
  _abortLoading(): void {
    const self = this.#private
    for (const [key, { coords, loaded }] of Object.entries(self._tiles)) {
      if (coords.z !== self._tileZoom && !loaded) self._removeTile(key)
    }
  }

  get #frame(): Frame {
    return (this._map as OriginMap).frame
  }

  get #private(): PrivateLayer {
    return this as unknown as PrivateLayer
  }
}

function pixelsBetween(from: Frame, to: Frame, zoom: number): L.Point {
  const { x, y } = tilesBetween(from, to, zoom)
  return L.point(x * TILE_SIZE, y * TILE_SIZE)
}
