import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { replaceFile } from '../../src/core/files.ts'

test('a file is replaced when it is complete; a failed write leaves only the old one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'files-'))
  try {
    const path = join(folder, 'picture')
    await replaceFile(path, 'one')
    expect(await readFile(path, 'utf8')).toBe('one')
    const failing = replaceFile(path, async (beside) => {
      await writeFile(beside, 'half')
      throw new Error('the disk is full')
    })
    await expect(failing).rejects.toThrow('the disk is full')
    expect(await readFile(path, 'utf8')).toBe('one')
    await replaceFile(path, (beside) => writeFile(beside, 'two'), `${path}.part`)
    expect(await readFile(path, 'utf8')).toBe('two')
    expect(await readdir(folder)).toEqual(['picture'])
  } finally {
    await rm(folder, { recursive: true })
  }
})
