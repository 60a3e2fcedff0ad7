import { OPTIONS } from '../../core/options.ts'
import type { MetatileJob } from '../../seed/queue/codec.ts'
import type { JobContext } from '../../seed/queue/jobs.ts'
import { defineCommand } from '../command.ts'
import { stopSignal } from '../exit.ts'
import { LONGEST_SIDE } from '../flags/image.ts'
import { queueFlag, reportQueue, requireQueue } from '../flags/queue.ts'
import { SEED_FLAGS, SEED_OPTIONS } from '../flags/seed.ts'

// The command that queued a job has checked it against its own limits, which may be higher than
// this worker's; but no option of any command allows more than these
const LIMITS = {
  'max-zoom': OPTIONS['max-zoom'].max,
  'max-digits': OPTIONS['max-digits'].max,
  'max-image': LONGEST_SIDE,
  'max-iterations': OPTIONS['max-iterations'].max,
}

/** Takes jobs from a queue. */
export const work = defineCommand({
  name: 'work',
  summary: 'do the work that seed, render and zoom put into a queue',
  usage: '--queue URL [flags]',
  about: [
    'Does the work that seed, render and zoom put into a Redis with --queue, on any number of machines, until a ' +
      'signal ends it: then it returns its jobs. Tiles go to --redis and --cache-dir; if neither is ' +
      "given, into the queue's own Redis. Strips of images and frames of films go back to the command that requested " +
      'them. Prints a line of JSON for each job that ends.',
  ],
  flags: { ...queueFlag('the Redis of the queue'), ...SEED_FLAGS },
  options: SEED_OPTIONS,
  examples: [['work --queue redis://10.0.0.5:6379', 'work with all cores of this machine']],

  async run(flags, { options }) {
    const queue = requireQueue(flags.queue)
    const { deadline, concurrency = options.threads + 1 } = flags
    const nowhere = options.redis === '' && options['cache-dir'] === ''
    const signal = stopSignal()
    const [{ seedRenderer }, { Seeder }, { unpackMetatile }, { stripHandler }, { frameHandler }, { takeJobs }] =
      await Promise.all([
        import('../renderer.ts'),
        import('../../seed/seeder.ts'),
        import('../../seed/queue/codec.ts'),
        import('../../seed/queue/strips.ts'),
        import('../../seed/queue/frames.ts'),
        import('../../seed/queue/worker.ts'),
      ])
    const renderer = await (nowhere
      ? seedRenderer({ ...options, redis: queue }, undefined, '--queue')
      : seedRenderer(options))
    try {
      const seeder = new Seeder(renderer, { concurrency, deadline })
      const tiles = async (job: MetatileJob & { trusting: boolean }, { signal, report }: JobContext) => {
        const metatile = unpackMetatile(job)
        return seeder.seed(metatile, signal, {
          trusting: job.trusting === true,
          onTile: (done) => report(done / metatile.tiles.length),
        })
      }
      await takeJobs(
        queue,
        { tiles, strip: stripHandler(renderer.strips, LIMITS), frame: frameHandler(renderer.frames, LIMITS) },
        {
          concurrency,
          signal,
          onJob: (job) => console.log(JSON.stringify({ time: Date.now(), ...job })),
          onQueue: reportQueue,
        },
      )
    } finally {
      await renderer.close()
    }
  },
})
