// Fetching with patience: a server that says 503 is busy, not broken, and says when to come back.

/** A fetch that failed for good; the message says how. */
export class FetchFailure extends Error {}

/** How often a request is tried in all. With the pauses below the last try comes after about half a minute. */
export const TRIES = 6

// the first pause in milliseconds, doubled each time, and the longest
const FIRST = 500
const LONGEST = 30_000

/** Milliseconds to wait after a try (the first is 0): what the server asked for, never less than the back-off. */
export function pauseAfter(attempt: number, retryAfter: string | null, random = Math.random()): number {
  const asked = retryAfter !== null && /^\d{1,6}$/.test(retryAfter.trim()) ? 1000 * Number(retryAfter) : 0
  // up to half as long again, so that the tiles of one screen do not all come back at once
  const backOff = FIRST * 2 ** attempt * (1 + random / 2)
  return Math.min(Math.max(asked, backOff), LONGEST)
}

/** The answer's body; tries again while the server is busy or out of reach, until `signal` aborts. */
export async function fetchPatiently(url: string, signal: AbortSignal, onPause = () => {}): Promise<Blob> {
  for (let attempt = 0; ; attempt++) {
    const answer = await fetch(url, { signal }).catch((error: unknown) => {
      signal.throwIfAborted()
      return error as Error
    })
    if (answer instanceof Response && answer.ok) return answer.blob()
    const [worthwhile, why] =
      answer instanceof Response
        ? [answer.status === 429 || answer.status >= 500, `status ${answer.status}`]
        : [true, answer.message]
    if (!worthwhile || attempt + 1 === TRIES) throw new FetchFailure(why)
    onPause()
    const retryAfter = answer instanceof Response ? answer.headers.get('retry-after') : null
    await pause(pauseAfter(attempt, retryAfter), signal)
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
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
