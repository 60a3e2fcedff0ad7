// What one client may have rendered: a bucket of tokens for each, a token a render, filled at a steady rate. Answers that cost no render
// cost no token. Off by default: behind one address there may be a whole school.
import { LRUCache } from 'lru-cache'
import { Failure } from '../core/errors.ts'

interface Bucket {
  tokens: number
  /** seconds */
  filled: number
}

// clients remembered; one that is forgotten starts with a full bucket
const CLIENTS = 10_000

export class RateLimiter {
  readonly #rate: number
  readonly #burst: number
  readonly #buckets = new LRUCache<string, Bucket>({ max: CLIENTS })
  /** renders refused */
  refused = 0

  /** `rate` tokens a second, at most `burst` of them at once. */
  constructor(rate: number, burst: number) {
    this.#rate = rate
    this.#burst = burst
  }

  /** Takes a token. @throws Failure `rate_limited` where there is none, with the seconds until there is */
  spend(address: string, now = performance.now() / 1000): void {
    const client = network(address)
    const { tokens, filled } = this.#buckets.get(client) ?? { tokens: this.#burst, filled: now }
    const full = Math.min(this.#burst, tokens + (now - filled) * this.#rate)
    if (full < 1) {
      this.refused++
      const retryAfter = Math.ceil((1 - full) / this.#rate)
      throw new Failure(
        'rate_limited',
        `this client has had ${this.#burst} renders at once: try again in ${retryAfter} s`,
        {
          retryAfter,
        },
      )
    }
    this.#buckets.set(client, { tokens: full - 1, filled: now })
  }
}

/** Who an address belongs to: of IPv6 the first half, since a household has all of the other. */
function network(address: string): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped) return mapped[1]!
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  return [...groups, ...Array(missing).fill('0'), ...(tail ?? '').split(':')]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')
}
