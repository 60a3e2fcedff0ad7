// The same bytes and the same ETag for a URL, whichever process answers: on every instruction set
// of this processor, with one thread and with several. Caches shared by replicas, and validators,
// rely on it.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { parseDecimal, toFixed } from '../../src/plane/decimal.ts'
import { LEFT, SPAN, TOP } from '../../src/plane/tile.ts'
import { endAll, kill, serve } from './processes.ts'

afterAll(endAll)

/** The tile of zoom z that holds a point. */
function holding(re: string, im: string, z: number): string {
  const index = (at: string, edge: number, sign: bigint) => {
    const distance = sign * (toFixed(parseDecimal(at)!, z + 1) - (BigInt(2 * edge) << BigInt(z)))
    return distance / BigInt(2 * SPAN)
  }
  return `${z}/${index(re, LEFT, 1n)}/${index(im, TOP, -1n)}`
}
// 1e50 deep at the tip of a dendrite, where every sample depends on the last digits
const tip = holding('0', '1', 166)
const seahorse = (z: number) =>
  holding('-0.743643887037158704752191506114774', '0.131825904205311970493132056385139', z)

const URLS = [
  '/tile/3/2/3.png',
  '/tile/11/512/1023.png?aa=2&palette=glacier',
  `/tile/${seahorse(36)}.png?max_iter=5000`,
  `/tile/${seahorse(60)}.png?max_iter=12000`,
  `/tile/${tip}.png`,
  `/tile/${tip}.npy`,
  '/julia/-0.8,0.156/tile/4/7/6.png',
  '/tile/8/70/120.webp',
  '/grid.npy?grid=200',
  '/image.png?width=60&height=40&re=-0.7436438870371587&im=0.13182590420531198&zoom=20&aa=2&max_iter=5000',
]

/**
 * The instruction set that the kernel takes if this one is asked for: another one if the processor
 * lacks it.
 */
function taken(isa: string): string {
  const module = new URL('dist/src/kernel/binding.js', ROOT)
  const program = `import { kernel } from '${module}'; process.stdout.write(kernel.isa())`
  const env = { ...process.env, FMANDEL_ISA: isa }
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], { env, encoding: 'utf8' })
}

const SETS = ['baseline', 'avx2', 'avx512', 'neon'].filter((isa) => taken(isa) === isa)

/** Every answer of a fresh process, requested concurrently: status, validator and digest. */
async function answers(isa: string, threads: number) {
  const { url, child } = await serve({ threads, 'max-wait': 60 }, ['env', `FMANDEL_ISA=${isa}`])
  const answered = await Promise.all(
    URLS.map(async (path) => {
      const answer = await fetch(url + path)
      const digest = createHash('sha256')
        .update(new Uint8Array(await answer.arrayBuffer()))
        .digest('hex')
      return { path, status: answer.status, etag: answer.headers.get('etag'), digest }
    }),
  )
  await kill(child)
  return answered
}

test('a URL gives the same bytes on every instruction set, with one thread and with three', {
  timeout: 120_000,
}, async () => {
  expect(SETS.length).toBeGreaterThan(1)
  const expected = await answers('baseline', 1)
  expect(expected.filter(({ status }) => status !== 200)).toEqual([])
  expect(new Set(expected.map(({ digest }) => digest)).size).toBe(URLS.length)
  expect(new Set(expected.map(({ etag }) => etag)).size).toBe(URLS.length)
  for (const [k, isa] of SETS.entries()) expect(await answers(isa, k === 1 ? 1 : 3), isa).toEqual(expected)
})
