// An impostor instead of Redis: whatever it says, our server answers with the right tiles and
// survives.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { endAll, type Replica, serve } from './processes.ts'

let honest: Replica
beforeAll(async () => {
  honest = await serve()
})
afterAll(endAll)

const sha = async (url: string) => {
  const answer = await fetch(url)
  const body = Buffer.from(await answer.arrayBuffer())
  return [answer.status, answer.headers.get('x-cache'), createHash('sha256').update(body).digest('hex')]
}

/**
 * A server that speaks Redis' protocol as badly as `answer` does: it gets the name of each command.
 */
async function impostor(answer: (command: string, socket: Socket) => string | Buffer): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    let text = ''
    socket.on('data', (data) => {
      text += data.toString('latin1')
      // *2\r\n$3\r\nGET\r\n$5\r\nhello\r\n: as many parts as the first line says, each behind its
      // length
      for (;;) {
        const head = /^\*(\d+)\r\n/.exec(text)
        if (!head) return
        let [at, name] = [head[0].length, '']
        for (let part = 0; part < Number(head[1]); part++) {
          const size = /^\$(\d+)\r\n/.exec(text.slice(at, at + 20))
          if (!size || text.length < at + size[0].length + Number(size[1]) + 2) return
          at += size[0].length
          if (part === 0) name = text.slice(at, at + Number(size[1])).toLowerCase()
          at += Number(size[1]) + 2
        }
        text = text.slice(at)
        socket.write(answer(name, socket))
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const LIES: Record<string, (command: string) => string | Buffer> = {
  'integers instead of bytes': () => ':1\r\n',
  'a nil for every reply and one more': () => '$-1\r\n$-1\r\n',
  'three replies to each command': () => '$3\r\nabc\r\n$3\r\nabc\r\n$3\r\nabc\r\n',
  'lists, and lists of nothing': () => '*2\r\n*-1\r\n$-1\r\n',
  'messages of channels that nobody has subscribed to': () => '>3\r\n$9\r\nsubscribe\r\n$-1\r\n:1\r\n$1\r\na\r\n',
  'what is no protocol at all': () => 'HTTP/1.1 200 OK\r\n\r\n',
  'errors of its own invention': () => '-WRONGTYPE\r\n',
  'an empty line': () => '\r\n',
}

// most of each is waiting
test.concurrent.each(Object.entries(LIES))('a server that says %s', async (_title, lie) => {
  let lying = true
  const redis = await impostor((command) => {
    if (lying || command === 'getrange' || command === 'set') return lie(command)
    return '+OK\r\n'
  })
  const { url, child, log } = await serve({ redis, 'cache-bytes': 0 })
  const wanted = (await sha(`${honest.url}/tile/5/9/11.png`))[2]
  const right = async () => expect(await sha(`${url}/tile/5/9/11.png`)).toEqual([200, 'MISS', wanted])
  for (let at = 0; at < 3; at++) await right()
  // it behaves while the connection is made, and lies from the first lookup on
  lying = false
  for (let at = 0; at < 25; at++) {
    await right()
    await sleep(100)
  }
  expect([child.exitCode, child.signalCode]).toEqual([null, null])
  expect(log.filter(({ level }) => level >= 50)).toEqual([])
})

test('a value of half a gigabyte is not read completely', async () => {
  const redis = await impostor((command, socket) => {
    if (command !== 'getrange') return '+OK\r\n'
    const piece = Buffer.alloc(2 ** 20)
    socket.write(`$${512 * 2 ** 20}\r\n`)
    const more = () => {
      while (!socket.destroyed && socket.write(piece)) if (socket.writableLength > 2 ** 24) return
      socket.once('drain', more)
    }
    more()
    return ''
  })
  const { url, child } = await serve({ redis, 'cache-bytes': 0 })
  const resident = async () =>
    ((await (await fetch(`${url}/healthz`)).json()) as { memory: { resident: number } }).memory.resident
  const before = await resident()
  for (let at = 0; at < 5; at++) expect((await sha(`${url}/tile/6/${at}/11.png`))[0]).toBe(200)
  expect((await resident()) - before).toBeLessThan(200 * 2 ** 20)
  expect([child.exitCode, child.signalCode]).toEqual([null, null])
})
