import { Failure } from '../../core/errors.ts'
import { type OptionName, type Options, resolveOptions } from '../../core/options.ts'
import { parseWhole } from '../../core/parse.ts'
import { type Estimate, estimate } from '../../seed/estimate.ts'
import { type RunEvents, seedLocally } from '../../seed/local.ts'
import { metatilesOfPlan } from '../../seed/plan.ts'
import { type MetatileJob, packMetatile } from '../../seed/queue/codec.ts'
import { NOTHING, type Seeded, Seeder, sum, tilesIn } from '../../seed/seeder.ts'
import type { Metatile } from '../../seed/tileset.ts'
import { BULK_OPTIONS, bulkRenderer, DEADLINE, openQueue, readQueue, stopSignal } from '../batch.ts'
import type { Command } from '../command.ts'
import { describeOptions, optionFlags, readFlags } from '../flags.ts'
import { duration, showTally, size } from '../tally.ts'
import { readWanted, WANTED, WANTED_USAGE, type WantedFlags } from '../tileflags.ts'

const NAMES: readonly OptionName[] = [...BULK_OPTIONS, 'max-iterations', 'max-zoom', 'max-digits']

const USAGE = `usage: mandeltiles seed --zooms LIST [options]

Renders tiles before anybody asks for them, into what --cache-dir and --redis name. What is there is not rendered again, so a run that was stopped
is taken up by giving it again.

${WANTED_USAGE}
  --dry-run         renders a sample only, and tells from that what all would take: tiles, bytes, time
  --sample          tiles of the sample, about; default 200
  --continue        after a run that was stopped: what is there by name is taken for whole, not read and checked
  --queue URL       a Redis: puts the work into a queue for \`mandeltiles work\` on any machines, and shows how far it is
  --detach          with --queue: leaves it there and ends
  --concurrency     tiles under way at once; default one more than the threads
  --deadline        seconds that one tile may take, then it is given up; default ${DEADLINE}

`

/** A run's blocks, all their tiles, and how it is to be done. */
interface Run {
  blocks: () => Iterable<Metatile>
  all: number
  continuing: boolean
  signal: AbortSignal
}

/** Fills the tiers beforehand. */
export const seed: Command = {
  summary: 'render tiles beforehand, here or by many machines',

  async run(words) {
    const texts = [...WANTED, 'sample', 'concurrency', 'deadline', 'queue']
    const flags = readFlags(words, {
      ...Object.fromEntries(texts.map((name) => [name, { type: 'string' as const }])),
      ...Object.fromEntries(
        ['dry-run', 'continue', 'detach', 'help'].map((name) => [name, { type: 'boolean' as const }]),
      ),
      ...optionFlags(NAMES),
    })
    if (flags.help) return console.log(`${USAGE}${describeOptions(NAMES)}`)
    const text = flags as WantedFlags
    const { options } = resolveOptions(text as Partial<Record<OptionName, string>>, process.env)
    const whole = (name: string, fallback: number, max: number) =>
      text[name] === undefined ? fallback : parseWhole(`--${name}`, text[name], 1, max)
    const sample = whole('sample', 200, 1_000_000)
    const concurrency = whole('concurrency', options.threads + 1, 10_000)
    const deadline = whole('deadline', DEADLINE, 86_400 * 30)
    const queue = text.queue === undefined ? undefined : readQueue(text.queue)
    if (flags.detach && queue === undefined) throw new Failure('invalid', '--detach goes with --queue')
    const { layers, part } = await readWanted(text, options)

    const signal = stopSignal()
    if (flags['dry-run']) {
      const orbits = { made: 0, milliseconds: 0 }
      const renderer = await bulkRenderer({ ...options, 'cache-dir': '', redis: '' }, orbits)
      try {
        const { threads } = options
        return foretell(await estimate(layers, renderer, orbits, { sample, threads, signal }), part.of, options)
      } finally {
        await renderer.close()
      }
    }
    let all = 0
    for (const block of metatilesOfPlan(layers, part)) all += block.tiles.length
    const run = { blocks: () => metatilesOfPlan(layers, part), all, continuing: flags.continue === true, signal }
    if (queue !== undefined) return byQueue(queue, run, flags.detach === true)
    if (options['cache-dir'] === '' && options.redis === '') {
      throw new Failure('invalid', 'there is nowhere to keep tiles: --cache-dir or --redis must be given')
    }
    const renderer = await bulkRenderer(options)
    try {
      const seeder = new Seeder(renderer, { concurrency, deadline })
      await shown(run, (events) =>
        seedLocally(run.blocks(), seeder, { atOnce: concurrency, signal, trusting: run.continuing, ...events }),
      )
    } finally {
      await renderer.close()
    }
  },
}

async function byQueue(url: string, { blocks, continuing, ...run }: Run, detach: boolean): Promise<void> {
  const jobs = await openQueue(url, detach)
  function* orders() {
    for (const block of blocks()) yield { kind: 'tiles', data: packMetatile(block), hint: { trusting: continuing } }
  }
  try {
    if (detach) {
      const count = await jobs.leave(orders(), continuing)
      console.log(`${run.all} tiles in ${count} jobs wait for workers`)
      return
    }
    await shown({ blocks, continuing, ...run }, async ({ onBlock, onUnderWay }) => {
      const left = orders()
      const outcomes = jobs.results(() => left.next().value ?? undefined, {
        continuing,
        signal: run.signal,
        onUnderWay: (some) =>
          onUnderWay(some.reduce((sum, { order, done }) => sum + done * (order.data as MetatileJob).tiles.length, 0)),
      })
      for await (const { order, result, why } of outcomes) {
        const { z, x, y, tiles } = order.data as MetatileJob
        const failed = () => tiles.map(() => ({ tile: `of the block at ${z}/${x}/${y}`, why: why! }))
        onBlock(result ? (result as Seeded) : { ...NOTHING, failed: failed() })
      }
    })
  } finally {
    await jobs.close()
  }
}

/** Runs `work`, shows how far it is, and tells at the end what became of all. */
async function shown({ all, signal }: Run, work: (events: RunEvents) => Promise<void>): Promise<void> {
  let [seeded, underWay] = [NOTHING, 0]
  const started = performance.now()
  const tally = showTally(() => ({ done: Math.floor(tilesIn(seeded) + underWay), all, more: `, ${details(seeded)}` }))
  try {
    await work({
      onBlock: (block) => {
        seeded = sum(seeded, block)
      },
      onUnderWay: (tiles) => {
        underWay = tiles
      },
    })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new Failure(
      'cancelled',
      `stopped after ${tilesIn(seeded)} of ${all} tiles: the same again with --continue goes on`,
    )
  } finally {
    tally.end()
  }
  console.log(`${tilesIn(seeded)} tiles in ${duration((performance.now() - started) / 1000)}: ${details(seeded)}`)
  for (const { tile, why } of seeded.failed.slice(0, SHOWN)) console.error(`mandeltiles: tile ${tile}: ${why}`)
  if (seeded.failed.length > SHOWN) console.error(`mandeltiles: and ${seeded.failed.length - SHOWN} more`)
  if (seeded.failed.length > 0) process.exitCode = 1
}

// failures told one by one: the first tell what is wrong
const SHOWN = 10

function details({ rendered, held, bytes, failed }: Seeded): string {
  return `${rendered} rendered (${size(bytes)}), ${held} there before, ${failed.length} failed`
}

function foretell(
  { tiles, sampled, bytes, fileBytes, seconds, orbits }: Estimate,
  parts: number,
  options: Options,
): void {
  const give = (spread: number) => (spread > 0 ? `, give or take ${Math.ceil(100 * spread)} %` : '')
  const { threads } = options
  const lines = [
    `tiles    ${tiles}`,
    `bytes    ${size(bytes.value)}${give(bytes.spread)}; ${size(fileBytes)} as files`,
    `time     ${duration((seconds.value + orbits.seconds) / threads)}${give(seconds.spread)}, by ${threads} threads of this machine`,
    `cpu      ${duration(seconds.value)} for tiles, ${duration(orbits.seconds)} for ${orbits.count} reference orbits`,
    `told from ${sampled} tiles that were really rendered, spread evenly over every zoom`,
  ]
  if (parts > 1) lines.push(`each of ${parts} parts is about that divided by ${parts}`)
  console.log(lines.join('\n'))
  if (options['cache-dir'] !== '' && fileBytes > options['cache-dir-bytes']) {
    console.error(
      `mandeltiles: --cache-dir-bytes allows ${size(options['cache-dir-bytes'])}: the first tiles would go again`,
    )
  }
}
