/**
 * Peak signal to noise of two pictures in decibels: 6 where colours have nothing in common, 35
 * where nobody sees a difference.
 */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  const squares = a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0)
  return 10 * Math.log10((255 ** 2 * a.length) / squares)
}
