// What a point's orbit does, in sentences for people who learn about it.
import type { PointOrbit } from '../net/features.ts'
import { powerOfTen } from '../ui/numbers.ts'

export function describeOrbit({ escaped, distance, atom_period, period, multiplier }: PointOrbit): string {
  if (escaped !== undefined) {
    const nearest = atom_period === 1 ? 'at its first step' : `at step ${count(atom_period!)}`
    return (
      `It escapes: from step ${count(escaped)} on it is farther than 2 from 0. The set is about ${powerOfTen(distance!)} away. ` +
      `The orbit came nearest to 0 ${nearest}: this is the atom domain of period ${count(atom_period!)}.`
    )
  }
  if (period === undefined || multiplier === undefined)
    return 'Neither an escape nor a cycle was found: the point lies on the edge of the set, or very close to it.'
  const size = Math.hypot(multiplier.re, multiplier.im)
  const where =
    period === 1
      ? 'It stays, and approaches a single point'
      : `It stays, and approaches a cycle of ${count(period)} points`
  const how =
    size < 1e-9
      ? 'faster than any geometric sequence, because 0 belongs to the cycle'
      : `and each round leaves ${size.toPrecision(2)} of the distance to it`
  return `${where} (period ${count(period)}), ${how}. Multiplier ${complex(multiplier)}.`
}

function count(value: number): string {
  return value.toLocaleString('en')
}

function complex({ re, im }: { re: number; im: number }): string {
  const part = (value: number) => Math.abs(value).toFixed(3)
  return `${re < 0 ? '\u2212' : ''}${part(re)} ${im < 0 ? '\u2212' : '+'} ${part(im)} i`
}
