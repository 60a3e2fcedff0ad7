// Images too large for memory, sent while they are rendered: a PNG strip by strip, other formats
// from a temporary file that is removed afterwards.
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
import { pictureName, pictureView, pixelKind } from '../render/image.ts'
import type { Renderer } from '../render/renderer.ts'
import type { TaskOptions } from '../scheduler/pool.ts'
import { Client } from './client.ts'
import { timingHeaders } from './headers.ts'
import { MEDIA_TYPES } from './mediatypes.ts'
import { isNotModified } from './reply.ts'

/**
 * Answers with a large image. A refusal comes before the first byte; a later failure ends the
 * connection.
 */
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
  client.waitsFor({ view: () => pictureView(image), image: key })
  const taskOptions: TaskOptions = { signal: client.signal, lane: 'bulk' }
  const began = performance.now()
  // it is in no cache, and only the time before the first byte is known by now
  const timing = () => ({ queue: 0, render: performance.now() - began, encode: 0 })
  const send = (body: Readable) =>
    reply.headers(timingHeaders('miss', timing())).send(body.once('close', () => client.served()))
  const { told, end } = images.track(key)
  try {
    if (format !== 'png') {
      const folder = await mkdtemp(join(tmpdir(), 'mandeltiles-'))
      const remove = () => rm(folder, { recursive: true, force: true })
      try {
        const file = join(folder, `picture.${format}`)
        await writeImageFile(images, image, file, format, taskOptions, { onProgress: told })
        return send(createReadStream(file).once('close', remove))
      } catch (error) {
        await remove()
        throw error
      } finally {
        end()
      }
    }
    const still = await images.open(image, pixelKind(image), taskOptions)
    const pieces = images.pngOf(still, taskOptions, undefined, told)
    return send(Readable.from(pieces, { objectMode: false }).once('close', end))
  } catch (error) {
    end()
    client.served()
    throw client.failure(error)
  }
}
