// Encoders whose client leaves: nobody waits for the result, the slot is freed when the work really
// ends, and a large picture ends early.
import { readdirSync, readFileSync } from 'node:fs'
import sharp from 'sharp'
import { expect, test, vi } from 'vitest'
import * as avifgrid from '../../src/formats/avifgrid.ts'
import { encoderOf } from '../../src/formats/sharp.ts'
import { Encoders } from '../../src/scheduler/encoders.ts'
import { ownTask } from '../task.ts'

// modules that an earlier file of this process has loaded call the originals
vi.hoisted(() => vi.resetModules())
// it only records its arguments
vi.mock('../../src/formats/avifgrid.ts', { spy: true })

const picture = (width: number, height: number) => {
  const rgb = Uint8Array.from({ length: 3 * width * height }, (_, at) => at >> 14)
  return { rgb, width, height }
}

test('a large AVIF whose client leaves stops between its tiles, and holds its slot until then', async () => {
  const encoders = new Encoders({ slots: 1, length: 10, wait: 60 })
  const client = new AbortController()
  const timing = { queue: 0, render: 0, encode: 0 }
  const work = encoders.encode(picture(4096, 2048), 'avif', timing, ownTask(client.signal))
  work.catch(() => {})
  const tiles = () => vi.mocked(avifgrid.writeGrid).mock.calls.length
  await expect.poll(tiles).toBe(1)
  client.abort()
  await expect(work).rejects.toMatchObject({ code: 'cancelled' })
  expect(encoders.admission.running).toBe(1)
  await expect.poll(() => encoders.admission.running, { timeout: 30_000 }).toBe(0)
  // it did not finish, because the file's head is written last
  await expect(vi.mocked(avifgrid.writeGrid).mock.results[0]!.value).rejects.toThrow()
  // the next picture gets the slot
  const { bytes } = await encoders.encode(picture(64, 64), 'webp', timing, ownTask())
  expect(Buffer.from(bytes).toString('latin1', 8, 12)).toBe('WEBP')
})

/** The running child processes of this one. */
const children = () =>
  readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean),
  )

test.each(['webp', 'jpg', 'tiff'] as const)(
  'a separate process encodes a large %s, and ends when its client leaves',
  async (format) => {
    const encoders = new Encoders({ slots: 1, length: 10, wait: 60 })
    const timing = { queue: 0, render: 0, encode: 0 }
    const large = picture(2048, 2048)
    const before = children().length
    const client = new AbortController()
    const work = encoders.encode(large, format, timing, ownTask(client.signal))
    work.catch(() => {})
    await expect.poll(() => children().length).toBe(before + 1)
    client.abort()
    await expect(work).rejects.toMatchObject({ code: 'cancelled' })
    await expect.poll(() => [children().length, encoders.admission.running]).toEqual([before, 0])

    // if the client stays, the result is sharp's own
    const { bytes } = await encoders.encode(large, format, timing, ownTask())
    const { rgb, width, height } = large
    const whole = await encoderOf(sharp(rgb, { raw: { width, height, channels: 3 } }), format).toBuffer()
    expect(Buffer.from(bytes).equals(whole)).toBe(true)
  },
)
