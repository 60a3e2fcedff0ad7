// Caches the page and the last tiles for use without a network. The network comes first; the caches
// serve only what it does not answer.
//
// So an upgrade never shows old tiles: the page asks tile.json for the renderer's version, and
// every tile names that version in its address. When another version is seen, the tiles of all
// others go. Paths are relative to where this file lies, so that it works under any path.

/** The part of the worker's scope that is used here; the page's types have none of it. */
interface Scope {
  registration: { scope: string }
  clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: Extendable) => void): void
  addEventListener(type: 'message', listener: (event: Extendable & { data: string[] }) => void): void
  addEventListener(type: 'fetch', listener: (event: Extendable & Fetch) => void): void
}
interface Extendable {
  waitUntil(work: Promise<unknown>): void
}
interface Fetch {
  request: Request
  respondWith(answer: Promise<Response>): void
}

const scope = self as unknown as Scope

const BASE = scope.registration.scope

// another map of the same host has caches of its own
const PAGE = `mandeltiles.page ${BASE}`
const TILES = `mandeltiles.tiles ${BASE}`

// the encoding of an answer does not matter here
const ANY = { ignoreVary: true }

// About ten screens: a tile takes 25 KB. The page has some twenty scripts and styles.
const MOST: Record<string, number> = { [PAGE]: 100, [TILES]: 400 }

scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()))
scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()))

// what the page had loaded before this worker was there
scope.addEventListener('message', (event) =>
  event.waitUntil(
    Promise.all(
      event.data.map(async (url) => {
        const name = cacheFor(url)
        if (name === undefined || (await caches.match(url, ANY))) return
        const answer = await fetch(url)
        if (answer.ok) await keep(name, url, answer)
      }),
    ),
  ),
)

scope.addEventListener('fetch', (event) => {
  const { request } = event
  // a request that bypasses all caches probes the server
  if (request.method !== 'GET' || request.cache === 'no-store') return
  const url = isPage(request) ? BASE : request.url
  const name = cacheFor(url)
  if (name === undefined) return
  event.respondWith(
    (async () => {
      try {
        const answer = await fetch(request)
        // the page of a shared view names that view, and is not cached
        if (answer.ok && !request.url.startsWith(`${BASE}at/`)) event.waitUntil(keep(name, url, answer.clone()))
        return answer
      } catch (error) {
        const kept = await caches.match(url, ANY)
        if (kept) return kept
        throw error
      }
    })(),
  )
})

/** The cache for an address; undefined if it is not cached. */
function cacheFor(url: string): string | undefined {
  if (!url.startsWith(BASE)) return undefined
  const path = url.slice(BASE.length)
  if (/^(tile|julia\/[^/]+\/tile)\/.*\.png\?.*\bv=/.test(path)) return TILES
  return /^($|tile\.json$|palettes\.json$|assets\/.*\.(js|css)$)/.test(path) ? PAGE : undefined
}

/** Does a request open the map, or the page of a view? That is the same page. */
function isPage({ mode, url }: Request): boolean {
  return mode === 'navigate' && (new URL(url).pathname === new URL(BASE).pathname || url.startsWith(`${BASE}at/`))
}

async function keep(name: string, url: string, answer: Response): Promise<void> {
  if (url.endsWith('/tile.json')) await forgetOthers(await answer.clone().json())
  const cache = await caches.open(name)
  // the newest are the last
  await cache.delete(url)
  await cache.put(url, answer)
  const keys = await cache.keys()
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST[name]!)).map((key) => cache.delete(key)))
}

/** Deletes the tiles of other versions of the renderer. */
async function forgetOthers({ mandeltiles }: { mandeltiles: { version: string } }): Promise<void> {
  const cache = await caches.open(TILES)
  const old = (await cache.keys()).filter(({ url }) => new URL(url).searchParams.get('v') !== mandeltiles.version)
  await Promise.all(old.map((key) => cache.delete(key)))
}
