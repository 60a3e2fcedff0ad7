/**
 * One typed object of state. Panels read it and watch the parts that they show; the map controller
 * changes it. Listeners run synchronously, after the whole change has been made, in the order in
 * which they were added.
 */
export class Store<State extends object> {
  #state: Readonly<State>
  readonly #watchers: { keys: readonly (keyof State)[]; listener: () => void }[] = []

  constructor(initial: State) {
    this.#state = initial
  }

  get state(): Readonly<State> {
    return this.#state
  }

  /** Replaces some parts. A part that is identical to its old value counts as unchanged. */
  update(change: Partial<State>): void {
    const before = this.#state
    this.#state = { ...before, ...change }
    for (const { keys, listener } of this.#watchers) {
      if (keys.some((key) => before[key] !== this.#state[key])) listener()
    }
  }

  /** Calls `listener` after every change of one of these parts. */
  watch(keys: readonly (keyof State)[], listener: () => void): void {
    this.#watchers.push({ keys, listener })
  }
}
