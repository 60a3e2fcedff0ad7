// What a point's orbit does, against plain iterations in BigInt.
import { expect, test } from 'vitest'
import { generator } from '../../bench/data/random.ts'
import { parseDecimal, toFixed } from '../../src/plane/decimal.ts'
import { behaviourOf } from '../../workers/behaviour.ts'

const BITS = 512
const LONGEST = 5000
const shift = BigInt(BITS)

/** The iteration that comes nearest to 0 before the orbit escapes; undefined if it does not. */
function nearest(re: string, im: string): { period: number; escaped: number } | undefined {
  const [a, b] = [toFixed(parseDecimal(re)!, BITS), toFixed(parseDecimal(im)!, BITS)]
  let [x, y] = [0n, 0n]
  let best = { period: 0, size: 1n << BigInt(3 * BITS) }
  for (let n = 1; n <= LONGEST; n++) {
    ;[x, y] = [((x * x - y * y) >> shift) + a, ((2n * x * y) >> shift) + b]
    const size = x * x + y * y
    if (size < best.size) best = { period: n, size }
    if (size > 4n << (2n * shift)) return { period: best.period, escaped: n }
  }
  return undefined
}

test('the period of the atom domain is the index of the nearest iterate, at 200 random points', () => {
  const random = generator(20)
  let found = 0
  while (found < 200) {
    // half of them all over the square, half in the seahorse valley, at up to 40 digits
    const deep = found % 2 === 1
    const digits = deep ? 4 + Math.floor(36 * random()) : 16
    const more = (text: string) => text + Array.from({ length: digits }, () => Math.floor(10 * random())).join('')
    const [re, im] = deep
      ? [more('-0.743643887037151'), more('0.131825904205330')]
      : [`${-2 + 2.6 * random()}`, `${2.4 * random() - 1.2}`]
    const expected = nearest(re, im)
    if (!expected) continue
    found++
    const own = Math.ceil(re.length * Math.log2(10))
    const said = behaviourOf(parseDecimal(re)!, parseDecimal(im)!, own, 2 ** 20, new Int32Array(1))
    expect(said, `${re} ${im}`).toMatchObject({
      kind: 'escapes',
      atomPeriod: expected.period,
      escaped: expected.escaped,
    })
  }
})
