// Heads of answers that are sent again and again. Node checks and joins a dozen headers for each
// answer, which takes as long as everything else. Here the text that Node wrote for the first
// answer is kept, and the next one gets it with another date and request id. So it is Node's own
// text, and depends only on whether the connection is kept alive. If a version of Node keeps its
// text elsewhere than 20 to 24 do, no head is known, and Node writes them all.
import type { ServerResponse } from 'node:http'

/** The text of a head, in pieces around its date and its request id, and the length of its body. */
export interface KnownHead {
  pieces: [string, string, string]
  length: number | undefined
}

interface Head {
  _header?: unknown
}

const DATE = '\r\nDate: '
const ID = '\r\nx-request-id: '

/** The head that was written for an answer; undefined if the connection closes after it. */
export function keptHead(response: ServerResponse, id: string, length: number | undefined): KnownHead | undefined {
  const { _header: text } = response as Head
  if (typeof text !== 'string' || !response.shouldKeepAlive) return undefined
  const [before, afterId, rest] = text.split(`${ID}${id}\r\n`).flatMap((part) => part.split(DATE))
  if (rest === undefined) return undefined
  return { pieces: [before + ID, `\r\n${afterId}${DATE}`, rest.slice(rest.indexOf('\r\n'))], length }
}

/** Gives an answer a known head. Returns false if Node has to write it. */
export function writeKnownHead(response: ServerResponse, status: number, { pieces }: KnownHead, id: string): boolean {
  const head = response as Head
  if (!response.shouldKeepAlive || !('_header' in head)) return false
  response.statusCode = status
  head._header = pieces[0] + id + pieces[1] + date() + pieces[2]
  return true
}

let second = 0
let text = ''

/** The date of an answer, made once a second. */
function date(): string {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) [second, text] = [now, new Date(1000 * now).toUTCString()]
  return text
}
