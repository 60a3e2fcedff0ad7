// The limits that protect a server do not apply to commands.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'

test('a pyramid is written completely although its tiles wait longer for a thread than --max-wait', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-patience-'))
  // at 1/4 + e samples escape after pi / sqrt e iterations, here 10,000: the last tiles take
  // seconds
  const place = '0.2500001,0.00000002,0.2500001,0.00000002'
  const words = ['pyramid', '--out', folder, '--zoom', '24', '--aa', '4', '--bounds', place, '--max-iter', '200000']
  const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
  const env = { ...process.env, MANDELTILES_MAX_WAIT: '1', MANDELTILES_THREADS: '1' }
  const { status, stderr } = spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8', env })
  expect([status, stderr]).toEqual([0, ''])
  const tiles = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.png'))
  expect(tiles.length).toBeGreaterThanOrEqual(25)
  rmSync(folder, { recursive: true })
})
