import { Failure } from '../../core/errors.ts'
import type { Options } from '../../core/options.ts'
import type { Estimate } from '../../seed/estimate.ts'
import type { SeedEvents } from '../../seed/local.ts'
import type { Layer, Part } from '../../seed/plan.ts'
import type { MetatileJob } from '../../seed/queue/codec.ts'
import type { Seeded } from '../../seed/seeder.ts'
import type { Metatile } from '../../seed/tileset.ts'
import { defineCommand } from '../command.ts'
import { stoppable } from '../exit.ts'
import { openQueue, queueFlag } from '../flags/queue.ts'
import { SEED_FLAGS, SEED_OPTIONS } from '../flags/seed.ts'
import { readTiles, TILE_FLAGS } from '../flags/tiles.ts'
import { showTally } from '../progress.ts'
import { duration, size } from '../units.ts'

/** Fills the cache tiers in advance. */
export const seed = defineCommand({
  name: 'seed',
  summary: 'render tiles in advance, here or on many machines',
  usage: '--zooms LIST | --locations FILE [flags]',
  about: [
    'Renders tiles in advance, into --cache-dir and --redis. Tiles that exist are not rendered ' +
      'again. Interrupted? Run the same command with --resume.',
  ],
  flags: {
    ...TILE_FLAGS,
    'dry-run': {
      kind: 'switch',
      meaning: 'render only a sample, and print how many tiles, bytes and hours everything would take',
    },
    sample: {
      kind: 'number',
      min: 1,
      max: 1_000_000,
      default: 200,
      meaning: 'approximate number of tiles in that sample',
    },
    resume: {
      kind: 'switch',
      formerly: 'continue',
      meaning: 'continue: accept existing tiles without reading and checking them',
    },
    ...queueFlag('a Redis: put the work into a queue for `mandeltiles work` on other machines, and show the progress'),
    detach: { kind: 'switch', meaning: 'with --queue: leave the work there and exit' },
    ...SEED_FLAGS,
  },
  options: [...SEED_OPTIONS, 'max-iterations', 'max-zoom', 'max-digits'],
  examples: [
    ['seed --zooms 0-8 --dry-run', 'how many tiles, bytes and hours this will take'],
    ['seed --zooms 0-8 --cache-dir tiles', 'render them into a folder'],
    ['seed --locations bookmarks.json --queue redis://10.0.0.5:6379', 'have other machines render them'],
  ],

  async run(flags, { options }) {
    const { sample, resume, queue, detach, deadline, concurrency = options.threads + 1 } = flags
    if (detach && queue === undefined) throw new Failure('invalid', '--detach requires --queue')
    const { layers, part } = await readTiles(flags, options)
    if (flags['dry-run']) {
      return stoppable(
        async (signal) => printEstimate(await sampled(layers, options, sample, signal), part.of, options),
        () => 'stopped',
      )
    }
    const { metatilesOfPlan } = await import('../../seed/plan.ts')
    const metatiles = () => metatilesOfPlan(layers, part)
    let all = 0
    for (const { tiles } of metatiles()) all += tiles.length
    if (queue !== undefined) return seedByQueue(queue, { metatiles, all, resume }, detach)
    if (options['cache-dir'] === '' && options.redis === '') {
      throw new Failure('invalid', 'there is nowhere to store tiles: --cache-dir or --redis must be given')
    }
    const [{ seedRenderer }, { Seeder }, { seedLocally }] = await Promise.all([
      import('../renderer.ts'),
      import('../../seed/seeder.ts'),
      import('../../seed/local.ts'),
    ])
    const renderer = await seedRenderer(options)
    try {
      const seeder = new Seeder(renderer, { concurrency, deadline })
      await withTally(all, (signal, events) =>
        seedLocally(metatiles(), seeder, { concurrency, signal, trusting: resume, ...events }),
      )
    } finally {
      await renderer.close()
    }
  },
})

/** What to seed. */
interface Run {
  metatiles: () => Iterable<Metatile>
  /** tiles */
  all: number
  resume: boolean
}

async function sampled(layers: Layer[], options: Options, sample: number, signal: AbortSignal): Promise<Estimate> {
  const [{ seedRenderer }, { estimate }] = await Promise.all([
    import('../renderer.ts'),
    import('../../seed/estimate.ts'),
  ])
  const orbits = { made: 0, milliseconds: 0 }
  const renderer = await seedRenderer({ ...options, 'cache-dir': '', redis: '' }, orbits)
  return estimate(layers, renderer, orbits, { sample, threads: options.threads, signal }).finally(() =>
    renderer.close(),
  )
}

async function seedByQueue(url: string, { metatiles, all, resume }: Run, detach: boolean): Promise<void> {
  const { packMetatile } = await import('../../seed/queue/codec.ts')
  const client = await openQueue(url, detach)
  function* jobs() {
    for (const metatile of metatiles())
      yield { kind: 'tiles', data: packMetatile(metatile), hint: { trusting: resume } }
  }
  try {
    if (detach) {
      const count = await client.leave(jobs(), resume)
      return console.log(`${all} tiles in ${count} jobs are waiting for workers`)
    }
    await withTally(all, async (signal, { onMetatile, onProgress }) => {
      const left = jobs()
      const results = client.results(() => left.next().value ?? undefined, {
        resume,
        signal,
        onProgress: (jobs) =>
          onProgress(jobs.reduce((sum, { spec, done }) => sum + done * (spec.data as MetatileJob).tiles.length, 0)),
      })
      for await (const { spec, result, error } of results) {
        const { z, x, y, tiles } = spec.data as MetatileJob
        const failed = () => tiles.map(() => ({ tile: `of the metatile at ${z}/${x}/${y}`, why: error! }))
        onMetatile(result ? (result as Seeded) : { held: 0, rendered: 0, bytes: 0, failed: failed() })
      }
    })
  } finally {
    await client.close()
  }
}

/**
 * Runs work that SIGINT stops, shows its progress, and finally prints how many tiles were found,
 * rendered and failed.
 */
async function withTally(all: number, work: (signal: AbortSignal, events: SeedEvents) => Promise<void>): Promise<void> {
  const { NOTHING, sum, tilesIn } = await import('../../seed/seeder.ts')
  let [seeded, inProgress] = [NOTHING, 0]
  const started = performance.now()
  const tally = showTally(() => ({ done: Math.floor(tilesIn(seeded) + inProgress), all, details: details(seeded) }))
  const events: SeedEvents = {
    onMetatile: (metatile) => {
      seeded = sum(seeded, metatile)
    },
    onProgress: (tiles) => {
      inProgress = tiles
    },
  }
  await stoppable(
    (signal) => work(signal, events),
    () => `stopped after ${tilesIn(seeded)} of ${all} tiles; run the same command with --resume to continue`,
  ).finally(() => tally.end())
  console.log(`${tilesIn(seeded)} tiles in ${duration((performance.now() - started) / 1000)}: ${details(seeded)}`)
  for (const { tile, why } of seeded.failed.slice(0, SHOWN)) console.error(`mandeltiles: tile ${tile}: ${why}`)
  if (seeded.failed.length > SHOWN) console.error(`mandeltiles: and ${seeded.failed.length - SHOWN} more`)
  if (seeded.failed.length > 0) process.exitCode = 1
}

/** Failures that are listed one by one: the first ones show what is wrong. */
const SHOWN = 10

function details({ rendered, held, bytes, failed }: Seeded): string {
  return `${rendered} rendered (${size(bytes)}), ${held} existed before, ${failed.length} failed`
}

function printEstimate(estimate: Estimate, parts: Part['of'], options: Options): void {
  const { tiles, bytes, fileBytes, seconds, orbits } = estimate
  const error = (spread: number) => (spread > 0 ? `, give or take ${Math.ceil(100 * spread)} %` : '')
  const { threads } = options
  const lines = [
    `tiles    ${tiles}`,
    `bytes    ${size(bytes.value)}${error(bytes.spread)}; ${size(fileBytes)} as files`,
    `time     ${duration((seconds.value + orbits.seconds) / threads)}${error(seconds.spread)}, with ${threads} threads of this machine`,
    `cpu      ${duration(seconds.value)} for tiles, ${duration(orbits.seconds)} for ${orbits.count} reference orbits`,
    `estimated from ${estimate.sampled} rendered tiles, spread evenly over every zoom`,
  ]
  if (parts > 1) lines.push(`each of ${parts} parts takes about 1/${parts} of that`)
  console.log(lines.join('\n'))
  if (options['cache-dir'] !== '' && fileBytes > options['cache-dir-bytes']) {
    const allowed = size(options['cache-dir-bytes'])
    console.error(`mandeltiles: --cache-dir-bytes allows ${allowed}, so the first tiles would be removed again`)
  }
}
