import type { ExteriorTile } from './exterior.ts'
import workerAddress from './exteriorworker.ts?worker&url'
import type { IndexedPicture } from './paint.ts'

/** A tile to be computed, and what to do with its picture. */
export interface ExteriorJob {
  key: string
  tile: ExteriorTile
  receive: (picture: IndexedPicture) => void
}

// tiles in the worker at a time: one is computed, one waits, and the rest can still be forgotten
const IN_WORKER = 2

/** Has the tiles outside the pyramid computed by a worker, in the order of the last list. */
export class ExteriorQueue {
  readonly #worker = startWorker()
  readonly #active = new Map<number, ExteriorJob>()
  #waiting: ExteriorJob[] = []
  #next = 0

  constructor() {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<{ id: number; picture: IndexedPicture }>) => {
      const job = this.#active.get(data.id)
      this.#active.delete(data.id)
      this.#fill()
      job?.receive(data.picture)
    })
  }

  /** Replaces the list of wanted tiles. */
  want(jobs: ExteriorJob[]): void {
    const active = new Set([...this.#active.values()].map(({ key }) => key))
    this.#waiting = jobs.filter(({ key }) => !active.has(key))
    this.#fill()
  }

  /** Ends the worker. */
  end(): void {
    this.#worker.terminate()
  }

  #fill(): void {
    while (this.#active.size < IN_WORKER && this.#waiting.length > 0) {
      const job = this.#waiting.shift()!
      const id = this.#next++
      this.#active.set(id, job)
      this.#worker.postMessage({ id, ...job.tile })
    }
  }
}

// a page of another origin may not start our worker, but one of its own that imports ours
function startWorker(): Worker {
  const url = new URL(workerAddress, import.meta.url)
  const type = 'module'
  if (url.origin === location.origin) return new Worker(url, { type })
  const script = new Blob([`import ${JSON.stringify(url.href)}`], { type: 'text/javascript' })
  return new Worker(URL.createObjectURL(script), { type })
}
