// The fate of a point's orbit, in sentences for people who learn about it.
import { t } from '../language/t.ts'
import type { PointOrbit } from '../net/features.ts'
import { powerOfTen } from '../ui/numbers.ts'

// below it the last digits of a double are all that is left of a multiplier
const NOTHING = 1e-9

export function describeOrbit({ escaped, distance, atom_period, period, multiplier }: PointOrbit): string {
  if (escaped !== undefined) {
    const escapes = t(
      'It escapes: from step {step} on it is farther than 2 from 0. The set is about {distance} away.',
      {
        step: count(escaped),
        distance: powerOfTen(distance!),
      },
    )
    const nearest = t('Its orbit came nearest to 0 at step {step}: this is the atom domain of that period.', {
      step: count(atom_period!),
    })
    return `${escapes} ${nearest}`
  }
  if (period === undefined || multiplier === undefined)
    return t('Neither an escape nor a cycle was found: the point lies on the edge of the set, or very close to it.')
  const size = Math.hypot(multiplier.re, multiplier.im)
  const stays = t('It stays, and approaches a cycle of period {period}.', { period: count(period) })
  const how =
    size < NOTHING
      ? t('0 belongs to the cycle, so the multiplier is 0: nothing approaches it faster.')
      : t('Each round leaves {part} of the distance to it: the multiplier is {number}.', {
          part: size.toPrecision(2),
          number: complex(multiplier),
        })
  return `${stays} ${how}`
}

function count(value: number): string {
  return value.toLocaleString('en')
}

function complex({ re, im }: { re: number; im: number }): string {
  const part = (value: number) => Math.abs(value).toFixed(3)
  return `${re < 0 ? '\u2212' : ''}${part(re)} ${im < 0 ? '\u2212' : '+'} ${part(im)} i`
}
