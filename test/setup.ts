// What the tests need beyond npm: found, or installed from Debian's packages where this may be
// done, or named in one line.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/**
 * Chromium without windows, whose threads leave others their share, and the whole of it, which does
 * where there is no such package.
 */
export const BROWSERS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'] as const

interface Need {
  name: string
  found: () => boolean
  /** what does in its place */
  instead?: () => boolean
  why: string
}

const NEEDS: Need[] = [
  {
    name: 'chromium-headless-shell',
    found: () => existsSync(BROWSERS[0]),
    instead: () => existsSync(BROWSERS[1]),
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
  ...['zsh', 'fish'].map((name) => ({ name, found: () => runs(name), why: 'shells complete the command line' })),
]

const runs = (command: string) => spawnSync(command, ['--version']).error === undefined

export function setup(): void {
  const missing = NEEDS.filter(({ found }) => !found())
  if (missing.length === 0) return
  if (process.getuid?.() === 0) {
    const install = 'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends'
    // each by itself: one that a distribution does not have keeps no other away
    const commands = ['apt-get update -qq', ...missing.map(({ name }) => `${install} ${name}`)].join('; ')
    spawnSync('sh', ['-c', commands], { stdio: 'inherit' })
  }
  const still = missing.filter(({ found, instead }) => !found() && !instead?.())
  if (still.length === 0) return
  const reasons = still.map(({ name, why }) => `${name} (${why})`).join(', ')
  throw new Error(`the tests need ${reasons}: run "apt-get install ${still.map(({ name }) => name).join(' ')}"`)
}
