import type { Connection } from './connection.ts'

/** A file that is wanted, and what to do with it. */
export interface TileRequest {
  url: string
  /**
   * is it a prefetch? Then it is sent only while the server is not busy, and few at a time
   */
  ahead: boolean
  receive: (bytes: ArrayBuffer) => void
  /** the server refuses it permanently */
  fail: () => void
}

// A browser opens six connections to a host. Tiles that wait for a deep reference orbit would
// occupy all of them, and the request for the orbit's progress would wait behind them. So tiles use
// five.
const MAX_REQUESTS = 5
const MAX_AHEAD = 2

// how often it is checked whether the server has become calm, milliseconds
const CALM_INTERVAL = 1000

// how often a tile is requested that the server answers with an error of its own
const MAX_ERRORS = 3

/**
 * Requests the files that are wanted, in the order of the last list, while the connection allows
 * it.
 */
export class TileQueue {
  readonly #connection: Connection
  readonly #headers: Record<string, string>
  readonly #active = new Map<string, { request: TileRequest; abort: AbortController }>()
  readonly #errors = new Map<string, number>()
  #wanted: TileRequest[] = []
  #timer: number | undefined

  /** `headers` go with every request. */
  constructor(connection: Connection, headers: Record<string, string>) {
    this.#connection = connection
    this.#headers = headers
  }

  /** Replaces the list. Requests that are not in it any more are cancelled. */
  want(requests: TileRequest[]): void {
    this.#wanted = requests
    const urls = new Set(requests.map(({ url }) => url))
    for (const [url, { abort }] of this.#active) if (!urls.has(url)) abort.abort()
    this.resume()
  }

  /** Sends what may be sent. */
  resume(): void {
    if (!this.#connection.ready) return
    let ahead = [...this.#active.values()].filter(({ request }) => request.ahead).length
    for (const request of this.#wanted) {
      if (this.#active.size >= MAX_REQUESTS) return
      if (this.#active.has(request.url)) continue
      if (request.ahead && !this.#connection.calm) {
        clearTimeout(this.#timer)
        this.#timer = window.setTimeout(() => this.resume(), CALM_INTERVAL)
        return
      }
      if (request.ahead && ++ahead > MAX_AHEAD) return
      void this.#send(request)
    }
  }

  /** Cancels all requests in flight, to send them again. */
  restart(): void {
    for (const { abort } of this.#active.values()) abort.abort()
  }

  /** Forgets failures, so that these tiles may be wanted again. */
  forgive(): void {
    this.#errors.clear()
  }

  async #send(request: TileRequest): Promise<void> {
    const abort = new AbortController()
    const { url } = request
    this.#active.set(url, { request, abort })
    this.#connection.sent()
    try {
      const answer = await fetch(url, { signal: abort.signal, headers: this.#headers })
      if (answer.ok) {
        const bytes = await answer.arrayBuffer()
        this.#errors.delete(url)
        this.#done(request)
        this.#connection.answered()
        request.receive(bytes)
      } else this.#refused(request, answer)
    } catch {
      if (!abort.signal.aborted) this.#connection.failed()
    } finally {
      this.#connection.ended()
      this.#active.delete(url)
      this.resume()
    }
  }

  #refused(request: TileRequest, answer: Response): void {
    const errors = (this.#errors.get(request.url) ?? 0) + 1
    if (answer.status === 429 || answer.status > 500) this.#connection.refused(answer.headers.get('retry-after'))
    else if (answer.status === 500 && errors < MAX_ERRORS) {
      this.#errors.set(request.url, errors)
      this.#connection.refused(null)
    } else {
      this.#done(request)
      this.#connection.answered()
      request.fail()
    }
  }

  #done(request: TileRequest): void {
    this.#wanted = this.#wanted.filter(({ url }) => url !== request.url)
  }
}
