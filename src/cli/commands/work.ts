import { Failure } from '../../core/errors.ts'
import { type OptionName, resolveOptions } from '../../core/options.ts'
import { parseWhole } from '../../core/parse.ts'
import { type MetatileJob, unpackMetatile } from '../../seed/queue/codec.ts'
import { frameHandler } from '../../seed/queue/frames.ts'
import type { JobContext } from '../../seed/queue/jobs.ts'
import { stripHandler } from '../../seed/queue/strips.ts'
import { Seeder } from '../../seed/seeder.ts'
import { BULK_OPTIONS, bulkRenderer, DEADLINE, readQueue, stopSignal } from '../batch.ts'
import type { Command } from '../command.ts'
import { describeOptions, optionFlags, readFlags } from '../flags.ts'

const USAGE = `usage: mandeltiles work --queue URL [options]

Takes the work that \`seed\`, \`render\` and \`zoom\` put into a Redis with --queue, on any number of machines, until it is told to end. Tiles go into what
--redis and --cache-dir name; where neither is given, into the queue's own Redis. Strips of pictures and frames of films go back to who wants them.

  --queue URL       the Redis of the queue
  --concurrency     jobs and tiles under way at once; default one more than the threads
  --deadline        seconds that one tile may take, then it is given up; default ${DEADLINE}

`

// who gave the work out has checked it by limits of its own
const LIMITS = Object.fromEntries(
  (['max-zoom', 'max-digits', 'max-image', 'max-iterations'] as const).map((name) => [name, Number.MAX_SAFE_INTEGER]),
) as Record<'max-zoom' | 'max-digits' | 'max-image' | 'max-iterations', number>

/** Takes jobs from a queue. */
export const work: Command = {
  summary: 'take work that seed, render and zoom give out by --queue',

  async run(words) {
    const flags = readFlags(words, {
      ...Object.fromEntries(['queue', 'concurrency', 'deadline'].map((name) => [name, { type: 'string' as const }])),
      ...optionFlags(BULK_OPTIONS),
      help: { type: 'boolean' },
    }) as Record<string, string | undefined>
    if (flags.help) return console.log(`${USAGE}${describeOptions(BULK_OPTIONS)}`)
    if (flags.queue === undefined) throw new Failure('invalid', '--queue must be given: the Redis that has the work')
    const queue = readQueue(flags.queue)
    const { options } = resolveOptions(flags as Partial<Record<OptionName, string>>, process.env)
    const whole = (name: string, fallback: number, max: number) =>
      flags[name] === undefined ? fallback : parseWhole(`--${name}`, flags[name], 1, max)
    const concurrency = whole('concurrency', options.threads + 1, 10_000)
    const deadline = whole('deadline', DEADLINE, 86_400 * 30)
    const nowhere = options.redis === '' && options['cache-dir'] === ''

    const signal = stopSignal()
    const renderer = await bulkRenderer({ ...options, ...(nowhere && { redis: queue }) })
    try {
      const seeder = new Seeder(renderer, { concurrency, deadline })
      const { takeJobs } = await import('../../seed/queue/jobs.ts')
      const tiles = (job: MetatileJob & { trusting: boolean }, { signal, report }: JobContext) =>
        seeder.block(unpackMetatile(job), signal, {
          trusting: job.trusting,
          onTile: (done) => report(done / job.tiles.length),
        })
      await takeJobs(
        queue,
        { tiles, strip: stripHandler(renderer.strips, LIMITS), frame: frameHandler(renderer.frames, LIMITS) },
        {
          atOnce: concurrency,
          signal,
          told: (job) => console.log(JSON.stringify({ time: Date.now(), ...job })),
        },
      )
    } finally {
      await renderer.close()
    }
  },
}
