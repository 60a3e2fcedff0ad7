import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Measured under load or against the clock: these have the machine to themselves.
const ALONE = ['test/load/*.test.ts', 'test/cluster/{nginx,throughput,tiers}.test.ts']

// What is measured runs one file after another, each in a process of its own.
const ALONE_EACH = { fileParallelism: false, isolate: true }

// Four minutes together: `npm run test:long` runs them before a release, not on every commit.
const LONG = ['test/load/{overload,siege,soak}.test.ts', 'test/browser/dive.test.ts']

// Neither a thread, a socket nor a process of their own.
const UNIT = [
  'test/*.test.ts',
  'test/{core,plane,colour,formats,kernel,cache,seed}/**/*.test.ts',
  'test/scheduler/{admission,singleflight}.test.ts',
  'test/web/{map,state}/**/*.test.ts',
]

// Files that take more than five seconds, the longest first.
const LONGEST = (
  'browser/page http/deadline browser/colours render/depth browser/coverage cli/main browser/places cluster/seed ' +
  'browser/access cli/like browser/connection cluster/queue browser/devices http/connections browser/probe render/film ' +
  'browser/export export/imagefile browser/rotation cli/stop browser/playing http/fuzz browser/islands cluster/images ' +
  'browser/pyramid cli/package browser/iiif export/resume browser/readme cluster/determinism browser/orbit ' +
  'cluster/impostor browser/archive http/patterns browser/layer http/style http/iiif render/zone render/filmcolours http/features ' +
  'browser/offline cluster/versions browser/orbitoverlay http/hostile'
).split(' ')

/**
 * Starts the longest files of a project first, so that no worker is left with one at the end. A
 * fresh clone has no recorded times. The files of a project follow each other, because only they
 * share a process, and a process takes 1.4 s of CPU to start.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      return at < 0 ? LONGEST.length : at
    }
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder
    const name = ({ project }: TestSpecification) => project.name
    return (await super.sort(files)).sort(
      (a, b) => group(a) - group(b) || name(a).localeCompare(name(b)) || rank(a) - rank(b),
    )
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
      project('unit', { include: UNIT }, 0),
      project(
        'http',
        { include: ['test/{http,render,scheduler,export,cli,native,web}/**/*.test.ts'], exclude: UNIT },
        1,
      ),
      project('cluster', { include: ['test/cluster/*.test.ts'], exclude: ALONE }, 1),
      project('browser', { include: ['test/browser/*.test.ts'], exclude: LONG }, 2),
      // The longest of thousands of answers is in bounds unless the machine itself stood still: a
      // failure is measured once more.
      project('load', { include: ALONE, exclude: LONG, ...ALONE_EACH }, 3),
      project('long', { include: LONG, ...ALONE_EACH }, 4),
    ],
  },
})

/**
 * Projects of the same `groupOrder` run side by side, a file on every core, many files in a
 * process. (Three processes on two cores take 7 % longer than two: the processor is the limit.)
 */
function project(name: string, test: object, groupOrder: number) {
  // a browser beside servers and workers on two cores, and what is measured, may find the machine
  // busy: these are given a second try
  const retry = ['browser', 'load', 'long'].includes(name) ? 1 : 0
  return {
    extends: true as const,
    test: { name, maxWorkers: '100%', isolate: false, retry, ...test, sequence: { groupOrder } },
  }
}
