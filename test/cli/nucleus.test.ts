import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { get, serveAll } from '../served.ts'

serveAll()

const cli = fileURLToPath(new URL('dist/src/cli.js', ROOT))
const run = (...words: string[]) => spawnSync(process.execPath, [cli, 'nucleus', ...words], { encoding: 'utf8' })

test('nucleus prints the server’s answer for the same view, for islands and Misiurewicz points alike', async () => {
  for (const words of [
    ['--re', '-1.76', '--im', '0', '--zoom', '5'],
    ['--re', '-0.1', '--im', '0.95', '--zoom', '3.5', '--kind', 'misiurewicz'],
  ]) {
    const query = words.map((word) => (word.startsWith('--') ? `&${word.slice(2)}=` : word)).join('')
    const { stdout, stderr } = run(...words)
    expect(JSON.parse(stdout), stderr).toEqual((await get(`/nucleus.json?${query.slice(1)}`)).json())
  }
})

test('nucleus says in one line that there is no nucleus, or which flag is wrong', () => {
  for (const [words, sentence] of [
    [['--re', '2', '--zoom', '9'], /^mandeltiles: no island was found within 2\^-8 of this place\n$/],
    [['--zoom', 'deep'], /^mandeltiles: --zoom must be a number from 0 to 10000.*it was "deep"\n$/],
    [['--kind', 'cusp'], /^mandeltiles: --kind must be one of nucleus, misiurewicz, it was "cusp"\n$/],
  ] as const) {
    const { status, stderr } = run(...words)
    expect(stderr).toMatch(sentence)
    expect(status).toBe(2)
  }
})
