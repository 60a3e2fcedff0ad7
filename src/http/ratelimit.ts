// Limits the renders of each client by a token bucket, which is refilled at a steady rate. A render
// takes a token when it begins, and another one for every TOKEN_SECONDS that threads work for it.
// The expected part of these is taken at once, and corrected when the render ends, finished or not.
// A bucket may go below zero, so the most expensive request is still possible, but the next one has
// to wait longer. Answers that need no render are free. Off by default, because a whole school may
// share one address.
import ipaddr from 'ipaddr.js'
import { LRUCache } from 'lru-cache'
import { Failure } from '../core/errors.ts'

interface Bucket {
  tokens: number
  /** when it was last refilled, in seconds */
  filled: number
}

// clients remembered; a forgotten one starts with a full bucket
const CLIENTS = 10_000
/**
 * Seconds of a thread per further token: a hundred times those of an ordinary tile.
 */
const TOKEN_SECONDS = 1

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
      const sentence = `this client has used up its burst of ${this.#burst} renders: try again in ${retryAfter} s`
      throw new Failure('rate_limited', sentence, { retryAfter })
    }
    this.#buckets.set(client, { tokens: full - 1, filled: now })
  }

  /**
   * Takes a token for a render that is expected to use a thread for this many seconds, and more for
   * long renders. The returned function corrects this by the seconds that were used.
   * @throws Failure `rate_limited`
   */
  begin(address: string, seconds: number): (used: number) => void {
    this.take(address)
    let charged = 0
    const settle = (used: number) => {
      const tokens = Math.floor(used / TOKEN_SECONDS)
      this.#charge(address, tokens - charged)
      charged = tokens
    }
    settle(seconds)
    return settle
  }

  #charge(address: string, tokens: number): void {
    const bucket = this.#buckets.get(network(address))
    if (bucket) bucket.tokens = Math.min(this.#burst, bucket.tokens - tokens)
  }
}

/** The network of an address: for IPv6 the /64, because a household has all of it. */
function network(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(':') : parsed.toString()
}
