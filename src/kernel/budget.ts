// Memory that several threads share, in bytes. A thread takes bytes before it allocates them, so
// that all threads together stay within a bound, however much each of them turns out to need. If
// too few are free, the thread says how many it wants and waits a little, because the main thread
// may free cached bytes.
//
// `taken` counts what one task has taken, in shared memory too, so that it can be given back even
// if the thread of the task dies.

/** Bytes that are free, and bytes that a thread is waiting for. */
export type Budget = BigInt64Array<SharedArrayBuffer>
/** Bytes that a task has taken. */
export type Taken = BigInt64Array<SharedArrayBuffer>

const [FREE, WANTED] = [0, 1]
// how long a thread waits for bytes, and how often it checks, in milliseconds
const PATIENCE = 500
const LOOK = 10

export function newBudget(bytes: number): Budget {
  const budget = new BigInt64Array(new SharedArrayBuffer(16))
  budget[FREE] = BigInt(bytes)
  return budget
}

export function newTaken(): Taken {
  return new BigInt64Array(new SharedArrayBuffer(8))
}

/** Takes bytes for a task, if enough are free. */
export function tryTake(budget: Budget, taken: Taken, bytes: number): boolean {
  const amount = BigInt(Math.ceil(bytes))
  for (;;) {
    const free = Atomics.load(budget, FREE)
    if (free < amount) return false
    if (Atomics.compareExchange(budget, FREE, free, free - amount) === free) break
  }
  Atomics.add(taken, 0, amount)
  return true
}

/** Bytes that are free. */
export function freeBytes(budget: Budget): number {
  return Number(Atomics.load(budget, FREE))
}

/**
 * The same in a worker thread, which waits for a while. False if too few became free, or if it was
 * cancelled.
 */
export function take(budget: Budget, taken: Taken, bytes: number, cancel: Int32Array): boolean {
  const end = performance.now() + PATIENCE
  while (!tryTake(budget, taken, bytes)) {
    if (performance.now() > end || Atomics.load(cancel, 0) !== 0) return false
    Atomics.store(budget, WANTED, BigInt(Math.ceil(bytes)))
    Atomics.wait(budget, FREE, Atomics.load(budget, FREE), LOOK)
  }
  return true
}

/** Releases the bytes that a task has taken, except `kept` of them. */
export function giveBack(budget: Budget, taken: Taken, kept = 0): void {
  const all = Atomics.exchange(taken, 0, 0n)
  change(budget, all - BigInt(kept))
}

/** Frees bytes, or with a negative number takes them, whether they are free or not. */
export function change(budget: Budget, bytes: bigint): void {
  Atomics.add(budget, FREE, bytes)
  Atomics.notify(budget, FREE)
}

/**
 * Bytes that a thread wants beyond the free ones, or that are taken beyond the bound.
 */
export function shortage(budget: Budget): number {
  const wanted = Atomics.exchange(budget, WANTED, 0n)
  return Math.max(0, Number(wanted - Atomics.load(budget, FREE)))
}
