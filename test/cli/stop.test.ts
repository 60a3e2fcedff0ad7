// What a signal does to a long command: one line says how to continue, the exit code follows the
// shell's convention, and continuing gives the same files.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-stop-'))
afterAll(() => rmSync(folder, { recursive: true }))

const CONTINUE = 'mandeltiles: stopped; run the same command with --resume to continue\n'
const PLACE = ['--re', '-0.743643887037', '--im', '0.131825904205']

/** Starts a command, sends it a signal once `begun` holds, and waits for its end. */
async function stopped(words: string[], signal: NodeJS.Signals, begun: () => boolean) {
  const child: ChildProcess = spawn(process.execPath, [cli, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr!.on('data', (data) => (stderr += data))
  const ended = once(child, 'close')
  await expect.poll(begun, { interval: 10, timeout: 40_000 }).toBe(true)
  child.kill(signal)
  const [code] = await ended
  return { code, stderr }
}

const size = (path: string) => (existsSync(path) ? readdirSync(path, { recursive: true }).length : 0)

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'render: %s is %i, and --resume continues to the same bytes',
  { timeout: 120_000 },
  async (signal, code) => {
    const out = join(folder, `${signal}.png`)
    const words = [
      'render',
      '--out',
      out,
      ...PLACE,
      '--zoom',
      '9',
      '--width',
      '1400',
      '--height',
      '1400',
      '--max-iter',
      '2000',
    ]
    const log = `${out}.part.log`
    const begun = () => existsSync(log) && readFileSync(log, 'utf8').split('\n').length > 3
    expect(await stopped(words, signal, begun)).toEqual({ code, stderr: CONTINUE })
    expect(existsSync(out)).toBe(false)
    const rest = spawnSync(process.execPath, [cli, ...words, '--resume'], { encoding: 'utf8' })
    expect([rest.status, rest.stderr]).toEqual([0, ''])
    const whole = join(folder, 'whole.png')
    spawnSync(process.execPath, [cli, ...words.map((word) => (word === out ? whole : word))])
    expect(readFileSync(out).equals(readFileSync(whole))).toBe(true)
  },
)

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('zoom and pyramid: %s is %i, and --resume continues', { timeout: 120_000 }, async (signal, code) => {
  const where = mkdtempSync(join(folder, 'zoom-'))
  const film = join(where, 'film')
  const frames = ['zoom', '--out', film, ...PLACE, '--width', '320', '--height', '240', '--zoom', '2', '--fps', '4']
  expect(await stopped(frames, signal, () => size(film) > 1)).toEqual({ code, stderr: CONTINUE })
  const rest = spawnSync(process.execPath, [cli, ...frames, '--resume'], { encoding: 'utf8' })
  expect([rest.status, rest.stderr]).toEqual([0, ''])
  expect(readdirSync(film).filter((name) => name.endsWith('.png')).length).toBe(9)

  const tiles = join(where, 'tiles')
  const pyramid = ['pyramid', '--out', tiles, '--zoom', '4', '--max-iter', '5000', '--threads', '1']
  expect(await stopped(pyramid, signal, () => size(tiles) > 5)).toEqual({ code, stderr: CONTINUE })
  expect(existsSync(join(tiles, 'tile.json'))).toBe(false)
  const other = spawnSync(process.execPath, [cli, ...pyramid, '--resume'], { encoding: 'utf8' })
  expect([other.status, other.stderr]).toEqual([0, ''])
  expect(existsSync(join(tiles, 'tile.json'))).toBe(true)
})

test('a second signal ends a command at once', async () => {
  const out = join(folder, 'twice.png')
  const words = [
    'render',
    '--out',
    out,
    ...PLACE,
    '--zoom',
    '9',
    '--width',
    '3000',
    '--height',
    '3000',
    '--max-iter',
    '20000',
  ]
  const child = spawn(process.execPath, [cli, ...words], { stdio: 'ignore' })
  const ended = once(child, 'close')
  await expect.poll(() => existsSync(`${out}.part.log`), { timeout: 40_000 }).toBe(true)
  child.kill('SIGINT')
  child.kill('SIGTERM')
  // the first one may have ended it gracefully by then
  expect([
    [null, 'SIGTERM'],
    [130, null],
  ]).toContainEqual(await ended)
})
