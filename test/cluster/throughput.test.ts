// What a second replica brings: tiles a second through nginx, by one replica of one thread and by two. Printed, since it hangs on the machine.
import { availableParallelism } from 'node:os'
import { afterEach, expect, test } from 'vitest'
import { endAll, serve, startNginx } from './processes.ts'

afterEach(endAll)

const TILES = 240
const CLIENTS = 16

/** Tiles a second of replicas that have rendered none of them before. */
async function throughput(replicas: number): Promise<number> {
  const nginx = await startNginx(await Promise.all(Array.from({ length: replicas }, () => serve({ threads: 1 }))))
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
  return (1000 * TILES) / (performance.now() - started)
}

test('two replicas against one', async () => {
  const one = await throughput(1)
  await endAll()
  const two = await throughput(2)
  const figures = [one, two].map((rate) => rate.toFixed(0))
  console.log(
    `tiles a second on ${availableParallelism()} cores: one replica ${figures[0]}, two ${figures[1]} (${(two / one).toFixed(2)} times)`,
  )
})
