// What a second replica gains behind nginx: every tile is rendered once, by the replica that owns
// it, and the two share the work. The rates are printed only, because they depend on the machine.
import { availableParallelism } from 'node:os'
import { afterEach, expect, test } from 'vitest'
import { endAll, health, serve, startNginx } from './processes.ts'

afterEach(endAll)

const TILES = 240
const CLIENTS = 16

/**
 * Tiles per second of cold replicas, and how many each of them rendered.
 */
async function throughput(replicas: number): Promise<{ rate: number; renders: number[] }> {
  const servers = await Promise.all(Array.from({ length: replicas }, () => serve({ threads: 1 })))
  const nginx = await startNginx(servers)
  const tiles = Array.from(
    { length: TILES },
    (_, at) => `/tile/9/${100 + (at % 20)}/${235 + Math.floor(at / 20)}.png`,
  ).values()
  const started = performance.now()
  const client = async () => {
    for (const tile of tiles) {
      const answer = await fetch(`${nginx.url}${tile}?max_iter=50000`)
      expect(answer.status).toBe(200)
      await answer.arrayBuffer()
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  const rate = (1000 * TILES) / (performance.now() - started)
  return { rate, renders: await Promise.all(servers.map(async ({ url }) => (await health(url)).renders.tile)) }
}

test('two replicas split the tiles of one, and render none of them twice', async () => {
  const one = await throughput(1)
  expect(one.renders).toEqual([TILES])
  await endAll()
  const two = await throughput(2)
  const [first, second] = two.renders as [number, number]
  expect(first + second).toBe(TILES)
  // the hash ring gives each about half: of 240 tiles, a third is four standard deviations below
  // that
  for (const share of two.renders) expect(share).toBeGreaterThan(TILES / 3)
  const figures = [one, two].map(({ rate }) => rate.toFixed(0))
  console.log(
    `tiles a second on ${availableParallelism()} cores: one replica ${figures[0]}, two ${figures[1]} (${(two.rate / one.rate).toFixed(2)} times)`,
  )
})
