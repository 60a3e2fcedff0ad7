// Moves the map smoothly. Gestures, buttons and keys do not move it themselves: they change a
// target, and every animation frame covers a part of the remaining way. So presses and wheel turns
// add up, however fast they come, and none is lost.
//
// When zooming out uncovers a part of the plane of which no picture is loaded, the movement waits
// for the pictures, which are requested for the target. After MAX_WAIT it continues without them.
import { atZoom, movedBy, type Place, pixelsBetween } from '../state/place.ts'
import { normalRotation, type Point, restingRotation, toPlane, toScreen } from '../state/rotation.ts'
import type { OriginMap } from './origin.ts'

/**
 * The end of a movement: a point of the plane under a point of the screen at a zoom and a rotation,
 * moved by `pan`.
 */
interface Target {
  zoom: number
  rotation: number
  anchor: Place
  point: Point
  /** the rest of the way, in CSS pixels of the plane */
  pan: Point
}

/** Part of the screen, 0 to 1, that loaded pictures cover when the map shows a place. */
export type Coverage = (place: Place) => number

// After this many milliseconds a third of the way is left: three frames in four are made in 0.25 s.
const TIME_CONSTANT = 75

// a movement ends when less than this is left, in zooms, degrees and pixels
const ZOOM_END = 0.002
const TURN_END = 0.05
const PAN_END = 0.4

// a frame counts as covered from here on; and the longest wait for pictures, milliseconds
const COVERED = 0.985
const MAX_WAIT = 4000

// a flight to a place spans at most this many zooms; further away the map jumps
const MAX_FLIGHT = 4

// a rotation by hand that ends this close to upright becomes upright, degrees
const UPRIGHT = 4

export class Camera {
  readonly #map: OriginMap
  readonly #animated: boolean
  readonly #coverage: Coverage
  #target: Target | undefined
  #frame = 0
  #last = 0
  #waited = 0
  maxZoom = Number.POSITIVE_INFINITY

  constructor(map: OriginMap, animated: boolean, coverage: Coverage) {
    this.#map = map
    this.#animated = animated
    this.#coverage = coverage
    map.leaflet.on('dragstart', () => this.stop())
  }

  /** Where the movement leads, or where the map rests. */
  get destination(): Place {
    const target = this.#target
    if (!target) return this.#map.place
    const { anchor, point, zoom, pan } = target
    const centre = this.#map.centreFor(anchor, point, restingZoom(zoom), this.destinationRotation)
    return movedBy(centre, pan.x, pan.y)
  }

  /** The rotation that the movement leads to. */
  get destinationRotation(): number {
    return restingRotation(this.#target?.rotation ?? this.#map.rotation)
  }

  /** A zoom that the map can rest at, nearest to this one. */
  resting(zoom: number): number {
    return restingZoom(this.#clamp(zoom))
  }

  /** Turns the picture counter-clockwise, about the middle of the screen. */
  turnBy(degrees: number): void {
    this.#turnTo((this.#target?.rotation ?? this.#map.rotation) + degrees)
  }

  /** Turns the picture upright, the shorter way. */
  upright(): void {
    const now = this.#map.rotation
    this.#turnTo(now - normalRotation(now))
  }

  /**
   * Zooms by any amount. The point of the plane under `point` stays there; by default it is the
   * centre.
   */
  zoomBy(levels: number, point: Point = this.#middle()): void {
    this.#zoomTo((this.#target?.zoom ?? this.#map.leaflet.getZoom()) + levels, point)
  }

  /** Zooms to the next whole zoom, in (1) or out (-1), but by half a zoom at least. */
  step(direction: 1 | -1, point: Point = this.#middle()): void {
    const from = this.#target?.zoom ?? this.#map.leaflet.getZoom()
    this.#zoomTo(direction * Math.ceil(direction * from + 0.5 - 1e-6), point)
  }

  /** Moves by CSS pixels. */
  panBy(right: number, down: number): void {
    const { zoom } = this.#map.place
    const target = this.#target ?? this.#aim(zoom, this.#middle())
    const { x, y } = toPlane({ x: right, y: down }, this.#map.rotation)
    target.pan.x += x
    target.pan.y += y
    this.#start()
  }

  /** Is a place so near that the map flies there? */
  isNear(place: Place, rotation = this.#map.rotation): boolean {
    const here = this.#map.place
    if (!this.#animated || rotation !== this.#map.rotation || Math.abs(place.zoom - here.zoom) > MAX_FLIGHT)
      return false
    const { x, y } = pixelsBetween(here, place)
    const size = this.#map.leaflet.getSize()
    return Math.hypot(x, y) < 2 * Math.max(size.x, size.y)
  }

  /** Flies to a place if it is near, otherwise jumps. */
  go(place: Place, rotation = this.#map.rotation): void {
    if (!this.isNear(place, rotation)) {
      this.jump(place, rotation)
      return
    }
    const here = this.#map.place
    const distance = pixelsBetween(here, place)
    const size = this.#map.leaflet.getSize()
    this.stop()
    const ratio = 2 ** (place.zoom - here.zoom)
    if (Math.abs(ratio - 1) < 0.01) {
      this.#aim(place.zoom, this.#middle()).pan = distance
    } else {
      // Zooming about one point leads from the one view to the other: the point that both show at
      // the same place of the screen. At a distance d from the centre of the first it is (d -
      // distance) times the ratio from that of the second.
      const from = (along: number, middle: number) => middle + (along * ratio) / (ratio - 1)
      const { x, y } = toScreen(distance, rotation)
      this.#aim(place.zoom, { x: from(x, size.x / 2), y: from(y, size.y / 2) })
    }
    this.#start()
  }

  /** Shows a place at once. */
  jump(place: Place, rotation = this.#map.rotation): void {
    this.stop()
    this.#map.jump(place, rotation)
  }

  /**
   * Holds a point of the plane under a point of the screen at a zoom and a rotation, as two fingers
   * do, until `stop`.
   */
  hold(anchor: Place, point: Point, zoom: number, rotation = this.#map.rotation): void {
    this.#cancel()
    this.#map.moveTo(this.#map.centreFor(anchor, point, this.#clamp(zoom), rotation), rotation)
  }

  /** Ends the movement where it is. */
  stop(): void {
    this.#cancel()
    if (!this.#map.moving) return
    const { place, rotation } = this.#map
    const resting = restingRotation(rotation)
    this.#map.moveTo(atZoom(place, restingZoom(place.zoom)), Math.abs(resting) < UPRIGHT ? 0 : resting)
    this.#map.rest()
  }

  #turnTo(rotation: number): void {
    const { zoom, point } = this.#target ?? { zoom: this.#map.leaflet.getZoom(), point: this.#middle() }
    this.#aim(zoom, point).rotation = rotation
    this.#start()
  }

  #zoomTo(zoom: number, point: Point): void {
    this.#aim(this.#clamp(zoom), point)
    this.#start()
  }

  // what is left of a turn and of a pan is kept
  #aim(zoom: number, point: Point): Target {
    const { rotation, pan } = this.#target ?? { rotation: this.#map.rotation, pan: { x: 0, y: 0 } }
    this.#target = { zoom, rotation, anchor: this.#map.placeUnder(point), point, pan }
    return this.#target
  }

  #clamp(zoom: number): number {
    return Math.min(Math.max(zoom, 0), this.maxZoom)
  }

  #middle(): Point {
    const { x, y } = this.#map.leaflet.getSize()
    return { x: x / 2, y: y / 2 }
  }

  #start(): void {
    if (!this.#animated) {
      this.#finish()
      return
    }
    if (this.#frame !== 0) return
    this.#last = performance.now()
    this.#waited = 0
    this.#map.moveTo(this.#map.place)
    this.#frame = requestAnimationFrame((now) => this.#advance(now))
  }

  #cancel(): void {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    this.#target = undefined
  }

  #advance(now: number): void {
    const target = this.#target!
    const elapsed = Math.max(0, now - this.#last)
    this.#last = now
    const here = this.#map.place
    const left = target.zoom - here.zoom
    const turn = target.rotation - this.#map.rotation
    const panned = Math.hypot(target.pan.x, target.pan.y) < PAN_END
    if (Math.abs(left) < ZOOM_END && Math.abs(turn) < TURN_END && panned) {
      this.#finish()
      return
    }
    const part = 1 - Math.exp(-elapsed / TIME_CONSTANT)
    const zoom = Math.abs(left) < ZOOM_END ? target.zoom : here.zoom + left * part
    const rotation = Math.abs(turn) < TURN_END ? target.rotation : this.#map.rotation + turn * part
    const step = { x: target.pan.x * part, y: target.pan.y * part }
    // the anchor is followed by the movement, so that a change of the target starts from what is on
    // the screen
    const next = movedBy(this.#map.centreFor(target.anchor, target.point, zoom, rotation), step.x, step.y)
    if (this.#isUncovered(next, elapsed)) {
      this.#frame = requestAnimationFrame((later) => this.#advance(later))
      return
    }
    target.pan = { x: target.pan.x - step.x, y: target.pan.y - step.y }
    target.anchor = movedBy(atZoom(target.anchor, zoom), step.x, step.y)
    this.#map.moveTo(next, rotation)
    this.#frame = requestAnimationFrame((later) => this.#advance(later))
  }

  #finish(): void {
    const { destination, destinationRotation } = this
    this.#cancel()
    this.#map.moveTo(destination, destinationRotation)
    this.#map.rest()
  }

  /** Must the movement wait for pictures? */
  #isUncovered(next: Place, elapsed: number): boolean {
    if (this.#coverage(next) >= COVERED || this.#coverage(this.#map.place) < COVERED) {
      this.#waited = 0
      return false
    }
    this.#waited += elapsed
    return this.#waited < MAX_WAIT
  }
}

// the map rests at hundredths of a zoom, so that a link of few characters names it exactly
function restingZoom(zoom: number): number {
  return Math.round(100 * zoom) / 100
}
