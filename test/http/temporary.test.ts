// The temporary folder for large pictures: left behind by a killed process, missing, or read-only.
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { endAll, folder, kill, serve } from '../cluster/processes.ts'

afterEach(endAll)

const within = (path: string) => ['env', `TMPDIR=${path}`]
// one pixel more than is made in memory
const large = (format: string, limit: number) =>
  `/image.${format}?re=-0.75&im=0.1&zoom=1&width=4097&height=4096&max_iter=${limit}&style=distance`

test('the next start removes what a killed process left in the temporary folder, and nothing else', async () => {
  const where = folder()
  mkdirSync(join(where, 'somebody-else'))
  const first = await serve({ 'max-image': 5000 }, within(where))
  const answer = fetch(first.url + large('jpg', 2000)).catch(() => {})
  await expect.poll(() => readdirSync(where).length, { timeout: 20_000 }).toBe(2)
  await kill(first.child)
  await answer
  expect(readdirSync(where).length).toBe(2)
  await serve({}, within(where))
  expect(readdirSync(where)).toEqual(['somebody-else'])
})

test('a missing temporary folder is reported at startup, and requests get 503 with the reason', async () => {
  const { url, log } = await serve({ 'max-image': 5000 }, within('/nowhere/at/all'))
  expect(log.find(({ level }) => level === 40)?.msg).toMatch(/temporary folder fails: .*\/nowhere\/at\/all/)
  const answer = await fetch(url + large('tiff', 10))
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60'])
  expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/temporary folder does not exist/) })
  // pictures made in memory are still served
  expect((await fetch(`${url}/image.tiff?re=0&im=0&zoom=1&width=64&height=64`)).status).toBe(200)
})
