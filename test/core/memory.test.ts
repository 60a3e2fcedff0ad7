import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { availableMemory, divideMemory, SHARE_NAMES, threadsFor } from '../../src/core/memory.ts'
import { resolveOptions } from '../../src/core/options.ts'

const MIB = 2 ** 20
const total = (shares: object) => Object.values(shares).reduce((sum: number, bytes: number) => sum + bytes, 0)

test.each([256, 512, 1024, 4096, 65_536])('the shares and threads of %i MiB take no more than that together', (mib) => {
  for (const threads of [1, 2, threadsFor(mib * MIB)]) {
    const shares = divideMemory(mib * MIB, threads)
    expect(Object.keys(shares).sort()).toEqual([...SHARE_NAMES].sort())
    expect(total(shares) + (128 + 48 * threads) * MIB).toBeLessThanOrEqual(mib * MIB)
    for (const bytes of Object.values(shares)) expect(bytes % MIB).toBe(0)
  }
})

test('too little memory for the threads still leaves each share a MiB', () => {
  expect(new Set(Object.values(divideMemory(192 * MIB, 16)))).toEqual(new Set([MIB]))
})

test('explicit sizes are subtracted before the rest is divided', () => {
  const shares = divideMemory(2048 * MIB, 2, { 'orbit-bytes': 1024 * MIB })
  expect(shares['orbit-bytes']).toBeUndefined()
  expect(total(shares)).toBeLessThanOrEqual((2048 - 1024 - 128 - 96) * MIB)
  expect(total(shares)).toBeGreaterThan(790 * MIB)
  // more than available: the others get the minimum
  expect(divideMemory(512 * MIB, 1, { 'cache-bytes': 4096 * MIB })['orbit-bytes']).toBe(MIB)
})

test('there is a thread for each core, unless the memory is too small for that', () => {
  expect(threadsFor(2 ** 40)).toBe(availableParallelism())
  expect(threadsFor(224 * MIB)).toBe(1)
})

test('--memory and --threads set the shares; explicit options win', () => {
  const { options, sources } = resolveOptions({ memory: '1G', threads: '4', 'send-bytes': '5M' })
  expect(options).toMatchObject({
    threads: 4,
    'send-bytes': 5 * MIB,
    ...divideMemory(1024 * MIB, 4, { 'send-bytes': 5 * MIB }),
  })
  expect(sources).toMatchObject({ memory: 'flag', 'orbit-bytes': 'default' })
  expect(resolveOptions({ memory: '224M' }).options.threads).toBe(1)
  expect(resolveOptions().options).toMatchObject({ memory: availableMemory(), threads: threadsFor(availableMemory()) })
  expect(() => resolveOptions({ memory: '100M' })).toThrow('--memory must be a number of bytes from 192M to 16T')
})
