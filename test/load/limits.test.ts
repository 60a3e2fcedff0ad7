// A server out of memory or file descriptors: requests that it cannot serve get 503, and it
// recovers.

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { endAll, serve } from '../cluster/processes.ts'

afterEach(endAll)

/** The status of an answer over a kept-alive connection. */
function ask(agent: Agent, url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode!))
    }).once('error', reject)
  })
}

test('a render that runs out of memory gets 503, and the process survives', async () => {
  const limited = ['sh', '-c', 'ulimit -d 500000; exec "$0" "$@"']
  const { url, child } = await serve({ 'orbit-bytes': 4e9 }, limited)
  // inside a small component: neither closes nor escapes, so 16 million iterates are to be kept
  const large = await fetch(`${url}/tile/60/480383960252852906/576460752303419644.png?max_iter=16000000`)
  expect(large.status).toBe(503)
  expect((await large.json()).detail).toMatch(/^there is not enough memory for this render now/)
  expect(large.headers.get('retry-after')).toBe('10')
  expect((await fetch(`${url}/tile/3/2/3.png`)).status).toBe(200)
  expect(child.exitCode).toBe(null)
})

test('running out of file descriptors before the first tile breaks nothing: threads import all their tasks at startup', async () => {
  const { url, child } = await serve({ threads: 2 })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  expect(await ask(agent, `${url}/healthz`)).toBe(200)
  const limit = (descriptors: number) => {
    const { status, stderr } = spawnSync('prlimit', [`--pid=${child.pid}`, `--nofile=${descriptors}:`])
    expect(status, String(stderr)).toBe(0)
  }
  const open = Math.max(...readdirSync(`/proc/${child.pid}/fd`).map(Number)) + 1
  limit(open)
  // tiles of both arithmetics, and a grid
  for (const path of ['/tile/3/2/3.png', '/tile/60/480383960252852906/576460752303419644.png?max_iter=1000', '/grid']) {
    expect(await ask(agent, url + path), path).toBe(200)
  }
  limit(1024)
  expect(await ask(agent, `${url}/tile/3/2/4.png`)).toBe(200)
  expect(await ask(agent, `${url}/readyz`)).toBe(200)
  agent.destroy()
})
