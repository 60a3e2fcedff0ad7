// What the tests need beyond npm: found, or installed from Debian's packages where this may be done, or named in one line.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const NEEDS = [
  {
    name: 'chromium-headless-shell',
    found: () => existsSync('/usr/bin/chromium-headless-shell'),
    why: 'the page is tested in a real browser',
  },
  {
    name: 'python3-numpy',
    found: () => spawnSync('/usr/bin/python3', ['-c', 'import numpy']).status === 0,
    why: 'the .npy files are read by NumPy itself',
  },
  {
    name: 'redis-server',
    found: () => existsSync('/usr/bin/redis-server'),
    why: 'replicas share tiles by a real Redis',
  },
  { name: 'nginx-light', found: () => existsSync('/usr/sbin/nginx'), why: 'replicas stand behind a real nginx' },
]

export function setup(): void {
  const missing = NEEDS.filter(({ found }) => !found())
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name)
  const command = `apt-get install -y --no-install-recommends ${names.join(' ')}`
  if (process.getuid?.() === 0) {
    spawnSync('sh', ['-c', `apt-get update -qq && DEBIAN_FRONTEND=noninteractive ${command} -qq`], { stdio: 'inherit' })
  }
  const still = missing.filter(({ found }) => !found())
  if (still.length === 0) return
  const reasons = still.map(({ name, why }) => `${name} (${why})`).join(', ')
  throw new Error(`the tests need ${reasons}: run "apt-get install ${still.map(({ name }) => name).join(' ')}"`)
}
