// A crowd in its own process (see offering.ts), so that it does not slow down the measurement. It
// is an open loop: requests go out at times fixed in advance, whatever has been answered, and are
// timed from these. So a stalling server cannot hide it by receiving fewer requests.
import { setTimeout as sleep } from 'node:timers/promises'
import { ask, crowd, percentile, type Reply } from './client.ts'

/**
 * What to request, and how often per second; `{n+K}` in the path stands for the request's number
 * plus K. The path may be an address of another server.
 */
export interface Offer {
  path: string
  rate: number
}

/** What became of it. */
export interface Offered {
  /** requests actually sent per second */
  rate: number
  /** the number of answers by status; 0: no complete answer */
  statuses: Record<number, number>
  /** by status, in milliseconds from the due time to the complete answer */
  latency: Record<number, Latency>
  /** 503 without Retry-After */
  mute: number
}

export interface Latency {
  p50: number
  p99: number
  max: number
}

const agent = crowd()

process.on('message', async ({ url, seconds, offers }: { url: string; seconds: number; offers: Offer[] }) => {
  process.send!(await Promise.all(offers.map((offer) => send(url, seconds, offer))))
})
process.on('disconnect', () => process.exit())
process.send!('ready')

async function send(url: string, seconds: number, { path, rate }: Offer): Promise<Offered> {
  const began = performance.now()
  const replies: Promise<{ reply: Reply; late: number }>[] = []
  const count = Math.round(rate * seconds)
  for (let n = 0; n < count; ) {
    const now = performance.now() - began
    for (; n < count && (1000 * n) / rate <= now; n++) {
      const late = performance.now() - began - (1000 * n) / rate
      replies.push(ask(new URL(numbered(path, n), url).href, agent).then((reply) => ({ reply, late })))
    }
    await sleep(Math.max(1, (1000 * n) / rate - (performance.now() - began)))
  }
  const took = (performance.now() - began) / 1000
  const all = await Promise.all(replies)
  const statuses: Offered['statuses'] = {}
  for (const { reply } of all) statuses[reply.status] = (statuses[reply.status] ?? 0) + 1
  const latency = Object.fromEntries(
    Object.keys(statuses).map((status) => {
      const those = all.filter(({ reply }) => reply.status === Number(status))
      return [status, summary(those.map(({ reply, late }) => late + reply.milliseconds))]
    }),
  )
  const mute = all.filter(({ reply: { status, retryAfter } }) => status === 503 && retryAfter === undefined).length
  return { rate: count / took, statuses, latency, mute }
}

function summary(times: number[]): Latency {
  const [p50, p99, max] = [0.5, 0.99, 1].map((part) => percentile(times, part)) as [number, number, number]
  return { p50, p99, max }
}

function numbered(path: string, n: number): string {
  return path.replace(/\{n\+(\d+)\}/, (_, from) => String(Number(from) + n))
}
