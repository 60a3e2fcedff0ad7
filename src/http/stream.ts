// Pictures too large for memory, sent while they are made: a PNG strip by strip, what other formats there are from a file that is gone afterwards.
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { etag } from '../cache/keys.ts'
import { writeStillFile } from '../export/imagefile.ts'
import type { StillFormat } from '../formats/format.ts'
import type { ImageRequest } from '../kernel/request.ts'
import { pictureName, pixelKind } from '../render/image.ts'
import type { Renderer } from '../render/renderer.ts'
import type { Errand } from '../scheduler/pool.ts'
import { TYPES } from './mediatypes.ts'
import { Client, known, tidings } from './reply.ts'

/** Answers with a large picture. What is refused is refused before the first byte; what fails later ends the connection. */
export async function stream(
  request: FastifyRequest,
  reply: FastifyReply,
  { images }: Renderer,
  image: ImageRequest,
  format: StillFormat,
): Promise<FastifyReply> {
  const key = pictureName(image, format)
  if (known(request, reply, etag(key), TYPES[format])) return reply.send()
  const client = new Client(request)
  client.spend()
  const errand: Errand = { signal: client.signal, lane: 'bulk' }
  const began = performance.now()
  // nobody keeps it, and of its time only that before the first byte is known by then
  const sent = (body: Readable) =>
    reply
      .headers(tidings('miss', { queue: 0, render: performance.now() - began, encode: 0 }))
      .send(body.once('close', () => client.served()))
  const { told, end } = images.track(key)
  try {
    if (format !== 'png') {
      const folder = await mkdtemp(join(tmpdir(), 'mandeltiles-'))
      const remove = () => rm(folder, { recursive: true, force: true })
      try {
        const file = join(folder, `picture.${format}`)
        await writeStillFile(images, image, file, format, errand, { onProgress: told })
        return sent(createReadStream(file).once('close', remove))
      } catch (error) {
        await remove()
        throw error
      } finally {
        end()
      }
    }
    const still = await images.open(image, pixelKind(image), errand)
    const pieces = Readable.from(images.pngOf(still, errand, undefined, told), { objectMode: false })
    return sent(pieces.once('close', end))
  } catch (error) {
    end()
    client.served()
    throw client.late ? client.tooLate(error) : error
  }
}
