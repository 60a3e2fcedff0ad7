// Wheel, trackpad, touch and double click. One-finger drags are Leaflet's own.

import { directionOf, normalRotation, type Point } from '../state/rotation.ts'
import type { Camera } from './camera.ts'
import { connectMouseDrags } from './mousedrags.ts'
import type { OriginMap } from './origin.ts'

// A wheel's notch is 100 to 120 pixels: about two thirds of a zoom.
const WHEEL_PIXELS = 160

// A pinch on a trackpad arrives as a wheel with Ctrl. Browsers send deltaY = -100 ln(scale), so
// that a pinch to twice the size is one zoom. A mouse wheel with Ctrl comes in whole notches.
const PINCH_PIXELS = 100 * Math.LN2
const NOTCH = 50

// a line and a page of a wheel that does not count in pixels
const LINE_PIXELS = 40
const PAGE_PIXELS = 400

// for how many milliseconds a pinch continues at its last speed, and how far at most, in zooms
const COAST = 120
const MAX_COAST = 0.5

// a tap is shorter than this and moves less; two of them make a double tap; milliseconds and pixels
const TAP_TIME = 250
const TAP_MOVE = 12

// two fingers must turn this far before the map turns with them, so that a zoom stays upright;
// degrees
const TURN_START = 12

// dragging so far after a double tap is a zoom, in pixels
const DRAG_ZOOM = 130

export interface GestureOptions {
  /** called when a wheel without Ctrl turns over a map in another page, which scrolls that page */
  onForeignWheel: () => void
}

export function connectGestures(map: OriginMap, camera: Camera, { onForeignWheel }: GestureOptions): void {
  const element = map.leaflet.getContainer()
  const pointOf = (event: { clientX: number; clientY: number }): Point => {
    const { left, top } = element.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }
  const embedded = window.parent !== window

  element.addEventListener(
    'wheel',
    (event) => {
      if (embedded && !event.ctrlKey && !event.metaKey) {
        onForeignWheel()
        return
      }
      event.preventDefault()
      const pixels = [1, LINE_PIXELS, PAGE_PIXELS][event.deltaMode]! * event.deltaY
      const pinch = event.ctrlKey && Math.abs(pixels) < NOTCH
      camera.zoomBy(-pixels / (pinch ? PINCH_PIXELS : WHEEL_PIXELS), pointOf(event))
    },
    { passive: false },
  )
  element.addEventListener('dblclick', (event) => {
    event.preventDefault()
    camera.step(event.shiftKey ? -1 : 1, pointOf(event))
  })
  connectMouseDrags(map, camera, pointOf)
  connectTouch(map, camera, pointOf)
}

function connectTouch(map: OriginMap, camera: Camera, pointOf: (touch: Touch) => Point): void {
  const element = map.leaflet.getContainer()
  let pinch: Pinch | undefined
  let drag: DragZoom | undefined
  let lastTap: { time: number; point: Point } | undefined
  let start: { time: number; point: Point; fingers: number } | undefined

  element.addEventListener(
    'touchstart',
    (event) => {
      const points = [...event.touches].map(pointOf)
      const [first, second] = points
      if (!first) return
      if (points.length === 1) {
        start = { time: event.timeStamp, point: first, fingers: 1 }
        const again =
          lastTap && event.timeStamp - lastTap.time < TAP_TIME && distance(lastTap.point, first) < 3 * TAP_MOVE
        if (again) {
          drag = new DragZoom(map, camera, first)
          // otherwise Leaflet would drag the map
          map.leaflet.dragging.disable()
        }
      } else if (second) {
        if (start) start.fingers = Math.max(start.fingers, points.length)
        pinch = points.length === 2 ? new Pinch(map, camera, first, second) : undefined
      }
    },
    { capture: true },
  )

  element.addEventListener(
    'touchmove',
    (event) => {
      const [first, second] = [...event.touches].map(pointOf)
      if (pinch && first && second) pinch.move(first, second, event.timeStamp)
      else if (drag && first) drag.move(first)
      else return
      event.preventDefault()
    },
    { passive: false },
  )

  const end = (event: TouchEvent) => {
    const touch = event.changedTouches[0]
    const point = touch && pointOf(touch)
    const tapped =
      start &&
      point &&
      event.timeStamp - start.time < TAP_TIME &&
      (drag?.moved ?? pinch?.moved ?? distance(start.point, point)) < TAP_MOVE
    if (pinch && event.touches.length < 2) {
      pinch.end()
      if (tapped && start!.fingers === 2) camera.step(-1, pinch.middle)
      pinch = undefined
      // the finger that is left neither drags nor taps
      start = undefined
      lastTap = undefined
    } else if (event.touches.length === 0) {
      if (drag) {
        map.leaflet.dragging.enable()
        drag.end()
        if (tapped) camera.step(1, point)
        lastTap = undefined
      } else lastTap = tapped ? { time: event.timeStamp, point } : undefined
      drag = undefined
      start = undefined
    }
  }
  element.addEventListener('touchend', end)
  element.addEventListener('touchcancel', end)
}

/**
 * Two fingers: the points of the plane under them stay there, once they have turned by TURN_START.
 * Until then the map is not rotated.
 */
class Pinch {
  middle: Point
  /** pixels that the fingers have moved at most */
  moved = 0
  readonly #map: OriginMap
  readonly #camera: Camera
  readonly #from: { distance: number; zoom: number; middle: Point; angle: number }
  readonly #rotation: number
  /** the fingers' angle at which the map has begun to turn */
  #turning: number | undefined
  readonly #anchor
  #recent: { time: number; zoom: number }[] = []

  constructor(map: OriginMap, camera: Camera, first: Point, second: Point) {
    camera.stop()
    this.#map = map
    this.#camera = camera
    this.middle = between(first, second)
    const apart = Math.max(1, distance(first, second))
    this.#from = {
      distance: apart,
      zoom: map.leaflet.getZoom(),
      middle: this.middle,
      angle: directionOf(second, first),
    }
    this.#rotation = map.rotation
    this.#anchor = map.placeUnder(this.middle)
  }

  move(first: Point, second: Point, time: number): void {
    const { distance: before, zoom: from, middle } = this.#from
    const apart = Math.max(1, distance(first, second))
    this.middle = between(first, second)
    this.moved = Math.max(this.moved, Math.abs(apart - before), distance(middle, this.middle))
    const angle = directionOf(second, first)
    if (Math.abs(normalRotation(angle - this.#from.angle)) >= TURN_START) this.#turning ??= angle
    const turned = this.#turning === undefined ? 0 : normalRotation(angle - this.#turning)
    if (turned !== 0) this.moved = Math.max(this.moved, TAP_MOVE)
    if (this.moved < TAP_MOVE / 2) return
    const zoom = from + Math.log2(apart / before)
    this.#recent = [...this.#recent.filter((each) => time - each.time < 100), { time, zoom }]
    this.#camera.hold(this.#anchor, this.middle, zoom, this.#rotation + turned)
  }

  end(): void {
    this.#camera.stop()
    const [first, last] = [this.#recent[0], this.#recent.at(-1)]
    if (!first || !last || last.time <= first.time || !this.#map.leaflet.options.inertia) return
    const coast = (COAST * (last.zoom - first.zoom)) / (last.time - first.time)
    const zooms = Math.min(Math.max(coast, -MAX_COAST), MAX_COAST)
    if (Math.abs(zooms) > 0.02) this.#camera.zoomBy(zooms, this.middle)
  }
}

/** One finger after a double tap: down zooms in, up zooms out. */
class DragZoom {
  moved = 0
  readonly #camera: Camera
  readonly #from: Point
  readonly #zoom: number
  readonly #anchor

  constructor(map: OriginMap, camera: Camera, from: Point) {
    camera.stop()
    this.#camera = camera
    this.#from = from
    this.#zoom = map.leaflet.getZoom()
    this.#anchor = map.placeUnder(from)
  }

  move(to: Point): void {
    this.moved = Math.max(this.moved, distance(this.#from, to))
    if (this.moved >= TAP_MOVE)
      this.#camera.hold(this.#anchor, this.#from, this.#zoom + (to.y - this.#from.y) / DRAG_ZOOM)
  }

  end(): void {
    this.#camera.stop()
  }
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

function between(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
}
