// What identifies this page to the server: a random id that its requests for tiles and images
// carry, so that /progress can tell the page what they wait for.

// 96 bits, so that nobody guesses it; `crypto.randomUUID` exists over HTTPS only
const ID = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** The headers of requests whose progress the page may ask for. */
export const CLIENT = { 'x-client-id': ID }

/** What the server says that the page's requests wait for. */
export interface Progress {
  orbits: { reached: number; limit: number }[]
  images: { etag: string; done: number }[]
}

export async function fetchProgress(signal?: AbortSignal): Promise<Progress> {
  const answer = await fetch(`progress?client=${ID}`, signal ? { signal } : {})
  return (await answer.json()) as Progress
}
