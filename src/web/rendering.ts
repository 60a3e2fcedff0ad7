import { FetchFailure } from './fetching.ts'

// how often the server is asked how far it is, milliseconds
const EVERY = 500

/**
 * A picture that takes the server long, and how far it is meanwhile: the part that is done, 0 to 1, while that is known, and words. The
 * picture's ETag is known before it is rendered, and names it in what the server says that it is making. Throws FetchFailure with the
 * server's own sentence.
 */
export async function follow(
  url: string,
  signal: AbortSignal,
  tell: (done: number | undefined, words: string) => void,
): Promise<Blob> {
  const head = await fetch(url, { method: 'HEAD', signal })
  const tag = head.headers.get('etag')
  const ask = async () => {
    const { images } = (await (await fetch('healthz', { signal })).json()) as { images: { making: CacheEntry[] } }
    const ours = images.making.find(({ etag }) => etag === tag)
    if (ours && ours.done < 1) tell(ours.done, `${Math.floor(100 * ours.done)} %`)
    else if (ours) tell(undefined, 'encoding')
  }
  const timer = setInterval(() => ask().catch(() => {}), EVERY)
  try {
    const answer = await fetch(url, { signal })
    if (answer.ok) return await answer.blob()
    throw new FetchFailure(await reason(answer))
  } finally {
    clearInterval(timer)
  }
}

interface CacheEntry {
  etag: string
  done: number
}

async function reason(answer: Response): Promise<string> {
  try {
    const { detail } = (await answer.json()) as { detail: string }
    return `${detail[0]!.toUpperCase()}${detail.slice(1)}.`
  } catch {
    return `The server answers ${answer.status}.`
  }
}
