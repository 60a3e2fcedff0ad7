import { defineConfig } from 'vitest/config'

// what is measured under load, or starts a fleet of processes
const ALONE = ['test/load/**/*.test.ts', 'test/fleet/**/*.test.ts']

export default defineConfig({
  test: {
    globalSetup: 'test/setup.ts',
    // the worker files are named with this file's own ending, so a pool started by a test loads TypeScript: tsx reads it
    execArgv: ['--import', 'tsx'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
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
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
