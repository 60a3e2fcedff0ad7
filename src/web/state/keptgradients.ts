import { parseGradient } from '../../colour/gradient.ts'
import { Failure } from '../../core/errors.ts'
import { StoredList } from './storedlist.ts'

const KEY = 'mandeltiles.gradients'

/** As many as there are number keys. */
const MOST = 9

/**
 * The visitor's own gradients, in the browser's storage, the oldest first. Every change starts from
 * what is stored.
 */
export class KeptGradients {
  readonly #stored = new StoredList<string>(KEY, parse, JSON.stringify)

  /** Their texts. */
  get all(): readonly string[] {
    return this.#stored.all
  }

  /** Keeps one more. If there are too many, it drops the oldest. */
  add(gradient: string): void {
    this.#stored.save([...this.all.filter((each) => each !== gradient), gradient].slice(-MOST))
  }

  remove(gradient: string): void {
    this.#stored.save(this.all.filter((each) => each !== gradient))
  }
}

function parse(text: string): string[] {
  const list: unknown = JSON.parse(text)
  return Array.isArray(list) ? list.filter(isGradient).slice(0, MOST) : []
}

function isGradient(text: unknown): text is string {
  if (typeof text !== 'string') return false
  try {
    parseGradient(text)
    return true
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return false
  }
}
