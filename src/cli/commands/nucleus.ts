import { FEATURE_KINDS, type FeatureRequest } from '../../kernel/request.ts'
import { defineCommand } from '../command.ts'
import { stoppable } from '../exit.ts'
import { PLACE_FLAGS, readPlace } from '../flags/place.ts'
import { OUT_TEXT_FLAG, writeText } from '../flags/text.ts'

/** Finds the island or the Misiurewicz point that dominates a view. */
export const nucleus = defineCommand({
  name: 'nucleus',
  summary: 'the island or Misiurewicz point that dominates a view, as JSON',
  usage: '[flags]',
  about: [
    'Finds the island of the lowest period in the square that a tile of this zoom would show around the centre, and ' +
      'writes its period, nucleus, size, zoom, angle and kind as JSON, with all the digits that its size requires.',
    'With --kind misiurewicz it finds the Misiurewicz point of the lowest preperiod and period.',
  ],
  flags: {
    ...PLACE_FLAGS,
    kind: { kind: 'choice', choices: FEATURE_KINDS, default: 'nucleus', meaning: 'what to find' },
    ...OUT_TEXT_FLAG,
  },
  options: ['max-zoom'],
  examples: [
    ['nucleus --re -1.76 --im 0 --zoom 5', 'the island of period 3 on the antenna'],
    ['nucleus --re -0.1 --im 0.95 --zoom 3 --kind misiurewicz', 'the centre of the nearest spiral'],
  ],

  async run(flags, { options }) {
    const request: FeatureRequest = { ...readPlace(flags, options), kind: flags.kind }
    const { localRenderer } = await import('../renderer.ts')
    // one task on one thread
    const renderer = localRenderer({ ...options, threads: 1 })
    try {
      const { bytes } = await stoppable(
        (signal) => Promise.resolve(renderer.feature(request).find({ signal })),
        () => 'stopped',
      )
      await writeText(`${JSON.stringify(JSON.parse(Buffer.from(bytes).toString()), undefined, 2)}\n`, flags.out)
    } finally {
      await renderer.close()
    }
  },
})
