// A load that costs its sender little, so that on two cores the server has one to itself: raw sockets, one request under way on each. And the CPU
// time of the processes that answer.
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'

/** Asks for one address so many times over kept connections; all answers must have this status. */
export async function drive(
  url: string,
  { requests, connections = 8, status = 200, headers = {} }: Load,
): Promise<void> {
  const { hostname, port, pathname, search, host } = new URL(url)
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = `GET ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`
  let left = requests
  const line = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      socket.setNoDelay()
      let missing = 0 // bytes of the answer under way that have not come
      const next = () => {
        if (left-- > 0) socket.write(request)
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

export interface Load {
  requests: number
  connections?: number
  status?: number
  headers?: Record<string, string>
}

/** Milliseconds of CPU that a process has taken by the threads that it has now, or its main thread alone, as Linux' scheduler counts them. */
export function cpuOf(pid: number, threads: 'all' | 'main' = 'all'): number {
  const ids = threads === 'main' ? [pid] : readdirSync(`/proc/${pid}/task`)
  // the first of three numbers: nanoseconds on a core. /proc/PID/stat counts ticks of ten milliseconds
  const times = ids.map((id) => Number(readFileSync(`/proc/${pid}/task/${id}/schedstat`, 'latin1').split(' ')[0]))
  return times.reduce((sum, time) => sum + time) / 1e6
}

/** Megabytes of memory that a process has resident. */
export function residentOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) / 1024
}
