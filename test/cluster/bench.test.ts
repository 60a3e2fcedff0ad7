// What a failing benchmark does.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'

const cwd = fileURLToPath(ROOT)

test('a failing benchmark leaves no server behind', async () => {
  const script =
    "import { serve } from './test/cluster/processes.ts'; console.log((await serve()).url); await new Promise((go) => process.once('message', go)); throw new Error('it failed')"
  const words = ['--import', 'tsx', '--input-type=module', '-e', script]
  const bench = spawn(process.execPath, words, { cwd, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] })
  const [line] = await once(bench.stdout!, 'data')
  const url = String(line).trim()
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  bench.send('fail')
  expect(await once(bench, 'exit')).toEqual([1, null])
  await expect.poll(() => fetch(`${url}/healthz`).catch(() => 'gone'), { timeout: 25_000 }).toBe('gone')
})

test('an unknown benchmark name is refused with the list of names, in one line', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'bench/run.ts', 'tyle'], {
    cwd,
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/^bench: a benchmark must be one of tile, .* it was "tyle"\n$/),
  ])
})
