// The client of the load tests: plain node:http over kept-alive connections, so that the server is
// measured and not the client.
import { Agent, get } from 'node:http'

export interface Reply {
  /** 0: the connection broke before the answer was complete */
  status: number
  milliseconds: number
  bytes: number
  retryAfter: string | undefined
}

/** A crowd's connections. */
export function crowd(): Agent {
  return new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 4096 })
}

/** One request, answered or broken; never rejects. */
export function ask(url: string, agent: Agent, signal?: AbortSignal): Promise<Reply> {
  const began = performance.now()
  return new Promise((resolve) => {
    const done = (status: number, bytes: number, retryAfter?: string) =>
      resolve({ status, bytes, retryAfter, milliseconds: performance.now() - began })
    const request = get(url, { agent, signal }, (answer) => {
      let bytes = 0
      answer.on('data', (data: Buffer) => {
        bytes += data.length
      })
      answer.on('error', () => done(0, bytes))
      answer.on('end', () => done(answer.complete ? answer.statusCode! : 0, bytes, answer.headers['retry-after']))
    })
    request.on('error', () => done(0, 0))
  })
}

/**
 * A grid that takes a thread half a minute or more: real points between -2 and -1.6, where orbits
 * neither escape nor settle. Another `limit` is another grid.
 */
export function dearGrid(limit = 1_000_000): string {
  return `/grid.npy?x0=-1.99&x1=-1.6&y0=0&y1=0&grid=300&max_iter=${limit}&precision=float64`
}

export async function json<T>(url: string): Promise<T> {
  return (await fetch(url)).json() as Promise<T>
}

/** The samples of /metrics, without the prefix that all have. */
export async function metrics(url: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.startsWith('mandeltiles_'))
      .map((line) => [line.slice('mandeltiles_'.length, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  )
}

/** The value that a fraction `part` of them does not exceed. */
export function percentile(values: number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN
}
