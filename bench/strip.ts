// A thread of bench/compare.ts: its strip of a grid, again whenever it is told to.
import { parentPort, workerData } from 'node:worker_threads'
import { kernel } from '../src/kernel.ts'
import { ESCAPE_RADIUS } from '../src/limit.ts'

const { re, im, limit, nu }: { re: Float64Array; im: Float64Array; limit: number; nu: Float64Array } = workerData
parentPort!.on('message', () => {
  kernel.tile(re, im, limit, ESCAPE_RADIUS, nu)
  parentPort!.postMessage('done')
})
parentPort!.postMessage('ready')
