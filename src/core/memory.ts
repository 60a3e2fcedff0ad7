// One budget for all memory of the process, set by `--memory`. First come the process itself and
// its threads, then the shares that options set; the rest is divided. docs/operations.md has the
// same table with the reasons.
import { availableParallelism, totalmem } from 'node:os'

const MIB = 2 ** 20

/** Bytes of the process before it has served anything, and of each render thread. */
const PROCESS_BYTES = 128 * MIB
const THREAD_BYTES = 48 * MIB

/**
 * The parts of the rest, in sixteenths, and the most that each can use. Orbits get what is left.
 */
const SHARES = {
  'cache-bytes': { part: 3, most: 1024 * MIB },
  'sample-cache-bytes': { part: 1, most: 256 * MIB },
  'send-bytes': { part: 1, most: 256 * MIB },
  'work-bytes': { part: 6, most: 1024 * MIB },
  'orbit-bytes': { part: 5, most: 2 ** 44 },
} as const

/** An option that is a share of the memory. */
export type ShareName = keyof typeof SHARES
export const SHARE_NAMES = Object.keys(SHARES) as ShareName[]

/**
 * The memory that the process may use by default: seven eighths of what its container allows, or
 * half of the machine's.
 */
export function availableMemory(): number {
  const allowed = process.constrainedMemory()
  const bytes = allowed > 0 && allowed < totalmem() ? (allowed * 7) / 8 : totalmem() / 2
  return MIB * Math.floor(bytes / MIB)
}

/** One thread per core, but no more than fit into half of the memory; at least one. */
export function threadsFor(memory: number): number {
  const room = Math.floor((memory / 2 - PROCESS_BYTES / 2) / THREAD_BYTES)
  return Math.max(1, Math.min(availableParallelism(), room))
}

/**
 * The shares of a memory, in bytes. Those that are set already come off first, and are not
 * returned. Every share is at least a MiB, so that a small memory does not turn anything off.
 */
export function divideMemory(
  memory: number,
  threads: number,
  set: Partial<Record<ShareName, number>> = {},
): Partial<Record<ShareName, number>> {
  const open = SHARE_NAMES.filter((name) => set[name] === undefined)
  const taken = Object.values(set).reduce((sum, bytes) => sum + bytes, 0)
  const rest = Math.max(0, memory - PROCESS_BYTES - threads * THREAD_BYTES - taken)
  const parts = open.reduce((sum, name) => sum + SHARES[name].part, 0)
  const share = (name: ShareName) => Math.min((rest * SHARES[name].part) / parts, SHARES[name].most)
  const others = open.filter((name) => name !== 'orbit-bytes').reduce((sum, name) => sum + share(name), 0)
  return Object.fromEntries(
    open.map((name) => {
      const bytes = name === 'orbit-bytes' ? rest - others : share(name)
      return [name, Math.max(1, Math.floor(bytes / MIB)) * MIB]
    }),
  )
}
