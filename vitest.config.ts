import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Measured under load or against the clock: these have the machine to themselves.
const ALONE = ['test/load/*.test.ts', 'test/cluster/{nginx,throughput,tiers}.test.ts']

// Four minutes together: `npm run test:long` runs them before a release, not on every commit.
const LONG = ['test/load/{overload,siege,soak}.test.ts', 'test/browser/dive.test.ts']

// Neither a thread, a socket nor a process of their own.
const UNIT = [
  'test/*.test.ts',
  'test/{core,plane,colour,formats,kernel,cache,seed}/**/*.test.ts',
  'test/scheduler/{admission,singleflight}.test.ts',
  'test/web/{map,state}/**/*.test.ts',
]

// Files that take more than ten seconds, the longest first; those that drive a browser alternate
// with others.
const LONGEST = (
  'browser/page cluster/queue browser/dive cli/package browser/colours http/deadline browser/places render/depth browser/coverage ' +
  'cluster/seed browser/devices cluster/hostile browser/access cli/like browser/connection http/fuzz http/connections ' +
  'export/imagefile render/zone render/filmcolours cli/main render/film cli/stop native/build http/hostile browser/rotation ' +
  'cluster/images http/patterns export/resume browser/probe http/iiif browser/playing'
).split(' ')

/**
 * Starts the longest files first, so that no worker is left with one when all others have ended. A
 * fresh clone has no recorded times.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      return at < 0 ? LONGEST.length : at
    }
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder
    return (await super.sort(files)).sort((a, b) => group(a) - group(b) || rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    globalSetup: 'test/setup.ts',
    // A pool that a test starts loads the workers as TypeScript, which tsx reads.
    execArgv: ['--import', 'tsx'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A busy machine takes longer; a test of a deadline sets its own.
    expect: { poll: { timeout: 10_000 } },
    sequence: { sequencer: LongestFirst },
    projects: [
      // one process for many files: a process of each file's own would take longer than its tests
      project('unit', { include: UNIT, isolate: false }, 0),
      project(
        'http',
        { include: ['test/{http,render,scheduler,export,cli,native,web}/**/*.test.ts'], exclude: UNIT },
        1,
      ),
      project('browser', { include: ['test/browser/*.test.ts'], exclude: LONG }, 1),
      project('cluster', { include: ['test/cluster/*.test.ts'], exclude: ALONE }, 1),
      // The longest of thousands of answers is in bounds unless the machine itself stood still: a
      // failure is measured once more.
      project('load', { include: ALONE, exclude: LONG, fileParallelism: false, retry: 1 }, 2),
      project('long', { include: LONG, fileParallelism: false }, 3),
    ],
  },
})

/** Projects of the same `groupOrder` run side by side, a file on every core. */
function project(name: string, test: object, groupOrder: number) {
  // with a browser, servers and workers on two cores a test may find the machine busy: it is given
  // a second try
  const retry = name === 'unit' ? 0 : 1
  return { extends: true as const, test: { name, maxWorkers: '100%', retry, ...test, sequence: { groupOrder } } }
}
