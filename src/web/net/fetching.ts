// Fetching with retries: a server that answers 503 is busy, not broken, and says when to try again.
import { CLIENT } from './client.ts'

/** A request that failed for good. The message says why. */
export class FetchFailure extends Error {}

/**
 * How many times a request is sent in all. With the delays below, the last try comes after about 30
 * seconds.
 */
export const MAX_TRIES = 6

// the first delay in milliseconds, doubled after every try, and the longest
const FIRST_DELAY = 500
const MAX_DELAY = 30_000

/**
 * Milliseconds to wait after a try (the first is 0): the server's Retry-After, but at least the
 * back-off.
 */
export function retryDelay(attempt: number, retryAfter: string | null, random = Math.random()): number {
  const asked = retryAfter !== null && /^\d{1,6}$/.test(retryAfter.trim()) ? 1000 * Number(retryAfter) : 0
  // up to half as long again, so that the tiles of one screen do not all come back at the same time
  const backOff = FIRST_DELAY * 2 ** attempt * (1 + random / 2)
  return Math.min(Math.max(asked, backOff), MAX_DELAY)
}

/**
 * Fetches a body. Tries again while the server is busy or cannot be reached, until `signal` aborts.
 * `onRetry` is called before every delay.
 */
export async function fetchWithRetry(
  url: string,
  signal: AbortSignal,
  onRetry = () => {},
  headers = CLIENT,
): Promise<Blob> {
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(url, { signal, headers }).catch((error: unknown) => {
      signal.throwIfAborted()
      return error as Error
    })
    if (answer instanceof Response && answer.ok) return answer.blob()
    const [temporary, why] =
      answer instanceof Response
        ? [answer.status === 429 || answer.status >= 500, `status ${answer.status}`]
        : [true, answer.message]
    if (!temporary || attempt + 1 === MAX_TRIES) throw new FetchFailure(why)
    onRetry()
    const retryAfter = answer instanceof Response ? answer.headers.get('retry-after') : null
    await delay(retryDelay(attempt, retryAfter), signal)
  }
}

/** Fetches JSON in the same way. */
export async function fetchJson<T>(
  url: string,
  signal: AbortSignal,
  onRetry?: () => void,
  headers?: Record<string, string>,
): Promise<T> {
  const body = await fetchWithRetry(url, signal, onRetry, headers)
  return JSON.parse(await body.text()) as T
}

function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
  })
}
