// Images too large for memory, sent while they are rendered: a PNG strip by strip, other formats
// from a temporary file that is removed afterwards.
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { writeImageFile } from '../export/imagefile.ts'
import type { ImageFormat } from '../formats/format.ts'
import type { ImageHandle } from '../render/handle.ts'
import { pixelKind, pngPieces } from '../render/imagepng.ts'
import type { Renderer } from '../render/renderer.ts'
import { type TaskOptions, Ticket } from '../scheduler/ticket.ts'
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
  { images, strips }: Renderer,
  image: ImageHandle,
  format: ImageFormat,
): Promise<FastifyReply> {
  if (isNotModified(request, reply, image.etag, MEDIA_TYPES[format])) return reply.send()
  const client = new Client(request)
  client.spend()
  client.waitsFor(image)
  const taskOptions: TaskOptions = { signal: client.signal, ticket: new Ticket('bulk') }
  const began = performance.now()
  // it is in no cache, and only the time before the first byte is known by now
  const timing = () => ({ queue: 0, render: performance.now() - began, encode: 0 })
  const send = (body: Readable) =>
    reply.headers(timingHeaders('miss', timing())).send(body.once('close', () => client.served()))
  const plan = image.plan()
  const { onProgress, end } = images.progress.track(image.cacheKey)
  try {
    if (format !== 'png') {
      const folder = await mkdtemp(join(tmpdir(), 'mandeltiles-'))
      const remove = () => rm(folder, { recursive: true, force: true })
      try {
        const file = join(folder, `picture.${format}`)
        await writeImageFile(strips, plan.request, file, format, taskOptions, { onProgress })
        return send(createReadStream(file).once('close', remove))
      } catch (error) {
        await remove()
        throw error
      } finally {
        end()
      }
    }
    const prepared = await strips.prepare(plan, pixelKind(plan.request), taskOptions)
    const png = pngPieces(plan.request, strips.strips(prepared, 0, taskOptions, onProgress))
    return send(Readable.from(png, { objectMode: false }).once('close', end))
  } catch (error) {
    end()
    client.served()
    throw client.failure(error)
  }
}
