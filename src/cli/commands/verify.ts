import { TILE_SIZE } from '../../plane/tile.ts'
import { imageView } from '../../plane/view.ts'
import type { Distribution, Verification } from '../../render/verify.ts'
import { Ticket } from '../../scheduler/ticket.ts'
import { defineCommand } from '../command.ts'
import { stoppable } from '../exit.ts'
import { PLACE_FLAGS, readPlace } from '../flags/place.ts'
import { OUT_TEXT_FLAG, writeText } from '../flags/text.ts'

// about 15 seconds of fixed point at zoom 100
const BUDGET = 5e7

/** Verifies samples of a view against fixed point. */
export const verify = defineCommand({
  name: 'verify',
  summary: 'measure the error of the samples of a view against fixed point',
  usage: '[flags]',
  about: [
    'Computes the view that a tile of this zoom would show around the centre, and some of its samples again in fixed ' +
      'point with twice the digits, without perturbation. Writes the distribution of the backward error: how far from ' +
      'its centre, in samples, lies a point whose true count equals the given one.',
    'The exit code is 1 if a sample exceeds the documented error bound, or is shown as interior although it escapes.',
  ],
  flags: {
    ...PLACE_FLAGS,
    samples: { kind: 'number', min: 1, max: 65536, default: 64, meaning: 'how many samples to verify' },
    seed: { kind: 'number', min: 0, max: 2 ** 31, default: 1, meaning: 'chooses which ones' },
    ...OUT_TEXT_FLAG,
  },
  options: ['max-zoom', 'max-iterations'],
  examples: [
    ['verify --re -0.743643887037158704752 --im 0.131825904205311970493 --zoom 40', 'a view by perturbation'],
    ['verify --re -0.75 --im 0.01 --zoom 12 --samples 1000', 'near a parabolic point, in double precision'],
  ],

  async run(flags, { options }) {
    const { re, im, zoom } = readPlace(flags, options)
    const request = {
      view: imageView(re, im, zoom, TILE_SIZE, TILE_SIZE),
      zoom,
      maxIter: 'auto' as const,
      count: flags.samples,
      seed: flags.seed,
      budget: BUDGET,
    }
    const [{ localRenderer }, { distribution, verifyView }] = await Promise.all([
      import('../renderer.ts'),
      import('../../render/verify.ts'),
    ])
    const renderer = localRenderer({ ...options, threads: 1 })
    try {
      const found = await stoppable(
        (signal) => verifyView(renderer, request, { signal, ticket: new Ticket('bulk') }),
        () => 'stopped',
      )
      const errors = distribution(found)
      await writeText(report(found, errors), flags.out)
      if (errors.kept < found.samples.length || errors.falseInterior > 0) process.exitCode = 1
    } finally {
      await renderer.close()
    }
  },
})

function report(found: Verification, errors: Distribution): string {
  const { arithmetic, limit, period, log2Spacing, bits, samples, undecided } = found
  const orbit = period > 0 ? `, period of the reference ${period}` : ''
  return [
    `samples 2^${log2Spacing.toFixed(1)} apart by ${arithmetic}, iteration limit ${limit}${orbit}`,
    `the truth of ${samples.length} samples in fixed point of ${bits} bits`,
    `backward error in samples: median ${size(errors.median)}, 95 % ${size(errors.p95)}, worst ${size(errors.worst)}`,
    `within the bound of ${size(errors.promise)}: ${errors.kept}`,
    `unexplained: ${errors.unexplained}`,
    ...(undecided > 0 ? [`not decided within the budget: ${undecided}`] : []),
    `false interior: ${errors.falseInterior}`,
    '',
  ].join('\n')
}

function size(error: number): string {
  return error === 0 ? '0' : error.toExponential(1)
}
