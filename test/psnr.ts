/**
 * Peak signal to noise of two pictures in decibels: 6 for unrelated colours, 35 for an invisible
 * difference.
 */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  const squares = a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0)
  return 10 * Math.log10((255 ** 2 * a.length) / squares)
}
