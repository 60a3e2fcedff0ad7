// A load generator that needs little CPU, so that on two cores the server has one to itself: raw
// sockets with one request at a time on each. And the CPU time of the processes that answer.
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'

/**
 * Requests one URL this many times over keep-alive connections, or as many variants of it. All
 * answers must have the given status.
 */
export async function drive(
  url: string,
  { requests, connections = 8, status = 200, headers = {}, renamed = false }: Load,
): Promise<void> {
  const { hostname, port, pathname, search, host } = new URL(url)
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = () =>
    `GET ${pathname}${search}${renamed ? `${search === '' ? '?' : '&'}v=${++names}` : ''} HTTP/1.1\r\n${lines.join('')}\r\n`
  let left = requests
  const line = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      socket.setNoDelay()
      let missing = 0 // bytes of the current answer that have not arrived
      const next = () => {
        if (left-- > 0) socket.write(request())
        else socket.end()
      }
      socket.on('connect', next)
      socket.on('data', (data: Buffer) => {
        if (missing === 0) {
          const end = data.indexOf('\r\n\r\n')
          const head = data.toString('latin1', 0, end < 0 ? data.length : end)
          if (end < 0 || !head.startsWith(`HTTP/1.1 ${status} `)) {
            socket.destroy(new Error(`an answer began: ${head.slice(0, 200)}`))
            return
          }
          missing = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0) + end + 4
        }
        missing -= data.length
        if (missing === 0) next()
      })
      socket.on('close', resolve)
      socket.on('error', reject)
    })
  await Promise.all(Array.from({ length: connections }, line))
}

let names = 0

export interface Load {
  requests: number
  /** every request has another URL */
  renamed?: boolean
  connections?: number
  status?: number
  headers?: Record<string, string>
}

/** CPU time in milliseconds of the threads that a process has now. */
export function cpuOf(pid: number): number {
  return [...threadsOf(pid).values()].reduce((sum, time) => sum + time)
}

/** The same per thread id; the main thread has the id of the process. */
export function threadsOf(pid: number): Map<number, number> {
  // the first of the three numbers is nanoseconds on a core; /proc/PID/stat only counts ticks of 10
  // ms
  const time = (id: string) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'latin1').split(' ')[0]) / 1e6
  return new Map(readdirSync(`/proc/${pid}/task`).map((id) => [Number(id), time(id)]))
}

/** Resident memory of a process in megabytes. */
export function residentOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) / 1024
}
