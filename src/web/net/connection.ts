// The state of the connection to the server, for all tiles together. While something is wrong no
// tile is requested: one small request at a time asks whether the server answers again, and then
// the tiles follow by themselves.
import type { ConnectionState } from '../state/connectionstate.ts'
import { retryDelay } from './fetching.ts'
import type { ServerInfo } from './server.ts'

// Milliseconds without any answer after which the server is asked whether it is there, and the time
// that it has for that. Deep tiles take longer than this, so their own silence means nothing.
const SILENCE = 2000
const PROBE_TIMEOUT = 2000

// how often the server is asked again while it does not answer, milliseconds
const PROBE_INTERVAL = 1500

// the longest pause after a 503 that names no time, milliseconds
const MAX_PAUSE = 4000

// nothing is loaded ahead for so long after a pause, milliseconds
const CALM_AFTER = 5000

export class Connection {
  #state: ConnectionState = 'ok'
  #pausedUntil = Number.NEGATIVE_INFINITY
  #refusals = 0
  #outstanding = 0
  #lastAnswer = 0
  #timer: number | undefined
  #probing = false
  readonly #ended = new AbortController()
  readonly #server: Pick<ServerInfo, 'base' | 'version'>
  readonly #onChange: () => void
  readonly #onUpdate: () => void

  /**
   * `onChange` is called when requests may be sent again or not; `onUpdate` when the server has
   * another version.
   */
  constructor(server: Pick<ServerInfo, 'base' | 'version'>, onChange: () => void, onUpdate: () => void) {
    this.#server = server
    this.#onChange = onChange
    this.#onUpdate = onUpdate
    const { signal } = this.#ended
    addEventListener('offline', () => this.#fail('offline'), { signal })
    addEventListener('online', () => void this.#probe(), { signal })
  }

  /** Nobody needs the connection any more. */
  end(): void {
    this.#ended.abort()
    clearTimeout(this.#timer)
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** May requests be sent now? */
  get ready(): boolean {
    return this.#state === 'ok' || (this.#state === 'busy' && performance.now() >= this.#pausedUntil)
  }

  /** May the page prefetch? Not soon after the server was busy. */
  get calm(): boolean {
    return this.#state === 'ok' && performance.now() - this.#pausedUntil > CALM_AFTER
  }

  /** A request is sent. */
  sent(): void {
    if (this.#outstanding++ === 0) this.#lastAnswer = performance.now()
    this.#schedule()
  }

  /** A request that was sent is over, whatever its end. */
  ended(): void {
    this.#outstanding--
  }

  /** The server has answered. */
  answered(): void {
    this.#lastAnswer = performance.now()
    // what was sent before a refusal may be answered after it, and does not end the pause
    if (this.#state === 'busy' && !this.ready) return
    this.#refusals = 0
    if (this.#state !== 'ok') this.#set('ok')
  }

  /** The server has answered that it is busy. `retryAfter` is what the header of that name says. */
  refused(retryAfter: string | null): void {
    const now = performance.now()
    this.#lastAnswer = now
    // refusals of requests sent together count once
    const first = now >= this.#pausedUntil
    const pause = retryDelay(this.#refusals, retryAfter)
    if (first) this.#refusals++
    this.#pausedUntil = Math.max(this.#pausedUntil, now + (retryAfter === null ? Math.min(pause, MAX_PAUSE) : pause))
    this.#set('busy')
    this.#schedule()
  }

  /** A request has failed without an answer. */
  failed(): void {
    this.#fail(navigator.onLine ? 'unreachable' : 'offline')
  }

  #fail(state: ConnectionState): void {
    if (this.#state === 'silent' && state === 'unreachable') return
    this.#set(state)
    this.#schedule()
  }

  #set(state: ConnectionState): void {
    const changed = state !== this.#state
    this.#state = state
    if (changed) this.#onChange()
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#ended.signal.aborted) return
    this.#timer = window.setTimeout(() => this.#check(), this.#wait())
  }

  #wait(): number {
    const now = performance.now()
    if (this.#state === 'busy') return Math.max(1, this.#pausedUntil - now)
    return this.#state === 'ok' ? Math.max(100, this.#lastAnswer + SILENCE - now) : PROBE_INTERVAL
  }

  #check(): void {
    if (this.#state === 'busy') {
      // a timer may come a little too early
      if (this.ready) this.#onChange()
      else this.#schedule()
      return
    }
    if (this.#state !== 'ok' || (this.#outstanding > 0 && performance.now() - this.#lastAnswer >= SILENCE)) {
      void this.#probe()
    } else if (this.#outstanding > 0) this.#schedule()
  }

  /** Asks the server for its description, a small answer that is not cached. */
  async #probe(): Promise<void> {
    if (this.#probing) return
    this.#probing = true
    try {
      const answer = await fetch(`${this.#server.base}tile.json`, {
        cache: 'no-store',
        signal: AbortSignal.timeout(PROBE_TIMEOUT),
      })
      if (answer.ok) {
        const { mandeltiles } = (await answer.json()) as { mandeltiles: { version: string } }
        this.answered()
        if (mandeltiles.version !== this.#server.version) this.#onUpdate()
      } else if (answer.status === 429 || answer.status >= 500) this.refused(answer.headers.get('retry-after'))
    } catch (error) {
      this.#fail((error as Error).name === 'TimeoutError' ? 'silent' : navigator.onLine ? 'unreachable' : 'offline')
    } finally {
      this.#probing = false
      if (this.#outstanding > 0 || this.#state !== 'ok') this.#schedule()
    }
  }
}
