// sRGB values, 0 to 255, and linear light, 0 to 1 (IEC 61966-2-1). Averages and shades are computed
// in linear light, because light adds up linearly.

/** The linear light of an sRGB value. */
export function toLinear(value: number): number {
  const s = value / 255
  return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4
}

/** The sRGB value of a linear light, with a fraction. Light outside 0 to 1 is clamped. */
export function toSrgb(light: number): number {
  const c = Math.min(Math.max(light, 0), 1)
  return 255 * (c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055)
}

/**
 * The light of a surface in a shade: `part` below 1 darkens it in proportion. Above 1 it multiplies
 * the odds light : 1 - light instead, so that a bright surface keeps its colour. The product would
 * be clamped to white there.
 */
export function shadeLight(part: number, light: number): number {
  return part > 1 ? (part * light) / (1 + (part - 1) * light) : part * light
}

/** toSrgb of a light from 0 to 1, rounded, in a tenth of the time. */
export function toSrgbByte(light: number): number {
  const value = VALUES[Math.floor(light * NEAR)]!
  return value < 255 && light >= MIDDLES[value]! ? value + 1 : value
}

// A table by light in 4096 steps. Neighbouring sRGB values are at least 1/3295 of full light apart,
// so an entry is off by one at most, which a comparison corrects.
const NEAR = 4096
const MIDDLES = Float64Array.from({ length: 256 }, (_, value) => toLinear(value + 0.5))
const VALUES = new Uint8Array(NEAR + 2)
for (let k = 0, value = 0; k < VALUES.length; k++) {
  while (value < 255 && k / NEAR >= MIDDLES[value]!) value++
  VALUES[k] = value
}
