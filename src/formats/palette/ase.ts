// Swatches of Adobe (.ase): a binary file of blocks, big-endian. A colour has a name, a model of
// four letters, and its parts from 0 to 1.
//
//   "ASEF", version, number of blocks; then a block: type 0x0001, length, length of the name,
//   the name in UTF-16, "RGB ", three numbers in single precision, and its use
import { Failure, mustBe } from '../../core/errors.ts'
import { hex } from './cycle.ts'

export function isAse(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 4)) === 'ASEF'
}

const COLOUR = 1

/**
 * Its colours in order, `#rrggbb`. @throws Failure `invalid` if it is truncated or has another
 * colour model
 */
export function parseAse(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const colours: string[] = []
    // the number of blocks may be wrong, so the bytes decide
    for (let at = 12; at + 6 <= bytes.length; ) {
      const [type, length] = [view.getUint16(at), view.getUint32(at + 2)]
      if (type === COLOUR) colours.push(readColour(view, at + 6))
      at += 6 + length
    }
    return colours
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new Failure('invalid', mustBe('the palette', 'a whole .ase', `${bytes.length} bytes of one`), { cause })
  }
}

function readColour(view: DataView, at: number): string {
  const values = at + 2 + 2 * view.getUint16(at)
  const model = String.fromCharCode(...[0, 1, 2, 3].map((k) => view.getUint8(values + k)))
  const part = (k: number) => 255 * view.getFloat32(values + 4 + 4 * k)
  if (model === 'RGB ') return hex([part(0), part(1), part(2)])
  if (model.toLowerCase() === 'gray') return hex([part(0), part(0), part(0)])
  throw new Failure('invalid', mustBe('the colours of an .ase', 'RGB or grey', model.trim()))
}
