// A client with keep-alive connections, like a browser.
import { Agent, request } from 'node:http'

export interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  bytes: Buffer
}

/**
 * Requests all paths over this many connections, one request at a time on each. Replies are in the
 * order of the paths.
 */
export async function ask(
  base: string,
  paths: string[],
  connections: number,
  headers: Record<string, string> = {},
): Promise<Reply[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const replies: Reply[] = []
  let next = 0
  const line = async () => {
    while (next < paths.length) {
      const at = next++
      replies[at] = await one(`${base}${paths[at]}`, agent, headers)
    }
  }
  await Promise.all(Array.from({ length: connections }, line))
  agent.destroy()
  return replies
}

function one(url: string, agent: Agent, headers: Record<string, string>): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, bytes: Buffer.concat(parts) }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}
