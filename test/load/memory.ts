// Resident memory of a process over time, as the system reports it.
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

/** Samples four times a second until it is stopped. */
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

/** The minimum over a period, in MiB: what remains after garbage collection. */
export function floor(samples: Sample[], from: number, to: number): number {
  return Math.min(...samples.filter(({ at }) => at >= from && at < to).map(({ resident }) => resident))
}

/** The minimum of each of `windows` equal periods, with the middle of each. */
export function floors(samples: Sample[], windows: number): Sample[] {
  const [from, to] = [samples[0]!.at, samples.at(-1)!.at]
  const length = (to - from) / windows
  return Array.from({ length: windows }, (_, k) => ({
    at: from + (k + 0.5) * length,
    resident: floor(samples, from + k * length, from + (k + 1) * length),
  }))
}

/**
 * The slope of samples, in MiB a minute, and the interval that holds it with 95 %: the median of
 * the slopes between all pairs (Theil 1950), and the ranks beside it by Kendall's variance (Sen
 * 1968). A few outliers move neither.
 */
export function slope(samples: Sample[]): { slope: number; low: number; high: number } {
  const slopes = samples
    .flatMap((a, k) => samples.slice(k + 1).map((b) => (60 * (b.resident - a.resident)) / (b.at - a.at)))
    .sort((a, b) => a - b)
  const n = samples.length
  const reach = 1.96 * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)
  const at = (rank: number) => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(rank)))]!
  const middle = (slopes.length - 1) / 2
  return { slope: at(middle), low: at(middle - reach / 2), high: at(middle + reach / 2) }
}
