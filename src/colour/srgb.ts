// sRGB's values, 0 to 255, and the parts of full light, 0 to 1, that they stand for (IEC 61966-2-1).

/** The light of a value. */
export function toLight(value: number): number {
  const s = value / 255
  return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4
}

/** The value of a light, with a fraction; light beyond 0 or 1 is cut off. */
export function toValue(light: number): number {
  const c = Math.min(Math.max(light, 0), 1)
  return 255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055)
}

/**
 * A light of which a surface gives back a part: less of it in the shade, and above 1 as much more of its odds, l : 1 - l. So what is lit on a bright
 * surface keeps its colour, where the product would be cut off at white.
 */
export function lit(part: number, light: number): number {
  return part > 1 ? (part * light) / (1 + (part - 1) * light) : part * light
}

/** The whole value nearest to a light from 0 to 1: toValue rounded, at a tenth of the time. */
export function nearestValue(light: number): number {
  const value = VALUES[Math.floor(light * NEAR)]!
  return value < 255 && light >= MIDDLES[value]! ? value + 1 : value
}

// a table by light, in steps finer than those of the values, which are at least 1/3295 of full light apart: an entry is off by one at most
const NEAR = 4096
const MIDDLES = Float64Array.from({ length: 256 }, (_, value) => toLight(value + 0.5))
const VALUES = new Uint8Array(NEAR + 2)
for (let k = 0, value = 0; k < VALUES.length; k++) {
  while (value < 255 && k / NEAR >= MIDDLES[value]!) value++
  VALUES[k] = value
}
