import type { Decimal } from '../plane/decimal.ts'
import { toFixed } from '../plane/decimal.ts'

/** A region that explorers know by name: a disc about (re, ±im). */
interface Region {
  name: string
  re: number
  im: number
  radius: number
}

// small ones first, since they lie in larger ones; names as on Wikipedia and mrob.com (Mu-Ency)
const REGIONS: Region[] = [
  { name: 'The airplane', re: -1.7549, im: 0, radius: 0.02 },
  { name: 'Feigenbaum point', re: -1.401155, im: 0, radius: 0.01 },
  { name: 'Triple spiral valley', re: -0.088, im: 0.654, radius: 0.03 },
  { name: 'Quad spiral valley', re: 0.274, im: 0.482, radius: 0.03 },
  { name: 'Seahorse valley', re: -0.75, im: 0.1, radius: 0.09 },
  { name: 'Elephant valley', re: 0.3, im: 0.02, radius: 0.07 },
  { name: 'Scepter valley', re: -1.26, im: 0.02, radius: 0.06 },
  { name: 'The rabbit', re: -0.1226, im: 0.7449, radius: 0.12 },
  { name: 'The antenna', re: -1.7, im: 0, radius: 0.31 },
]

/** A view's title: its region, and its magnification if it has one. */
export function viewTitle(re: Decimal, im: Decimal, zoom: number): string {
  const name = zoom < 3 ? undefined : regionOf(double(re), Math.abs(double(im)))
  const power = Math.round(zoom * Math.log10(2))
  return `${name ?? 'The Mandelbrot set'}${power > 0 ? `, 10^${power}` : ''}`
}

function regionOf(re: number, im: number): string | undefined {
  return REGIONS.find((region) => Math.hypot(re - region.re, im - region.im) < region.radius)?.name
}

function double(value: Decimal): number {
  return Number(toFixed(value, 40)) / 2 ** 40
}
