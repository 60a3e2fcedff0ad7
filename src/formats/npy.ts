/**
 * Rows from the top in NumPy's file format, version 1.0: a two-dimensional little-endian array in C
 * order.
 */
export function npy(values: Float32Array | Float64Array, rows: number, columns: number): Buffer<ArrayBuffer> {
  const header = npyHeader(values instanceof Float32Array ? '<f4' : '<f8', rows, columns)
  const bytes = Buffer.alloc(header.length + values.byteLength)
  bytes.set(header)
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), header.length)
  return bytes
}

/** The header: the type of the numbers, single or double precision, and the array's shape. */
export function npyHeader(type: '<f4' | '<f8', rows: number, columns: number): Buffer<ArrayBuffer> {
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`
  // magic, version and length take 10 bytes; the header ends in a newline at a multiple of 64
  const header = dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11) + '\n'
  const bytes = Buffer.alloc(10 + header.length)
  bytes.write('\x93NUMPY\x01\x00', 0, 'latin1')
  bytes.writeUInt16LE(header.length, 8)
  bytes.write(header, 10, 'latin1')
  return bytes
}
