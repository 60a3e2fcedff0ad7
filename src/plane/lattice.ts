// Where a view's samples lie in the lattice of all samples of its spacing, along the axes of the
// plane: patterns that are fixed to this lattice continue from tile to tile.
import { floorDivide } from './decimal.ts'
import type { Step, View } from './view.ts'

/**
 * Six numbers: the first sample's place, along re and down im from 0; what a column adds to both,
 * and what a row does. A rotated view's columns count as the axis that is closest to them. Places
 * beyond 2^29 are moved by multiples of 256.
 */
export type LatticePlace = Int32Array<ArrayBuffer>

/** The lattice position of a view. */
export function latticePlace({ re, im, columnStep, rowStep }: View): LatticePlace {
  const along = (sign: number, step: Step) =>
    reduced(floorDivide(BigInt(sign) * (re * step.re + im * step.im), step.re ** 2n + step.im ** 2n))
  const [acrossRe, acrossIm] = [sign(columnStep.re), -sign(columnStep.im)]
  const [downRe, downIm] = [sign(rowStep.re), -sign(rowStep.im)]
  return magnitude(columnStep.re) >= magnitude(columnStep.im)
    ? Int32Array.of(along(acrossRe, columnStep), along(downIm, rowStep), acrossRe, 0, 0, downIm)
    : Int32Array.of(along(downRe, rowStep), along(acrossIm, columnStep), 0, acrossIm, downRe, 0)
}

const sign = (value: bigint) => (value < 0n ? -1 : 1)
const magnitude = (value: bigint) => (value < 0n ? -value : value)

const MOST = 2n ** 29n

function reduced(place: bigint): number {
  if (place < 0n) return -1 - reduced(-1n - place)
  return Number(place < MOST ? place : MOST + (place & 255n))
}
