import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDecimal, parseDecimal } from '../../src/plane/decimal.ts'
import { readViewId, viewId } from '../../src/plane/viewid.ts'

const number = fc
  .record({ digits: fc.bigInt({ min: -(2n ** 3000n), max: 2n ** 3000n }), scale: fc.integer({ min: 850, max: 950 }) })
  // as every number is read, without zeros at its end
  .map((decimal) => formatDecimal(parseDecimal(formatDecimal(decimal))!))

test('an id names one view, and equal views have equal ids', () => {
  const view = fc.record({
    zoom: fc.integer({ min: 0, max: 10_000 }).map(String),
    re: number,
    im: number,
    look: fc.stringMatching(/^[\w=&,.@;%-]{0,400}$/),
  })
  fc.assert(
    fc.property(view, (named) => {
      const id = viewId(named)
      expect(id).toMatch(/^~[\w-]+$/)
      expect(readViewId(id)).toEqual(named)
      expect(viewId({ ...named })).toBe(id)
    }),
    { numRuns: 200 },
  )
})

test('an id is half as long as the digits that it holds', () => {
  const digits = Array.from({ length: 3014 }, (_, k) => (7 * k * k + 3 * k + 1) % 10).join('')
  const id = viewId({ zoom: '10000', re: `-0.7${digits}`, im: `0.1${digits}`, look: 'palette=tidal' })
  expect(id.length).toBeLessThan(3450)
})

test('an invalid id decodes to nothing, however it was made', () => {
  for (const text of ['', '~', '3', '~A', '~!!!!', '~AAAA', '~________________', `~${'A'.repeat(5000)}`])
    expect(readViewId(text)).toBeUndefined()
  fc.assert(
    fc.property(fc.stringMatching(/^~[\w-]{0,80}$/), (text) => {
      const view = readViewId(text)
      expect(view === undefined || typeof view.re === 'string').toBe(true)
    }),
  )
})
