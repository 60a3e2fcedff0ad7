import type { Loading, MapStore } from '../state/mapstate.ts'

/** Counts the tiles that are being loaded, in the store's `loading`. */
export class LoadTracker {
  readonly #store: MapStore
  #loading: Loading
  #scheduled = false

  constructor(store: MapStore) {
    this.#store = store
    this.#loading = store.state.loading
  }

  requested(): void {
    const { pending, burst } = this.#loading
    this.#change({ pending: pending + 1, burst: pending === 0 ? 1 : burst + 1 })
  }

  /** One request less: it was answered, or it was cancelled. */
  finished(): void {
    this.#change({ pending: this.#loading.pending - 1 })
  }

  waiting(change: 1 | -1): void {
    this.#change({ waiting: this.#loading.waiting + change })
  }

  failed(change: 1 | -1): void {
    this.#change({ failed: this.#loading.failed + change })
  }

  // Leaflet requests dozens of tiles in one task: update the store once
  #change(change: Partial<Loading>): void {
    this.#loading = { ...this.#loading, ...change }
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => {
      this.#scheduled = false
      this.#store.update({ loading: this.#loading })
    })
  }
}
