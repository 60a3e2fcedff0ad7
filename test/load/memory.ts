// Resident memory of a process over time, as the system tells it.
import { readFileSync } from 'node:fs'

export interface Sample {
  /** seconds since the watch began */
  at: number
  /** MiB */
  resident: number
}

/** Resident memory of a process now, in MiB. */
export function resident(pid: number): number {
  const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')
  return (Number(pages) * 4096) / 2 ** 20
}

/** Looks four times a second until it is ended. */
export function watchMemory(pid: number): { end(): Sample[] } {
  const began = performance.now()
  const samples: Sample[] = []
  const timer = setInterval(() => {
    samples.push({ at: (performance.now() - began) / 1000, resident: resident(pid) })
  }, 250)
  return {
    end() {
      clearInterval(timer)
      return samples
    },
  }
}

/** The least of a stretch of time, in MiB: what is left when garbage has been collected. */
export function floor(samples: Sample[], from: number, to: number): number {
  return Math.min(...samples.filter(({ at }) => at >= from && at < to).map(({ resident }) => resident))
}
