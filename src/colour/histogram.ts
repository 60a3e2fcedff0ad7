// The levels of the histogram style: quantiles of a view's smooth counts, below which equal shares
// of its samples lie. A tile does not know which view it is shown in. So a client asks for the
// levels of its view once (/levels.json), and sends them with the request for every tile.

import { Failure, mustBe } from '../core/errors.ts'
import { readNumber } from '../core/parse.ts'
import { BIAS } from './phase.ts'

const FEWEST = 2
const MOST = 33

/** The allowed levels, in words. */
export const LEVELS_FORM = `${FEWEST} to ${MOST} numbers from 0 to 1e15, ascending, separated by commas`

/** Reads levels. @throws Failure `invalid` if the text has no valid levels */
export function parseLevels(text: string): number[] {
  const refuse = () => new Failure('invalid', mustBe('levels', LEVELS_FORM, text))
  const parts = text.split(',')
  if (parts.length < FEWEST || parts.length > MOST) throw refuse()
  const levels = parts.map(readNumber)
  if (!levels.every((level, k) => level >= 0 && level <= 1e15 && (k === 0 || level > levels[k - 1]!))) throw refuse()
  return levels
}

/** Levels' shortest text. */
export function formatLevels(levels: readonly number[]): string {
  return levels.map(String).join()
}

/** The levels of a view's smooth counts. Samples that did not escape, below 0, are left out. */
export function quantiles(nu: Float64Array): number[] {
  const escaped = nu.filter((count) => count >= 0).sort()
  const levels: number[] = []
  for (let k = 0; k < MOST; k++) {
    const at = escaped[Math.round((k * (escaped.length - 1)) / (MOST - 1))] ?? 0
    // colours do not show finer differences than two decimals; equal levels become one
    const level = Math.round(100 * at) / 100
    if (levels.length === 0 || level > levels.at(-1)!) levels.push(level)
  }
  return levels.length < FEWEST ? [levels[0]!, levels[0]! + 1] : levels
}

/**
 * The share of samples below a count, from 0 to 1. Between two levels it is linear in the logarithm
 * that the colours follow.
 */
export function cumulativeShare(levels: readonly number[]): (nu: number) => number {
  const logs = Float64Array.from(levels, (level) => Math.log2(level + BIAS))
  const last = logs.length - 1
  return (nu) => {
    const log = Math.log2(nu + BIAS)
    if (!(log > logs[0]!)) return 0
    if (log >= logs[last]!) return 1
    let [low, high] = [0, last]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (log >= logs[middle]!) low = middle
      else high = middle
    }
    return (low + (log - logs[low]!) / (logs[high]! - logs[low]!)) / last
  }
}
