// Drags of a mouse with a key held: Shift rotates the map about the middle of the screen, Ctrl (or
// Command) draws a box to zoom into. Without a key, Leaflet drags.
import { atZoom } from '../state/place.ts'
import { directionOf, type Point } from '../state/rotation.ts'
import type { Camera } from './camera.ts'
import type { OriginMap } from './origin.ts'

interface Drag {
  move(to: Point): void
  end(to: Point): void
  cancel(): void
}

// a smaller box is a click, in pixels
const SMALLEST = 8

export function connectMouseDrags(map: OriginMap, camera: Camera, pointOf: (event: MouseEvent) => Point): void {
  const element = map.leaflet.getContainer()
  element.addEventListener(
    'mousedown',
    (event) => {
      const box = event.ctrlKey || event.metaKey
      if (event.button !== 0 || !(box || event.shiftKey)) return
      // Leaflet would drag the map, and the browser select text
      event.stopImmediatePropagation()
      event.preventDefault()
      follow(box ? new Box(map, camera, pointOf(event)) : new Turn(map, camera, pointOf(event)), pointOf)
    },
    { capture: true },
  )
  // on systems where Ctrl and a press open a menu
  element.addEventListener('contextmenu', (event) => event.ctrlKey && event.preventDefault())
}

function follow(drag: Drag, pointOf: (event: MouseEvent) => Point): void {
  const listening = new AbortController()
  const { signal } = listening
  const onEnd = (end: () => void) => {
    listening.abort()
    end()
  }
  addEventListener('mousemove', (event) => drag.move(pointOf(event)), { signal })
  addEventListener('mouseup', (event) => onEnd(() => drag.end(pointOf(event))), { signal })
  addEventListener('keydown', ({ key }) => key === 'Escape' && onEnd(() => drag.cancel()), { signal })
}

/** The picture follows the pointer round the middle of the screen. */
class Turn implements Drag {
  readonly #camera: Camera
  readonly #middle: Point
  readonly #place
  readonly #from: number
  readonly #rotation: number
  #turned = false

  constructor(map: OriginMap, camera: Camera, from: Point) {
    camera.stop()
    this.#camera = camera
    this.#middle = { x: map.leaflet.getSize().x / 2, y: map.leaflet.getSize().y / 2 }
    this.#place = map.place
    this.#rotation = map.rotation
    this.#from = directionOf(from, this.#middle)
  }

  move(to: Point): void {
    this.#turned = true
    const rotation = this.#rotation + directionOf(to, this.#middle) - this.#from
    this.#camera.hold(this.#place, this.#middle, this.#place.zoom, rotation)
  }

  end(): void {
    if (this.#turned) this.#camera.stop()
  }

  cancel(): void {
    if (this.#turned) this.#camera.hold(this.#place, this.#middle, this.#place.zoom, this.#rotation)
    this.end()
  }
}

/** Draws a box, and zooms until it fills the screen. */
class Box implements Drag {
  readonly #map: OriginMap
  readonly #camera: Camera
  readonly #from: Point
  readonly #element = document.createElement('div')

  constructor(map: OriginMap, camera: Camera, from: Point) {
    this.#map = map
    this.#camera = camera
    this.#from = from
    this.#element.className = 'zoom-box'
    map.leaflet.getContainer().append(this.#element)
    this.move(from)
  }

  move(to: Point): void {
    const { left, top, width, height } = this.#rectangle(to)
    Object.assign(this.#element.style, {
      translate: `${left}px ${top}px`,
      width: `${width}px`,
      height: `${height}px`,
    })
  }

  end(to: Point): void {
    this.cancel()
    const { left, top, width, height } = this.#rectangle(to)
    if (Math.max(width, height) < SMALLEST) return
    const size = this.#map.leaflet.getSize()
    const zooms = Math.log2(Math.min(size.x / width, size.y / height))
    const middle = this.#map.placeUnder({ x: left + width / 2, y: top + height / 2 })
    this.#camera.go(atZoom(middle, this.#camera.resting(middle.zoom + zooms)))
  }

  cancel(): void {
    this.#element.remove()
  }

  #rectangle(to: Point): { left: number; top: number; width: number; height: number } {
    const [left, top] = [Math.min(this.#from.x, to.x), Math.min(this.#from.y, to.y)]
    return { left, top, width: Math.abs(to.x - this.#from.x), height: Math.abs(to.y - this.#from.y) }
  }
}
