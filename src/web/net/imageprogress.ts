import { t } from '../language/t.ts'
import { CLIENT, fetchProgress } from './client.ts'
import { FetchFailure } from './fetching.ts'

// how often the server is asked for the progress, milliseconds
const INTERVAL = 500

/**
 * Fetches an image that takes the server long. `onProgress` gets the finished fraction, 0 to 1
 * (undefined while it is unknown), and words. An image's ETag is known before it is rendered and
 * names it in the server's list of images in progress. @throws FetchFailure with the server's own
 * message
 */
export async function fetchImage(
  url: string,
  signal: AbortSignal,
  onProgress: (done: number | undefined, words: string) => void,
): Promise<Blob> {
  const head = await fetch(url, { method: 'HEAD', signal })
  const tag = head.headers.get('etag')
  const ask = async () => {
    const { images } = await fetchProgress(signal)
    const ours = images.find(({ etag }) => etag === tag)
    if (ours && ours.done < 1) onProgress(ours.done, `${Math.floor(100 * ours.done)} %`)
    else if (ours) onProgress(undefined, t('encoding'))
  }
  const timer = setInterval(() => ask().catch(() => {}), INTERVAL)
  try {
    const answer = await fetch(url, { signal, headers: CLIENT })
    if (answer.ok) return await answer.blob()
    throw new FetchFailure(await reason(answer))
  } finally {
    clearInterval(timer)
  }
}

async function reason(answer: Response): Promise<string> {
  try {
    const { detail } = (await answer.json()) as { detail: string }
    return `${detail[0]!.toUpperCase()}${detail.slice(1)}.`
  } catch {
    return t('The server answered {status}.', { status: answer.status })
  }
}
