// Numbers that the native library computes, as text: tiles, a Julia set, palette indices and deflated
// rows. They are the same on every platform, bit for bit: musl.sh and windows.sh compare them.
//   node test/native/numbers.cjs FILE.node
const kernel = require(process.argv[2])
const { createHash } = require('node:crypto')
const SIDE = 256
const axis = (from, width) => Float64Array.from({ length: SIDE }, (_, at) => from + (at * width) / SIDE)
const nu = new Float64Array(SIDE * SIDE)
const bytes = (array) => createHash('sha256').update(new Uint8Array(array.buffer)).digest('hex')
for (const [re, im, width] of [
  [-2, -1.5, 3],
  [-0.75, 0.09, 0.02],
  [-1.7687789, -0.00001, 0.0001],
]) {
  console.log(JSON.stringify(kernel.tile(axis(re, width), axis(im, width), 2000, 256, nu)), bytes(nu))
  const index = new Uint8Array(nu.length)
  kernel.paletteIndices(nu, 1.5, 8, 0.25, index)
  const rows = new Uint8Array(SIDE * (SIDE + 1))
  kernel.pngSubFilter(index, SIDE, SIDE, rows)
  const out = new Uint8Array(2 * rows.length + 600 * (Math.floor(rows.length / 16384) + 1) + 16)
  console.log(bytes(index), kernel.deflate(rows, out), bytes(out))
}
kernel.julia(-0.8, 0.156, axis(-1.6, 3.2), axis(-1.6, 3.2), 1000, 256, nu)
console.log(bytes(nu), kernel.f(0.5, 0.5, 100), kernel.interiorRadius(-0.1, 0.05))
