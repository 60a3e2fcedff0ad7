// Which tiles a view needs, the most important first. Two rules keep the screen from ever being
// blank:
//
// 1. Under the tiles of the view's own level lie those of two levels above. They are 4 to 6 for a
//    screen, so they arrive early, and they cover what the finer ones do not show yet.
// 2. At rest a chain of further levels is loaded: level L - 4 for the view of zoom L - 2, and so
// on.
//    These are 4 to 6 tiles a step too. A movement outwards, or a flick to the side, finds its
//    pictures there.
import { FRACTION, levelOf, type Place, scaled } from '../state/place.ts'

/** A tile by its column and row, at level z. */
export interface TileSpot {
  z: number
  x: bigint
  y: bigint
}

/** What the screen shows: its centre, and its size in CSS pixels. */
export interface View {
  place: Place
  width: number
  height: number
}

/** Columns and rows of tiles at a level, the last ones included. */
export interface TileRange {
  z: number
  left: bigint
  top: bigint
  right: bigint
  bottom: bigint
}

// levels between a tile and those under it
const STEP = 2

// steps of the chain that are loaded at rest: enough for ten zooms outwards
const CHAIN_STEPS = 4

// margin around the screen that is loaded at rest, in CSS pixels
const RING = 200

/** The tiles of a level that a view meets, with a margin in CSS pixels. */
export function rangeOf({ place, width, height }: View, z: number, margin = 0): TileRange {
  const levels = z - levelOf(place.zoom)
  const [x, y] = [scaled(place.x, levels), scaled(place.y, levels)]
  const unit = 2 ** (FRACTION - 8 + z - place.zoom)
  const half = (side: number) => BigInt(Math.ceil((side / 2 + margin) * unit))
  const index = (fixed: bigint) => fixed >> BigInt(FRACTION)
  const [across, down] = [half(width), half(height)]
  return {
    z,
    left: index(x - across),
    top: index(y - down),
    right: index(x + across - 1n),
    bottom: index(y + down - 1n),
  }
}

/** Is a tile within a range of its level? */
export function within({ z, x, y }: TileSpot, range: TileRange): boolean {
  return z === range.z && x >= range.left && x <= range.right && y >= range.top && y <= range.bottom
}

/** The level that lies under the tiles of a level. */
export function levelUnder(level: number): number {
  return Math.max(0, level - STEP)
}

/** The level and the view that it is loaded for, from the view's own outwards: rule 2. */
export function chainOf(view: View, steps: number): { z: number; view: View }[] {
  const chain: { z: number; view: View }[] = []
  const level = levelOf(view.place.zoom)
  for (let step = 1; step <= steps; step++) {
    const z = level - STEP * (step + 1)
    // the view this many zooms further out has the same centre and is 2^zooms as wide; zoom 0 is
    // the last
    const wider = 2 ** Math.min(STEP * step, view.place.zoom)
    chain.push({ z: Math.max(0, z), view: { ...view, width: view.width * wider, height: view.height * wider } })
    if (z <= 0) break
  }
  return chain
}

/** The tiles of a range, the nearest to the centre of a view first. */
export function tilesOf(range: TileRange, { place }: View): TileSpot[] {
  const levels = range.z - levelOf(place.zoom)
  const centre = (fixed: bigint, first: bigint) =>
    Number(scaled(fixed, levels) - (first << BigInt(FRACTION))) / 2 ** FRACTION - 0.5
  const [cx, cy] = [centre(place.x, range.left), centre(place.y, range.top)]
  const [columns, rows] = [Number(range.right - range.left) + 1, Number(range.bottom - range.top) + 1]
  const spots: { spot: TileSpot; distance: number }[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const spot = { z: range.z, x: range.left + BigInt(column), y: range.top + BigInt(row) }
      spots.push({ spot, distance: Math.hypot(column - cx, row - cy) })
    }
  }
  return spots.sort((a, b) => a.distance - b.distance).map(({ spot }) => spot)
}

/** A tile of a plan. */
export interface PlannedTile {
  spot: TileSpot
  /** does the screen need it? Otherwise it is loaded ahead */
  needed: boolean
  /** is it of the level that the view shows? */
  top: boolean
}

/**
 * The tiles for a view that moves to a goal, or rests there, the most important first. Levels that
 * the movement only passes are left out.
 */
export function planTiles(view: View, goal: View, resting: boolean): PlannedTile[] {
  const plan = new Map<string, PlannedTile>()
  const top = levelOf(goal.place.zoom)
  const add = (from: View, z: number, needed: boolean, margin = 0) => {
    for (const spot of tilesOf(rangeOf(from, z, margin), from)) {
      const key = `${spot.z}/${spot.x}/${spot.y}`
      if (!plan.has(key)) plan.set(key, { spot, needed, top: spot.z === top })
    }
  }
  add(view, levelUnder(levelOf(view.place.zoom)), true)
  add(goal, levelUnder(top), true)
  add(goal, top, true)
  if (resting) {
    const [first, ...further] = chainOf(goal, CHAIN_STEPS)
    if (first) add(first.view, first.z, false)
    add(goal, top, false, RING)
    for (const { z, view } of further) add(view, z, false)
  }
  return [...plan.values()]
}
