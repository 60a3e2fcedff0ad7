// The original's comparison: its plain version against the native kernel, side by side in one run, by CPU time.
//   npm run compare
import { mandelbrot, plain } from '../src/index.ts'

const SIZES = [
  { grid: 50, max_iter: 1000, name: "the original's defaults" },
  { grid: 256, max_iter: 1000, name: 'a tile' },
  { grid: 512, max_iter: 1000, name: 'a larger grid' },
]
const ROUND = 300 // milliseconds of CPU that a measurement takes at least, so that its clock does not show

console.log('grid      max_iter     plain ms    native ms   ratio')
for (const { grid, max_iter, name } of SIZES) {
  const slow = cpu(() => plain.mandelbrot({ grid, max_iter }))
  const fast = cpu(() => mandelbrot({ grid, max_iter }))
  const columns = [`${grid} x ${grid}`.padEnd(10), String(max_iter).padEnd(8), slow.toFixed(2), fast.toFixed(3)]
  console.log(
    `${columns[0]}${columns[1]}${columns[2]!.padStart(13)}${columns[3]!.padStart(13)}${(slow / fast).toFixed(1).padStart(8)}   ${name}`,
  )
}

/** Milliseconds of CPU that one call takes, as the mean over enough calls. */
function cpu(work: () => unknown): number {
  work()
  let calls = 0
  const started = process.cpuUsage()
  for (;;) {
    work()
    calls++
    const { user, system } = process.cpuUsage(started)
    if ((user + system) / 1000 >= ROUND) return (user + system) / 1000 / calls
  }
}
