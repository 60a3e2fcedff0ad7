import type { FastifyInstance } from 'fastify'
import sharp from 'sharp'
import { afterAll, beforeAll, expect } from 'vitest'
import { resolveOptions } from '../src/core/options.ts'
import { buildServer } from '../src/http/server.ts'
import type { Renderer } from '../src/render/renderer.ts'

/** What the served server of a test file is started with. */
export const { options } = resolveOptions({ 'log-level': 'silent', threads: '2' })

/** The server and its renderer, from before the file's first test to after its last one. */
export const served = {} as { app: FastifyInstance; renderer: Renderer }

/** Starts a server for the tests of the calling file. */
export function serveAll(): void {
  beforeAll(async () => {
    Object.assign(served, await buildServer(options))
  })
  afterAll(() => served.app.close())
}

export const get = (url: string, headers: Record<string, string> = {}) =>
  served.app.inject({ method: 'GET', url, headers })

/** RGB triples of an encoded picture. */
export const decode = (bytes: Buffer) => sharp(bytes).removeAlpha().raw().toBuffer()

/** RGB triples of a picture that is answered with 200. */
export async function pixels(url: string): Promise<Buffer> {
  const answer = await get(url)
  expect(answer.statusCode, `${url}: ${answer.payload.slice(0, 300)}`).toBe(200)
  return decode(answer.rawPayload)
}
