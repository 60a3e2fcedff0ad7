// The process that encoderprocess.ts starts: it encodes one picture and ends.
import { setPriority } from 'node:os'
import { buffer } from 'node:stream/consumers'
import sharp from 'sharp'
import { type EncoderJob, REFUSED } from './encoderprocess.ts'
import { encoderOf } from './sharp.ts'

// the main thread of the server has priority over it, as over the render threads
if (process.platform === 'linux') setPriority(10)
// signals to the server's process group arrive here too, but the server decides when to stop
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
const { format, metadata, raw, pixels, files }: EncoderJob = JSON.parse(process.argv[2]!)
try {
  if (files) {
    const { from, to } = files
    await encoderOf(sharp(from, { limitInputPixels: false, sequentialRead: true }), format, metadata, pixels).toFile(to)
  } else {
    const picture = await buffer(process.stdin)
    const opened = sharp(picture, raw ? { raw: { ...raw, channels: 3 } } : { limitInputPixels: false })
    process.stdout.write(await encoderOf(opened, format, metadata, pixels).toBuffer())
  }
} catch (error) {
  process.stderr.write((error as Error).message)
  process.exitCode = REFUSED
}
