// The loaded tiles, by levels. Levels lie over each other: the one that the zoom calls for on top,
// the others in the order of their distance from it.
import { levelOf, type Place } from '../state/place.ts'
import { toPlane } from '../state/rotation.ts'
import { Level } from './level.ts'
import type { Tile } from './tile.ts'
import { levelUnder, type TileSpot } from './tileplan.ts'

interface Size {
  x: number
  y: number
}

/**
 * The view on the screen: the place in its centre, its size in CSS pixels, and its rotation in
 * degrees.
 */
export interface Screen {
  place: Place
  size: Size
  rotation: number
}

// Tiles of deeper levels than this are too small on the screen to stand in for missing ones.
const DEEPER = 3

// A pixel of a tile ten levels above is as wide as a screen, and browsers clip coordinates beyond
// 2^25.
const SHALLOWER = 10

// Points of the screen, from its centre in parts of its sides, at which the covered part is
// measured. They include the border, so that a narrow strip is found.
const [COLUMNS, ROWS] = [17, 13]
const SAMPLES = Array.from({ length: COLUMNS * ROWS }, (_, k): [right: number, down: number] => [
  ((k % COLUMNS) / (COLUMNS - 1) - 0.5) * 0.998,
  (Math.floor(k / COLUMNS) / (ROWS - 1) - 0.5) * 0.998,
])

export class TileSet {
  readonly element = document.createElement('div')
  readonly #levels = new Map<number, Level>()

  constructor() {
    this.element.className = 'mandel-tiles'
  }

  *all(): Generator<Tile> {
    for (const level of this.#levels.values()) yield* level.tiles
  }

  tileAt(spot: TileSpot): Tile | undefined {
    return this.#levels.get(spot.z)?.tileAt(spot)
  }

  /** Adds a tile. It fades in where another picture is under it. */
  add(tile: Tile): void {
    let level = this.#levels.get(tile.spot.z)
    if (!level) {
      level = new Level(tile.spot)
      this.#levels.set(level.z, level)
      this.element.append(level.element)
    }
    tile.element.classList.toggle('mandel-fading', this.#hasParent(tile.spot))
    level.add(tile)
  }

  remove(tile: Tile): void {
    const level = this.#levels.get(tile.spot.z)!
    level.remove(tile)
    if (level.size > 0) return
    level.element.remove()
    this.#levels.delete(level.z)
  }

  /** The part of the screen, 0 to 1, that tiles cover. */
  coverage(screen: Screen): number {
    const levels = [...this.#levels.values()].filter(({ z }) => isUsable(z, levelOf(screen.place.zoom)))
    return covered(levels, screen)
  }

  /**
   * Puts the levels where they belong when the screen's centre is at the pixel `middle` of the
   * map's pane, and hides those that cannot be seen. The level under the top one stays: it fills
   * the hairlines that scaled tiles leave between them.
   */
  arrange(screen: Screen, middle: Size, faded: boolean, resting: boolean): void {
    const { place, size, rotation } = screen
    this.element.style.transform = rotation === 0 ? '' : `rotate(${-rotation}deg)`
    this.element.style.transformOrigin = rotation === 0 ? '' : `${middle.x}px ${middle.y}px`
    const top = levelOf(place.zoom)
    const own = this.#levels.get(top)
    const complete = faded && own !== undefined && covered([own], screen) === 1
    for (const level of this.#levels.values()) {
      const { z, element } = level
      const shown = z === top || z === levelUnder(top) || (!complete && isUsable(z, top))
      element.style.display = shown ? '' : 'none'
      element.style.zIndex = String(1000 - 2 * Math.abs(z - top) + (z > top ? 1 : 0))
      element.classList.toggle('mandel-top', z === top)
      if (shown) level.moveTo(place, middle, resting && rotation === 0 ? { x: size.x / 2, y: size.y / 2 } : undefined)
    }
  }

  #hasParent({ z, x, y }: TileSpot): boolean {
    return [...this.#levels.values()].some((level) => {
      const up = BigInt(Math.max(0, z - level.z))
      return level.z < z && level.tileAt({ z: level.z, x: x >> up, y: y >> up }) !== undefined
    })
  }
}

/** Can tiles of a level stand in for those of another? */
function isUsable(z: number, top: number): boolean {
  return z <= top + DEEPER && z >= top - SHALLOWER
}

function covered(levels: Level[], { place, size, rotation }: Screen): number {
  const tests = levels.map((level) => level.covers(place))
  // the screen's sides in the plane
  const [wide, high] = [toPlane({ x: size.x, y: 0 }, rotation), toPlane({ x: 0, y: size.y }, rotation)]
  const found = SAMPLES.filter(([right, down]) => {
    const [x, y] = [right * wide.x + down * high.x, right * wide.y + down * high.y]
    return tests.some((covers) => covers(x, y))
  })
  return found.length / SAMPLES.length
}
