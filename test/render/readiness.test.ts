// The pipeline is checked before it gets requests: each kind of task, once.
import { afterAll, expect, test } from 'vitest'
import { Readiness } from '../../src/render/readiness.ts'
import { Pool } from '../../src/scheduler/pool.ts'

const pool = new Pool({ slots: 1, length: 10, wait: 60 })
afterAll(() => pool.close())

test('readiness runs every kind of task, and a second check within ten seconds runs none', async () => {
  const readiness = new Readiness(pool)
  const kinds = new Set<string>()
  const run = pool.run.bind(pool)
  pool.run = (kind, ...others) => {
    kinds.add(kind)
    return run(kind, ...others)
  }
  expect(await readiness.check()).toBeLessThan(1000)
  expect([...kinds].sort()).toEqual([
    'frame',
    'grid',
    'islands',
    'iterates',
    'misiurewicz',
    'nucleus',
    'orbit',
    'probe',
    'recolour',
    'view',
  ])
  kinds.clear()
  await readiness.check()
  expect(kinds.size).toBe(0)
})
