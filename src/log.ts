// The log's way to standard output: a line goes at once when none was just written, the next ones in a piece, ten a second at most. A write for each, which
// one of libuv's threads is woken for and which wakes this one, took a tenth of a cold tile's time outside the kernel.
import { write, writeSync } from 'node:fs'

const EVERY = 100 // milliseconds
const STDOUT = 1

let waiting = ''
let resting = false

/** What a logger writes its lines to. */
export const LOG = {
  write(line: string): void {
    if (waiting === '' && !resting) process.once('exit', last)
    waiting += line
    if (!resting) send()
  },
}

function send(): void {
  resting = true
  const piece = Buffer.from(waiting)
  waiting = ''
  put(piece)
}

function put(piece: Buffer): void {
  write(STDOUT, piece, (error, written) => {
    // whoever reads is slow: lines gather meanwhile
    if (error?.code === 'EAGAIN') setTimeout(put, EVERY, piece)
    else if (!error && written < piece.length) put(piece.subarray(written))
    else setTimeout(rested, EVERY).unref()
  })
}

function rested(): void {
  resting = false
  if (waiting !== '') send()
  else process.removeListener('exit', last)
}

function last(): void {
  if (waiting !== '') writeSync(STDOUT, waiting)
}
