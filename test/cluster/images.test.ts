// Images and films through a queue: one of the workers is killed in mid-work, and so is the client,
// yet the bytes equal those of one process.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, expect, test } from 'vitest'
import { frameName } from '../../src/export/framename.ts'
import {
  bySlices,
  CLI,
  endAll,
  folder,
  freePort,
  kill,
  killInMidWork,
  launch,
  startRedis,
  startWorkers,
} from './processes.ts'

afterEach(endAll)

const PLACE = ['--re', '-0.743643887037', '--im', '0.131825904205']

/**
 * Runs a command's jobs of a kind with two workers, and kills either of them while both certainly
 * have one.
 */
async function byTwoOfWhichOneDies(command: string[], port: number, kind: string) {
  const workers = await startWorkers(2, port)
  const victim = Math.floor(2 * Math.random())
  let client: ReturnType<typeof launch>
  await killInMidWork(workers, victim, port, kind, () => {
    client = launch(process.execPath, command)
  })
  return { client: client!, workers, survivor: workers[1 - victim]! }
}

test('an image survives a killed worker, a Redis that lost all data and a killed client: the file equals that of one process', async () => {
  const [where, port] = [folder(), await freePort()]
  await startRedis(port)
  const still = (...words: string[]) => {
    const size = ['--width', '1200', '--height', '1200', '--zoom', '12', '--max-iter', '20000']
    return [CLI, 'render', ...PLACE, ...size, ...words]
  }
  const [own, other] = [join(where, 'own.png'), join(where, 'other.png')]
  const queued = still('--out', other, '--queue', `redis://127.0.0.1:${port}`)
  const { client, survivor } = await byTwoOfWhichOneDies(queued, port, 'strip')
  const redis = new Redis(port)
  const strips = () => readFileSync(`${other}.part.log`, 'utf8').split('\n').length
  let before = Number.POSITIVE_INFINITY
  await bySlices([survivor], redis, async () => {
    if (before === Number.POSITIVE_INFINITY) {
      await redis.flushall()
      before = strips()
    }
    return strips() > before + 1
  })
  await kill(client)
  expect(existsSync(other)).toBe(false)
  survivor.child.kill('SIGCONT')
  redis.disconnect()
  expect(spawnSync(process.execPath, [...queued, '--resume']).status).toBe(0)
  expect(spawnSync(process.execPath, still('--out', own)).status).toBe(0)
  expect(readFileSync(other).equals(readFileSync(own))).toBe(true)
})

test('a film survives a killed worker and a killed client: each frame is rendered once, and equals that of one process', async () => {
  const [where, port] = [folder(), await freePort()]
  await startRedis(port)
  const frames = 25
  const film = (...words: string[]) => {
    const size = ['--width', '160', '--height', '120', '--from', '3', '--zoom', '5', '--fps', '12', '--pace', '1']
    return [CLI, 'zoom', ...PLACE, ...size, ...words]
  }
  const [own, other] = [join(where, 'own'), join(where, 'other')]
  const queued = film('--out', other, '--queue', `redis://127.0.0.1:${port}`)
  const { client, workers } = await byTwoOfWhichOneDies(queued, port, 'frame')
  await kill(client)
  expect(existsSync(join(other, frameName(frames - 1)))).toBe(false)
  // another worker takes the dead worker's frame once its lock has expired
  const second = spawn(process.execPath, [...queued, '--resume'], { stdio: 'inherit' })
  const ended = once(second, 'exit')
  expect(spawnSync(process.execPath, film('--out', own)).status).toBe(0)
  expect(await ended).toEqual([0, null])

  const names = Array.from({ length: frames }, (_, k) => frameName(k))
  expect(readdirSync(other).sort()).toEqual(['film.json', ...names])
  for (const name of names) {
    expect(readFileSync(join(other, name)).equals(readFileSync(join(own, name))), name).toBe(true)
  }
  const made = workers.flatMap(({ done }) => done).filter(({ kind }) => kind === 'frame')
  expect(new Set(made.map(({ id }) => id)).size).toBe(made.length)
  expect(made.filter(({ error }) => error)).toEqual([])
})
