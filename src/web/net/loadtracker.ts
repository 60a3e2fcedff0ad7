import type { Loading, MapStore } from '../state/mapstate.ts'

/** Keeps the store's `loading`: how many tiles the screen still needs. */
export class LoadTracker {
  readonly #store: MapStore

  constructor(store: MapStore) {
    this.#store = store
  }

  /** Sets the number of tiles that are missing on the screen, and of those that were refused. */
  set(pending: number, failed: number): void {
    const { loading } = this.#store.state
    const burst = pending === 0 ? 0 : Math.max(loading.burst, pending)
    if (pending === loading.pending && failed === loading.failed && burst === loading.burst) return
    this.#store.update({ loading: { pending, failed, burst } satisfies Loading })
  }
}
