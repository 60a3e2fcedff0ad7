// The headers of answers, each defined once: routes set them through Fastify, the fast path writes
// them itself, and problem.ts writes them on a bare socket.
import { RENDERER_VERSION } from '../core/version.ts'
import type { Answer } from '../render/handle.ts'

/** Headers of every answer. */
export const COMMON_HEADERS = {
  'access-control-allow-origin': '*',
  // what a page of another origin may read, including how long its tiles took
  'access-control-expose-headers': 'ETag, X-Cache, Server-Timing, Retry-After, X-Request-Id',
  'timing-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
}

const DAY = 86_400
const WEEK = 7 * DAY
const CACHEABLE = `public, max-age=${DAY}, stale-while-revalidate=${WEEK}, stale-if-error=${WEEK}`
const IMMUTABLE = `public, max-age=${365 * DAY}, immutable`
/** A content delivery network purges by these: all of mandeltiles, or one version's pictures. */
const SURROGATE_KEY = `mandeltiles mandeltiles-${RENDERER_VERSION}`

/**
 * How clients and caches may keep an answer; `version` is the `v` parameter of its address. Any
 * text as `v` gives the same bytes at another address. The headers forbid a proxy in front to keep
 * these copies, because they would push useful entries out of its cache.
 */
export function validators(tag: string, version: string | undefined): Record<string, string> {
  return {
    etag: tag,
    'cache-control': version === RENDERER_VERSION ? IMMUTABLE : CACHEABLE,
    'surrogate-key': SURROGATE_KEY,
    ...(isForeign(version) && { 'x-accel-expires': '0' }),
  }
}

/** Is there a `v` parameter of another version? */
export function isForeign(version: string | undefined): boolean {
  return version !== undefined && version !== RENDERER_VERSION
}

/** Where an answer came from, and how long each stage took. */
export function timingHeaders(cache: Answer['cache'], { queue, render, encode }: Answer['timing']) {
  return {
    'x-cache': cache.toUpperCase(),
    'server-timing': `queue;dur=${ms(queue)}, render;dur=${ms(render)}, encode;dur=${ms(encode)}`,
  }
}

/** If-None-Match against one strong tag: `*`, lists and weak forms too (RFC 9110, 13.1.2). */
export function matches(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  return header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === tag)
}

function ms(duration: number): string {
  return duration.toFixed(2)
}
