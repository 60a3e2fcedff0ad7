// How much one client may have rendered: a token bucket for each, one token a render, refilled at a
// steady rate. Answers that need no render take no token. Off by default, because behind one
// address there may be a whole school.
import ipaddr from 'ipaddr.js'
import { LRUCache } from 'lru-cache'
import { Failure } from '../core/errors.ts'

interface Bucket {
  tokens: number
  /** when it was last refilled, in seconds */
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

  /** `rate` tokens a second, at most `burst` of them saved up. */
  constructor(rate: number, burst: number) {
    this.#rate = rate
    this.#burst = burst
  }

  /** Takes a token. @throws Failure `rate_limited` if there is none, with the seconds until then */
  take(address: string, now = performance.now() / 1000): void {
    const client = network(address)
    const { tokens, filled } = this.#buckets.get(client) ?? { tokens: this.#burst, filled: now }
    const full = Math.min(this.#burst, tokens + (now - filled) * this.#rate)
    if (full < 1) {
      this.refused++
      const retryAfter = Math.ceil((1 - full) / this.#rate)
      const sentence = `this client has had ${this.#burst} renders at once: try again in ${retryAfter} s`
      throw new Failure('rate_limited', sentence, { retryAfter })
    }
    this.#buckets.set(client, { tokens: full - 1, filled: now })
  }
}

/** The network that an address belongs to: of IPv6 the /64, because a household has all of it. */
function network(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : parsed.toString()
}
