// Encodes a large picture in a separate process, which is killed when the last client of the
// picture leaves. sharp cannot be interrupted once it has begun: a WebP of 4096 x 4096 pixels takes
// a core three seconds and one of 8192 x 8192 more than ten, on one of the four libuv threads that
// the process also needs for files. Starting the process takes 0.2 s of CPU, so small pictures are
// encoded where they are.
import { spawn } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure } from '../core/errors.ts'
import type { ImageFormat } from './format.ts'
import type { ImageMetadata } from './png/metadata.ts'

/** Pixels from which a picture is large: those below take sharp less than a second. */
export const LARGE_ENCODE = 2048 ** 2

/** The process's job, which is its argument. */
export interface EncoderJob {
  format: ImageFormat
  metadata: ImageMetadata | undefined
  /** the size of raw pixels, three bytes each; none of a PNG */
  raw?: { width: number; height: number } | undefined
  pixels: number
  /** the files to read and write, instead of standard input and output */
  files?: { from: string; to: string } | undefined
}

/**
 * Does a job; `input` are the picture's bytes if no file has them.
 * @returns the encoded bytes, none where they are in a file
 * @throws Error with sharp's message if it cannot be encoded
 * @throws Failure `worker_lost` if the process cannot start, or ended for another reason
 */
export async function encodeAlone(
  job: EncoderJob,
  input: Uint8Array | undefined,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  signal?.throwIfAborted()
  // a process that reads TypeScript has a loader among its arguments
  const words = [...process.execArgv, PROGRAM, JSON.stringify(job)]
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'pipe'] })
  const kill = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', kill, { once: true })
  const pieces: Buffer[] = []
  let said = ''
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
  child.stderr.on('data', (piece: Buffer) => (said += piece))
  // the process may end before it has read everything
  child.stdin.on('error', () => {}).end(input)
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', (cause) => reject(lost(cause)))
      child.once('close', resolve)
    })
    signal?.throwIfAborted()
    if (code === REFUSED) throw new Error(said.trim())
    if (code !== 0) throw lost(new Error(said.trim() || 'killed'))
  } finally {
    signal?.removeEventListener('abort', kill)
  }
  return new Uint8Array(Buffer.concat(pieces))
}

/** The exit code if sharp refuses, with its message on standard error. */
export const REFUSED = 3

function lost(cause: unknown): Failure {
  return new Failure('worker_lost', 'the process that encoded this has ended: try again', { cause, retryAfter: 1 })
}

// the extension of this file: .js in dist, .ts with a TypeScript loader
const PROGRAM = fileURLToPath(new URL(`./encodermain${extname(import.meta.url)}`, import.meta.url))
