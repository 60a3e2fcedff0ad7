// The rotation of the picture on the screen, in degrees counter-clockwise, as /image takes it.
// Offsets on the screen and in the plane differ by it; both count to the right and down.

/** A point, or an offset, in pixels to the right and down. */
export interface Point {
  x: number
  y: number
}

/** An offset in the plane, as it lies on the screen. */
export function toScreen({ x, y }: Point, rotation: number): Point {
  const { cos, sin } = cosSin(rotation)
  return { x: x * cos + y * sin, y: y * cos - x * sin }
}

/** An offset on the screen, as it lies in the plane. */
export function toPlane(offset: Point, rotation: number): Point {
  return toScreen(offset, -rotation)
}

/** The sides of the upright rectangle of the plane that holds a rotated screen. */
export function sidesAround({ x, y }: Point, rotation: number): Point {
  const { cos, sin } = cosSin(rotation)
  return { x: x * Math.abs(cos) + y * Math.abs(sin), y: x * Math.abs(sin) + y * Math.abs(cos) }
}

/** The same rotation, above -180 and up to 180 degrees. */
export function normalRotation(rotation: number): number {
  const turned = rotation - 360 * Math.round(rotation / 360)
  return turned === -180 ? 180 : turned
}

/**
 * A rotation at which the map rests: a tenth of a degree, so that a short link names it exactly.
 */
export function restingRotation(rotation: number): number {
  return normalRotation(Math.round(10 * rotation) / 10)
}

/** Where one point of the screen lies from another, in degrees counter-clockwise from the right. */
export function directionOf(to: Point, from: Point): number {
  return (Math.atan2(from.y - to.y, to.x - from.x) * 180) / Math.PI
}

// exact at quarter turns
function cosSin(rotation: number): { cos: number; sin: number } {
  const quarters = rotation / 90
  if (!Number.isInteger(quarters)) {
    const radians = (rotation / 180) * Math.PI
    return { cos: Math.cos(radians), sin: Math.sin(radians) }
  }
  const [cos, sin] = [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ][((quarters % 4) + 4) % 4] as [number, number]
  return { cos, sin }
}
