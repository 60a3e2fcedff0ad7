// An upgrade, with two real versions of the package: what each caches, which addresses TileJSON
// contains, and how an old version's pictures are purged from nginx.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { ROOT } from '../../src/core/package.ts'
import { CLI, endAll, folder, freePort, kill, serve, startNginx } from './processes.ts'

afterEach(endAll)

/** The command line of a package like this one, but of another version. */
function upgraded(): string {
  const where = folder()
  const here = (path: string) => fileURLToPath(new URL(path, ROOT))
  for (const path of ['dist', 'native']) cpSync(here(path), join(where, path), { recursive: true })
  mkdirSync(join(where, 'build/Release'), { recursive: true })
  cpSync(here('build/Release/fmandel.node'), join(where, 'build/Release/fmandel.node'))
  symlinkSync(here('node_modules'), join(where, 'node_modules'))
  const manifest = JSON.parse(readFileSync(here('package.json'), 'utf8'))
  writeFileSync(join(where, 'package.json'), JSON.stringify({ ...manifest, version: '99.0.0' }))
  return join(where, CLI.slice(here('.').length))
}

const get = async (url: string, headers: Record<string, string> = {}) => {
  const { status, headers: answered } = await fetch(url, { headers })
  const header = (name: string) => answered.get(name)
  return {
    status,
    etag: header('etag')!,
    cache: header('x-cache'),
    keys: header('surrogate-key')!,
    lasts: header('cache-control'),
  }
}
/** A tile's address as TileJSON gives it, below `url`. */
async function address(url: string): Promise<string> {
  const { tiles } = (await (await fetch(`${url}/tile.json`)).json()) as { tiles: [string] }
  const { pathname, search } = new URL(tiles[0].replace('{z}/{x}/{y}', '6/20/20'))
  return url + pathname + search
}

test('a new version has other URLs and ETags, and uses nothing that the old one cached', async () => {
  const where = folder()
  const [old, next] = [await serve({ 'cache-dir': where }), await serve({ 'cache-dir': where }, [], upgraded())]
  const addresses = [await address(old.url), await address(next.url)] as const
  expect(addresses[0].split('v=')[1]).not.toBe(addresses[1].split('v=')[1])

  const before = await get(addresses[0])
  expect([before.cache, before.lasts]).toEqual(['MISS', 'public, max-age=31536000, immutable'])
  const after = await get(addresses[1])
  expect([after.cache, after.lasts]).toEqual(['MISS', 'public, max-age=31536000, immutable'])
  expect(after.etag).not.toBe(before.etag)
  // cached entries of the old version are not used for the new one
  expect((await get(addresses[1], { 'if-none-match': before.etag })).status).toBe(200)
  expect((await get(addresses[1], { 'if-none-match': after.etag })).status).toBe(304)
  // the old address does not keep the new version's picture forever
  const [, version] = addresses[0].split('v=')
  expect((await get(addresses[1].replace(/v=.*/, `v=${version}`))).lasts).toMatch('max-age=86400')
  // a key of all pictures, and one of this version's
  expect(before.keys).toBe(`mandeltiles mandeltiles-${version}`)
  expect(after.keys).not.toContain(version)
})

test('behind nginx the new URLs are fetched anew, and the old version can be purged by name', async () => {
  const port = await freePort()
  const old = await serve({ port })
  const nginx = await startNginx([old])
  const past = await address(nginx.url)
  const plain = past.replace(/\?.*/, '')
  const before = [await get(past), await get(plain)]
  await kill(old.child, 'SIGTERM')
  await serve({ port }, [], upgraded())

  const present = await address(nginx.url)
  expect(present).not.toBe(past)
  const fresh = await get(present)
  expect([fresh.cache, (await get(present)).cache]).toEqual(['MISS', 'HIT'])
  expect(fresh.etag).not.toBe(before[0]!.etag)
  // an old page, or a request without a version, still gets what was cached
  const kept = [await get(past), await get(plain)]
  expect(kept.map(({ etag }) => etag)).toEqual(before.map(({ etag }) => etag))

  // as docs/operations.md says: the files in nginx's cache whose answer has the version's surrogate
  // key
  const [, purge] = /```sh\n(grep .*)\n```/.exec(readFileSync(new URL('docs/operations.md', ROOT), 'utf8'))!
  const [, version] = past.split('v=')
  execFileSync('sh', ['-c', purge!.replace('VERSION', version!).replace('/var/cache/nginx/cache', nginx.cache)])
  expect((await get(plain)).etag).toBe(fresh.etag)
  expect((await get(present)).etag).toBe(fresh.etag)
})
