// A thread of compare.ts: computes its strip of a grid each time it gets a message. JavaScript,
// because a thread cannot start with TypeScript.
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
