// Pictures too large for memory, sent while they are made: a PNG strip by strip, what other formats there are from a file that is gone afterwards.
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { etag } from '../cache/keys.ts'
import { writeImageFile } from '../export/imagefile.ts'
import type { ImageFormat } from '../formats/format.ts'
import type { ImageRequest } from '../kernel/request.ts'
import { pictureName, pixelKind } from '../render/image.ts'
import type { Renderer } from '../render/renderer.ts'
import type { TaskOptions } from '../scheduler/pool.ts'
import { MEDIA_TYPES } from './mediatypes.ts'
import { Client, isNotModified, timingHeaders } from './reply.ts'

/** Answers with a large picture. What is refused is refused before the first byte; what fails later ends the connection. */
export async function stream(
  request: FastifyRequest,
  reply: FastifyReply,
  { images }: Renderer,
  image: ImageRequest,
  format: ImageFormat,
): Promise<FastifyReply> {
  const key = pictureName(image, format)
  if (isNotModified(request, reply, etag(key), MEDIA_TYPES[format])) return reply.send()
  const client = new Client(request)
  client.spend()
  const taskOptions: TaskOptions = { signal: client.signal, lane: 'bulk' }
  const began = performance.now()
  // nobody keeps it, and of its time only that before the first byte is known by then
  const sent = (body: Readable) =>
    reply
      .headers(timingHeaders('miss', { queue: 0, render: performance.now() - began, encode: 0 }))
      .send(body.once('close', () => client.served()))
  const { told, end } = images.track(key)
  try {
    if (format !== 'png') {
      const folder = await mkdtemp(join(tmpdir(), 'mandeltiles-'))
      const remove = () => rm(folder, { recursive: true, force: true })
      try {
        const file = join(folder, `picture.${format}`)
        await writeImageFile(images, image, file, format, taskOptions, { onProgress: told })
        return sent(createReadStream(file).once('close', remove))
      } catch (error) {
        await remove()
        throw error
      } finally {
        end()
      }
    }
    const still = await images.open(image, pixelKind(image), taskOptions)
    const pieces = Readable.from(images.pngOf(still, taskOptions, undefined, told), { objectMode: false })
    return sent(pieces.once('close', end))
  } catch (error) {
    end()
    client.served()
    throw client.late ? client.tooLate(error) : error
  }
}
