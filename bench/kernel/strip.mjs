// A thread of bench/compare.ts: its strip of a grid, again whenever it is told to. In JavaScript, since a thread that begins with TypeScript finds
// nobody to read it.
import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

const kernel = createRequire(import.meta.url)('#fmandel')
const { re, im, limit, radius } = workerData
const nu = new Float64Array(re.length * im.length)
parentPort.on('message', () => {
  kernel.tile(re, im, limit, radius, nu)
  parentPort.postMessage('done')
})
parentPort.postMessage('ready')
