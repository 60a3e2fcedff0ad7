// What identifies this page to the server: a random id that its requests for tiles and images
// carry, so that /progress can tell the page what they wait for.

// 96 bits, so that nobody can guess it; `crypto.randomUUID` exists only over HTTPS
const ID = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** The headers of requests whose progress the page may ask for. */
export const CLIENT: Record<string, string> = { 'x-client-id': ID }

/**
 * The same for a server at an address of its own: nothing there asks for the progress, and a header
 * would cost every tile another request, the preflight in which the browser asks for permission.
 */
export function clientHeaders(base: string): Record<string, string> {
  return base === '' ? CLIENT : {}
}

/** What the page's requests wait for, according to the server. */
export interface Progress {
  orbits: { reached: number; limit: number }[]
  images: { etag: string; done: number }[]
}

export async function fetchProgress(signal?: AbortSignal): Promise<Progress> {
  const answer = await fetch(`progress?client=${ID}`, signal ? { signal } : {})
  return (await answer.json()) as Progress
}
