// What /healthz and /readyz reveal publicly: that something is wrong, and the kind of fault; never
// addresses or paths.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/core/options.ts'
import { buildServer } from '../../src/http/server.ts'

test('an unavailable cache is reported by its kind of fault, without its address or path', async () => {
  const where = mkdtempSync(join(tmpdir(), 'mandeltiles-health-'))
  const folder = join(where, 'secret')
  writeFileSync(folder, 'a file where the folder should be')
  // nothing listens on port 1
  const flags = { redis: 'redis://:hidden@127.0.0.1:1', 'cache-dir': folder, 'log-level': 'silent', threads: '1' }
  const { app, renderer } = await buildServer(resolveOptions(flags).options)
  try {
    await renderer.tiers.opened()
    expect((await app.inject('/tile/0/0/0.png')).statusCode).toBe(200)
    await expect
      .poll(() => renderer.tiers.states.map(({ fault }) => fault))
      .toEqual([expect.stringMatching(/^(ENOTDIR|EEXIST)$/), 'ECONNREFUSED', 'ECONNREFUSED'])
    for (const path of ['/healthz', '/readyz']) {
      const answer = await app.inject(path)
      expect(answer.json().tiers.map(({ name }: { name: string }) => name)).toEqual(['disk', 'redis', 'redis-orbits'])
      for (const secret of ['127.0.0.1', 'hidden', 'secret', where]) expect(answer.payload, path).not.toContain(secret)
    }
  } finally {
    await app.close()
    rmSync(where, { recursive: true })
  }
})
