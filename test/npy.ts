/** The doubles of a NumPy file of version 1.0. */
export function readNpy(bytes: Uint8Array): Float64Array {
  const header = 10 + new DataView(bytes.buffer, bytes.byteOffset).getUint16(8, true)
  return new Float64Array(bytes.slice(header).buffer)
}
