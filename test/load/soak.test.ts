// Half a minute of the soak test, and a check that its measure detects a leak.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { floors, slope } from './memory.ts'

test('half a minute of mixed requests: only 200, 304 and 503, and the memory floor does not rise', {
  timeout: 120_000,
}, async () => {
  const script = fileURLToPath(new URL('bench/http/soak.ts', ROOT))
  const soak = spawn(process.execPath, ['--import', 'tsx', script, '--minutes', '0.5'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  soak.stdout.on('data', (data) => (said += data))
  const [code] = await once(soak, 'exit')
  console.log(said)
  expect(said).toMatch(/^its slope: /m)
  expect([code, said.match(/^FAILED.*$/m)?.[0]]).toEqual([0, undefined])
})

test('the slope of the memory floor equals the leak rate, however much garbage lies above it', () => {
  // a sawtooth of garbage of up to 100 MiB that is collected every 7 s, on 200 MiB that grow by 3 a
  // minute
  const sawtooth = (leak: number) =>
    Array.from({ length: 3600 }, (_, k) => ({
      at: k / 4,
      resident: 200 + (leak * k) / 4 / 60 + 100 * (((k / 4) % 7) / 7),
    }))
  const leaking = slope(floors(sawtooth(3), 20))
  expect(leaking.slope).toBeCloseTo(3, 1)
  expect(leaking.low).toBeGreaterThan(2.7)
  const flat = slope(floors(sawtooth(0), 20))
  expect(flat.slope).toBeCloseTo(0, 1)
  expect(flat.low).toBeLessThanOrEqual(0)
})
