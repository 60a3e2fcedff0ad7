// Any map of Leaflet at any depth, by a floating origin. Leaflet's positions are doubles, so they
// must stay small: it counts pixels from the corner of a frame (frame.ts) that follows the view.
// Its zoom is the true zoom, fractions included.
//
// Where the map is, is known exactly: while it is moved by `moveTo`, it is the place that was
// given; at rest and while it is dragged, it follows from the whole pixels on the screen. So
// another frame can be taken at any time: the same place is given to Leaflet in other numbers, and
// nothing on the screen moves.
import type * as L from 'leaflet'
import { TILE_SIZE } from '../../plane/tile.ts'
import { atZoom, levelOf, movedBy, type Place } from '../state/place.ts'
import { toPlane } from '../state/rotation.ts'
import { type Frame, fits, frameFor, pixelsOf, placeOf } from './frame.ts'

/** The private members of Leaflet that this class uses. */
interface PrivateMap {
  _zoomAnimated: boolean
  _move(center: L.LatLng, zoom: number): void
  _moveStart(zoomChanged: boolean, noMoveStart: boolean): void
  _moveEnd(zoomChanged: boolean): void
  _stop(): void
  dragging?: { _draggable?: Draggable }
}

/** The drag of the map's pane: `_startPos` and `_newPos` are its positions before and after. */
interface Draggable {
  on(type: 'predrag', listener: () => void): void
  _startPos: L.Point
  _newPos: L.Point
}

/** A map of Leaflet whose centre is exact at any zoom. Use `place` instead of its getCenter. */
export class OriginMap {
  readonly leaflet: L.Map
  frame!: Frame
  /** where `moveTo` has put the map, until it rests */
  #given: Place | undefined
  #rotation = 0

  /** Gives a map exact places, and shows the first one. */
  constructor(leaflet: L.Map, start: Place, rotation = 0) {
    this.leaflet = leaflet
    leaflet.options.crs = this.#crs()
    // an animation would scale what a new frame has relabelled
    leaflet.options.zoomAnimation = false
    this.#private._zoomAnimated = false
    leaflet.on('moveend', this.#reframe)
    this.#followRotation()
    this.jump(start, rotation)
  }

  /** Leaves the map to others: it keeps its frame. */
  release(): void {
    this.leaflet.off('moveend', this.#reframe)
  }

  /** The exact place in the middle of the screen. */
  get place(): Place {
    if (this.#given) return this.#given
    // At a whole zoom the top left corner of the screen is a whole pixel, so the centre is a
    // multiple of half a pixel. There it is far from the values where rounding changes, and a link
    // made of it comes back to the same pixels.
    const centre = this.leaflet.getPixelBounds().min!.add(this.leaflet.getSize().divideBy(2))
    return placeOf(this.frame, this.leaflet.getZoom(), centre)
  }

  /** The picture's rotation, in degrees counter-clockwise. */
  get rotation(): number {
    return this.#rotation
  }

  /** Is the map being moved by `moveTo`? */
  get moving(): boolean {
    return this.#given !== undefined
  }

  /** The exact place at a point of the screen, in CSS pixels from its top left corner. */
  placeUnder(point: { x: number; y: number }): Place {
    const { x, y } = this.leaflet.getSize()
    const offset = toPlane({ x: point.x - x / 2, y: point.y - y / 2 }, this.#rotation)
    return movedBy(this.place, offset.x, offset.y)
  }

  /**
   * The place in the middle of the screen when `at` is under a point of it, at a zoom and a
   * rotation.
   */
  centreFor(at: Place, point: { x: number; y: number }, zoom: number, rotation = this.#rotation): Place {
    const { x, y } = this.leaflet.getSize()
    const offset = toPlane({ x: x / 2 - point.x, y: y / 2 - point.y }, rotation)
    return movedBy(atZoom(at, zoom), offset.x, offset.y)
  }

  /** Goes to a place at once, at any distance. */
  jump(place: Place, rotation = 0): void {
    this.#given = undefined
    this.#rotation = rotation
    this.frame = frameFor(place)
    this.leaflet.setView(this.#local(place), place.zoom, { reset: true } as L.ZoomPanOptions)
  }

  /** Shows a place as a step of a movement, which `rest` ends. */
  moveTo(place: Place, rotation = this.#rotation): void {
    if (!this.#given) {
      this.#private._stop()
      this.#private._moveStart(true, false)
    }
    this.#given = place
    this.#rotation = rotation
    if (!fits(this.frame, place.zoom, pixelsOf(this.frame, place))) this.frame = frameFor(place)
    this.#private._move(this.#local(place), place.zoom)
  }

  /** Ends a movement: the map rests on whole pixels. */
  rest(): void {
    if (!this.#given) return
    this.#given = undefined
    this.#private._moveEnd(true)
  }

  // One local unit is a tile of the frame's zoom, and y points down. Points are those of the map's
  // own copy of Leaflet, which need not be this page's: they get the prototypes that it uses.
  #crs(): L.CRS {
    const { crs } = this.leaflet.options
    const size = this.leaflet.getSize()
    const anywhere = Object.getPrototypeOf(crs!.pointToLatLng(size, 0))
    const scale = (zoom: number) => TILE_SIZE * 2 ** (zoom - this.frame.z)
    const project = ({ lng, lat }: L.LatLng): L.Point => Object.assign(size.clone(), { x: lng, y: lat })
    const unproject = ({ x, y }: L.Point): L.LatLng => Object.assign(Object.create(anywhere), { lat: y, lng: x })
    const same = <T>(position: T) => position
    return Object.assign(Object.create(crs!), {
      scale,
      zoom: (scale: number) => this.frame.z + Math.log2(scale / TILE_SIZE),
      project,
      unproject,
      latLngToPoint: (position: L.LatLng, zoom: number) => project(position).multiplyBy(scale(zoom)),
      pointToLatLng: (point: L.Point, zoom: number) => unproject(point.divideBy(scale(zoom))),
      distance: (a: L.LatLng, b: L.LatLng) => project(a).distanceTo(project(b)),
      getProjectedBounds: () => null,
      infinite: true,
      wrapLng: undefined,
      wrapLat: undefined,
      wrapLatLng: same,
      wrapLatLngBounds: same,
    })
  }

  #local(place: Place): L.LatLng {
    const { x, y } = pixelsOf(this.frame, place)
    return this.leaflet.unproject([x, y], place.zoom)
  }

  readonly #reframe = (): void => {
    const { place } = this
    if (this.#given || fits(this.frame, place.zoom, pixelsOf(this.frame, place))) return
    this.frame = frameFor(place)
    this.#private._move(this.#local(place), place.zoom)
  }

  // Leaflet moves its pane by as much as the pointer; but the pane is that of the plane
  #followRotation(): void {
    const draggable = this.#private.dragging?._draggable
    draggable?.on('predrag', () => {
      const { x, y } = toPlane(draggable._newPos.subtract(draggable._startPos), this.#rotation)
      draggable._newPos = draggable._startPos.add([x, y])
    })
  }

  get #private(): PrivateMap {
    return this.leaflet as unknown as PrivateMap
  }
}

/** The level of tiles that a map shows. */
export function levelShown(map: OriginMap): number {
  return levelOf(map.leaflet.getZoom())
}
