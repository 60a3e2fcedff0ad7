import { expect, test } from 'vitest'
import { comparison } from '../../../src/web/state/scale.ts'

test('a view is compared with objects of the same ratio of size, from the whole set to beyond a proton', () => {
  expect(comparison(1.3)).toBe('This view shows about the whole set.')
  // a million times smaller: 10^0.39 / 10^6 is 2^-18.6
  expect(comparison(-18.6)).toMatch(/^If the set were as large as .+, this view would be as large as .+\.$/)
  // the orbit of Neptune and an atom are 10^22.95 apart
  expect(comparison((0.39 - 22.95) / Math.log10(2))).toBe(
    'If the set were as large as the orbit of Neptune, this view would be as large as an atom.',
  )
  expect(comparison(-1000)).toBe(
    'If the set were as large as the observable universe, this view would be 10^260 times smaller than a proton.',
  )
})
