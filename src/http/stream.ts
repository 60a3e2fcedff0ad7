// Answers too large for memory, sent while they are rendered. Grids and PNGs come strip by strip,
// other formats from a temporary file that is removed afterwards. Errors come before the first
// byte; a later failure ends the connection. If the client reads slowly, finished strips count as
// bytes being sent (connections.ts). The deadline counts only the time in which the client waits
// for the server.
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { storageFailure, temporaryFolder } from '../core/temporary.ts'
import { writeImageFile } from '../export/imagefile.ts'
import type { ImageFormat } from '../formats/format.ts'
import { stripsHeld } from '../render/ahead.ts'
import { fileFootprint } from '../render/footprint.ts'
import type { GridHandle, ImageHandle, RenderHandle } from '../render/handle.ts'
import { pixelKind, pngPieces } from '../render/imagepng.ts'
import type { Renderer } from '../render/renderer.ts'
import { stripBytes } from '../render/strips.ts'
import { type TaskOptions, Ticket } from '../scheduler/ticket.ts'
import { redirectForeignVersion } from './affinity.ts'
import { Client } from './client.ts'
import { timingHeaders } from './headers.ts'
import { MEDIA_TYPES } from './mediatypes.ts'
import { isNotModified } from './reply.ts'

/** The pieces of an answer, and what to do when it is sent or cancelled. */
interface Body {
  pieces: AsyncIterable<Uint8Array>
  end?(): unknown
}

/** Answers with a large grid. */
export function streamGrid(
  request: FastifyRequest,
  reply: FastifyReply,
  { pool }: Renderer,
  grid: GridHandle,
): Promise<FastifyReply> {
  const { format, stripBytes, length } = grid.plan
  if (length !== undefined) reply.header('content-length', length)
  const bytes = stripsHeld(pool.admission.slots) * stripBytes
  return stream(request, reply, grid, MEDIA_TYPES[format], bytes, async (options) => ({
    pieces: await grid.pieces(options),
  }))
}

/** Answers with a large image. */
export function streamImage(
  request: FastifyRequest,
  reply: FastifyReply,
  { images, strips, pool, memory }: Renderer,
  image: ImageHandle,
  format: ImageFormat,
): Promise<FastifyReply> {
  const plan = image.plan()
  const bytes = format === 'png' ? stripsHeld(pool.admission.slots) * stripBytes(plan) : 0
  return stream(request, reply, image, MEDIA_TYPES[format], bytes, async (options) => {
    const { onProgress, end } = images.progress.track(image.cacheKey)
    try {
      if (format === 'png') {
        const prepared = await strips.prepare(plan, pixelKind(plan.request, format), options)
        return { pieces: pngPieces(plan.request, format, strips.strips(prepared, 0, options, onProgress)), end }
      }
      const kind = pixelKind(plan.request, format)
      const bytes = fileFootprint(plan.request.width * plan.request.height, kind, format)
      const free = await memory.take(bytes, options.signal)
      const { folder, remove } = await temporaryFolder().catch((error) => {
        free()
        throw error
      })
      try {
        const file = join(folder, `picture.${format}`)
        await writeImageFile(strips, plan.request, file, format, options, { onProgress }).finally(free)
        end()
        return { pieces: createReadStream(file), end: remove }
      } catch (error) {
        await remove()
        throw storageFailure(error as NodeJS.ErrnoException) ?? error
      }
    } catch (error) {
      end()
      throw error
    }
  })
}

/** @param held the most bytes that are ready ahead of the client */
async function stream(
  request: FastifyRequest,
  reply: FastifyReply,
  handle: RenderHandle,
  type: string,
  held: number,
  open: (options: TaskOptions) => Promise<Body>,
): Promise<FastifyReply> {
  if (redirectForeignVersion(request, reply)) return reply.send()
  if (isNotModified(request, reply, handle.etag, type)) return reply.send()
  const client = new Client(request)
  const options: TaskOptions = { signal: client.signal, ticket: new Ticket('bulk', client) }
  let settle: ((used: number) => void) | undefined
  const settled = () => settle?.(options.ticket.used.seconds)
  const end = () => {
    client.served()
    settled()
  }
  client.waitsFor(handle)
  const began = performance.now()
  try {
    reply.server.connections.hold(reply.raw, held)
    settle = client.spend(0)
    const body = await open(options)
    // it is never cached, and only the time before the first byte is known yet
    const timing = { queue: 0, render: performance.now() - began, encode: 0 }
    const pieces = Readable.from(untilRead(body.pieces, client, settled), { objectMode: false })
    pieces.once('close', () => {
      end()
      void body.end?.()
    })
    return reply.headers(timingHeaders('miss', timing)).send(pieces)
  } catch (error) {
    end()
    throw client.failure(error)
  }
}

/**
 * The same pieces. The client's deadline pauses while it reads one; `onPiece` is called before
 * each.
 */
async function* untilRead(
  pieces: AsyncIterable<Uint8Array>,
  client: Client,
  onPiece: () => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    onPiece()
    client.pause()
    yield piece
    client.resume()
  }
}
