import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// what is measured, under load or against the clock
const ALONE = ['test/load/*.test.ts', 'test/cluster/{nginx,throughput,tiers}.test.ts']

// what takes more than ten seconds, the longest first, and what drives a browser by turns with what does not
const LONGEST = (
  'browser/dive cluster/seed browser/page cli/package browser/colours export/imagefile browser/devices http/fuzz browser/places ' +
  'render/film render/depth cli/main cluster/images native/build http/style scheduler/pool browser/probe'
).split(' ')

/** The longest files first, so that no worker is left with one when all others have ended: a fresh clone has no times of its own to go by. */
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
    // the worker files are named with this file's own ending, so a pool started by a test loads TypeScript: tsx reads it
    execArgv: ['--import', 'tsx'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // what is waited for comes later on a busy machine; what has to come in time says so
    expect: { poll: { timeout: 10_000 } },
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        // most of them wait for a browser, a child or a worker now and then: a file for every core, not for all but one
        test: {
          name: 'suite',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        // after all others and one at a time: what is measured under load has the machine to itself
        extends: true,
        test: {
          name: 'load',
          include: ALONE,
          fileParallelism: false,
          // the longest of thousands of answers is in bounds unless the machine itself stood still: what fails is measured once more, and then it counts
          retry: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
