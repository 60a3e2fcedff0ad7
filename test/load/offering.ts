// Crowds in processes of their own.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Offer, Offered } from './offer.ts'

export class Offering {
  readonly #child: ChildProcess
  readonly #url: string

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.#url = url
  }

  /**
   * A crowd that has already requested `warm` many times, because a fresh process is slow.
   */
  static async start(url: string, warm: string): Promise<Offering> {
    const child = fork(fileURLToPath(new URL('./offer.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] })
    await once(child, 'message')
    const offering = new Offering(child, url)
    await offering.send(2, [{ path: warm, rate: 300 }])
    return offering
  }

  /** Sends all of these concurrently for this many seconds; resolves when the last is answered. */
  async send(seconds: number, offers: Offer[]): Promise<Offered[]> {
    this.#child.send({ url: this.#url, seconds, offers })
    const [result] = await once(this.#child, 'message')
    return result as Offered[]
  }

  end(): void {
    this.#child.disconnect()
  }
}
