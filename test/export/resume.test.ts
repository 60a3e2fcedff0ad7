// --resume with damaged side files: the damage is reported, and rendering restarts from there, to
// the same bytes.
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { frameName } from '../../src/export/framename.ts'
import { ResumableFile } from '../../src/export/resumable.ts'

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const folder = mkdtempSync(join(tmpdir(), 'mandeltiles-resume-'))
afterAll(() => rmSync(folder, { recursive: true }))
const run = (...words: string[]) => spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8' })

const IMAGE = [
  '--re',
  '-0.7436',
  '--im',
  '0.1318',
  '--zoom',
  '6',
  '--width',
  '700',
  '--height',
  '700',
  '--max-iter',
  '300',
]
const whole = join(folder, 'whole.png')
const out = join(folder, 'a.png')
const [part, log] = [`${out}.part`, `${out}.part.log`]

/** Flips a bit of a file. */
function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at]! ^= 4
  writeFileSync(path, bytes)
}

// a part file without its tail, as after a kill at the very end
beforeAll(async () => {
  expect(run('render', '--out', whole, ...IMAGE).stderr).toBe('')
  const script = `
import { ResumableFile } from ${JSON.stringify(new URL('dist/src/export/resumable.js', ROOT).href)}
ResumableFile.prototype.finish = async function () { await this.close(); process.exit(9) }
process.argv.splice(1, 1, ${JSON.stringify(cli)})
await import(${JSON.stringify(cli)})`
  const words = ['--input-type=module', '-e', script, 'cli', 'render', '--out', out, ...IMAGE]
  expect(spawnSync(process.execPath, words).status).toBe(9)
  copyFileSync(part, join(folder, 'part'))
  copyFileSync(log, join(folder, 'log'))
  expect(readFileSync(log, 'utf8').split('\n').length).toBeGreaterThan(8)
}, 60_000)

test.each([
  ['nothing', () => {}, undefined],
  ['a bit of the first piece', () => flip(part, 20), 'is damaged in piece 0 of'],
  [
    'a bit in the middle',
    () => flip(part, readFileSync(part).length >> 1),
    /is damaged in piece \d+ of \d+, so it is continued from piece \d+$/,
  ],
  ['the end of the part', () => truncateSync(part, readFileSync(part).length - 5), 'is damaged in piece'],
  ['the whole part', () => rmSync(part), 'is missing, and only its log exists, so it is started again'],
  ['the log', () => rmSync(log), 'has lost its log, so it is started again'],
  ['an emptied log', () => writeFileSync(log, ''), 'has a damaged log, so it is started again'],
  [
    'a log of something else',
    () => writeFileSync(log, 'once upon a time\n'),
    'has a damaged log, so it is started again',
  ],
  [
    'a line of the log',
    () => writeFileSync(log, readFileSync(log, 'utf8').replace(/\n\{[^\n]*\n(?=[^\n]*\n$)/, '\n{]\n')),
    'is damaged in piece',
  ],
  [
    'a sum in the log',
    () => writeFileSync(log, readFileSync(log, 'utf8').replace(/("limit":)\d/, '$19')),
    'is damaged in piece',
  ],
] as const)('an image whose side files lost %s', (_, damage, said) => {
  copyFileSync(join(folder, 'part'), part)
  copyFileSync(join(folder, 'log'), log)
  rmSync(out, { force: true })
  damage()
  const { status, stderr } = run('render', '--out', out, ...IMAGE, '--resume')
  if (said === undefined) expect(stderr).toBe('')
  else {
    expect(stderr.trimEnd().split('\n').length).toBe(1)
    expect(stderr.startsWith(`mandeltiles: ${part} `)).toBe(true)
    expect(stderr.trimEnd()).toMatch(said)
  }
  expect(status).toBe(0)
  expect(readFileSync(out).equals(readFileSync(whole))).toBe(true)
  expect([part, log].some(existsSync)).toBe(false)
})

test('everything before the damage is kept', async () => {
  const path = join(folder, 'pieces')
  const first = await ResumableFile.open<{ k: number }>(path, 'one thing', { resume: false })
  for (const k of [1, 2, 3, 4]) await first.append(Buffer.alloc(10, k), { k })
  await first.close()
  flip(`${path}.part`, 25)
  let said = ''
  const again = await ResumableFile.open<{ k: number }>(path, 'one thing', {
    resume: true,
    onDamage: (text) => (said = text),
  })
  expect(said).toBe(`${path}.part is damaged in piece 2 of 4, so it is continued from piece 2`)
  expect(again.notes).toEqual([{ k: 1 }, { k: 2 }])
  for (const k of [3, 4]) await again.append(Buffer.alloc(10, k), { k })
  await again.finish(path)
  expect(readFileSync(path)).toEqual(Buffer.concat([1, 2, 3, 4].map((k) => Buffer.alloc(10, k))))
})

test('a film renders damaged frames again, and is not resumed without its description', () => {
  const film = ['--re', '-0.7436', '--im', '0.1318', '--width', '64', '--height', '48', '--zoom', '1', '--fps', '3']
  const [own, other] = [join(folder, 'film'), join(folder, 'other')]
  expect(run('zoom', '--out', own, ...film).stderr).toBe('')
  cpSync(own, other, { recursive: true })
  flip(join(other, frameName(1)), 300)
  writeFileSync(join(other, frameName(2)), '')
  const { status, stderr } = run('zoom', '--out', other, ...film, '--resume')
  const again = (k: number) => `mandeltiles: ${join(other, frameName(k))} is damaged, so it is rendered again\n`
  expect([status, stderr]).toEqual([0, again(1) + again(2)])
  for (const k of [0, 1, 2, 3]) {
    expect(readFileSync(join(other, frameName(k))).equals(readFileSync(join(own, frameName(k))))).toBe(true)
  }
  writeFileSync(join(other, 'film.json'), '{"re')
  const damaged = run('zoom', '--out', other, ...film, '--resume')
  expect([damaged.status, damaged.stderr]).toEqual([
    2,
    `mandeltiles: ${join(other, 'film.json')} is damaged, so it is unknown which film the folder holds; empty it to start again\n`,
  ])
  for (const k of [0, 1, 2, 3]) rmSync(join(other, frameName(k)))
  const begun = run('zoom', '--out', other, ...film, '--resume')
  expect([begun.status, begun.stderr]).toEqual([
    0,
    `mandeltiles: ${join(other, 'film.json')} is damaged, so the film is started again\n`,
  ])
  expect(readFileSync(join(other, frameName(3))).equals(readFileSync(join(own, frameName(3))))).toBe(true)
})
