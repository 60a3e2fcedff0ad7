// What the log shows about a popular tile: the render, and one hit in a thousand.
import { afterAll, expect, test } from 'vitest'
import { endAll, serve } from './processes.ts'

afterAll(endAll)

test('a rendered tile logs one line, and so do a thousand cache hits', async () => {
  const { url, log } = await serve()
  const ask = async () => (await fetch(`${url}/tile/4/5/6.png`, { headers: { 'x-request-id': 'mine' } })).arrayBuffer()
  await ask()
  for (let k = 0; k < 1999; k++) await ask()
  const answered = () => log.filter(({ msg }) => msg === 'answered')
  await expect.poll(() => answered().length).toBeGreaterThan(1)
  const lines = answered()
  expect(lines).toMatchObject([
    { reqId: 'mine', url: '/tile/4/5/6.png', cache: 'miss', limit: expect.any(Number) },
    { reqId: 'mine', url: '/tile/4/5/6.png', cache: 'hit', sampled: 1000 },
  ])
  expect(lines[0]).not.toHaveProperty('sampled')
})
