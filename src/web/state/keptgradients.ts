import { parseGradient } from '../../colour/gradient.ts'
import { Failure } from '../../core/errors.ts'

const KEY = 'mandeltiles.gradients'

/** As many as there are number keys. */
const MOST = 9

/**
 * The visitor's own gradients, in the browser's storage, the oldest first. Every change starts from
 * what is stored, because another tab may have changed it.
 */
export class KeptGradients {
  #kept: string[] = []

  /** Their texts. */
  get all(): readonly string[] {
    // a browser may refuse storage, for example in a frame of another site
    try {
      const text = localStorage.getItem(KEY)
      if (text !== null) return parse(text)
    } catch {}
    return this.#kept
  }

  /** Keeps one more. If there are too many, it drops the oldest. */
  add(gradient: string): void {
    this.#save([...this.all.filter((each) => each !== gradient), gradient].slice(-MOST))
  }

  remove(gradient: string): void {
    this.#save(this.all.filter((each) => each !== gradient))
  }

  #save(gradients: string[]): void {
    this.#kept = gradients
    try {
      localStorage.setItem(KEY, JSON.stringify(gradients))
    } catch {}
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
