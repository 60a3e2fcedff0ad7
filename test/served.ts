import type { FastifyInstance } from 'fastify'
import sharp from 'sharp'
import { afterAll, beforeAll, expect } from 'vitest'
import { resolveOptions } from '../src/core/options.ts'
import { buildServer } from '../src/http/server.ts'
import type { Renderer } from '../src/render/renderer.ts'

const FLAGS = { 'log-level': 'silent', threads: '2' }

/** The default flags of the server of a test file. */
export const { options } = resolveOptions(FLAGS)

/**
 * The server and its renderer, from before the file's first test to after its last one; its address
 * and port if it listens.
 */
export const served = {} as { app: FastifyInstance; renderer: Renderer; url: string; port: number }

/** Starts a server for the tests of the calling file. */
export function serveAll(flags: Record<string, string> = {}): void {
  beforeAll(async () => {
    Object.assign(served, await buildServer(resolveOptions({ ...FLAGS, ...flags }).options))
  })
  afterAll(() => served.app.close())
}

/** The same, listening on a free port. */
export function listenAll(flags: Record<string, string> = {}): void {
  serveAll(flags)
  beforeAll(async () => {
    served.url = await served.app.listen({ port: 0, host: '127.0.0.1' })
    served.port = Number(new URL(served.url).port)
  })
}

export const get = (url: string, headers: Record<string, string> = {}) =>
  served.app.inject({ method: 'GET', url, headers })

/** RGB triples of an encoded picture. */
export const decode = (bytes: Buffer) => sharp(bytes).removeAlpha().raw().toBuffer()

/** RGB triples of a picture whose answer has status 200. */
export async function pixels(url: string): Promise<Buffer> {
  const answer = await get(url)
  expect(answer.statusCode, `${url}: ${answer.payload.slice(0, 300)}`).toBe(200)
  return decode(answer.rawPayload)
}
