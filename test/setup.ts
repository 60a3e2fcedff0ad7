// What the tests need beyond npm: found, or installed from Debian's packages if allowed, or
// reported in one line.
import { spawnSync } from 'node:child_process'
import { findProgram, type Program } from './programs.ts'

interface Need {
  /** Debian's package */
  name: string
  found: () => boolean
  why: string
}

const there = (program: Program) => () => findProgram(program) !== undefined

const NEEDS: Need[] = [
  { name: 'chromium-headless-shell', found: there('chromium'), why: 'the page is tested in a real browser' },
  { name: 'chromium', found: there('chromium'), why: 'where there is no such package' },
  {
    name: 'python3-numpy',
    found: () => there('python')() && spawnSync(findProgram('python')!, ['-c', 'import numpy']).status === 0,
    why: 'the .npy files are read by NumPy itself',
  },
  { name: 'redis-server', found: there('redis'), why: 'replicas share tiles by a real Redis' },
  { name: 'nginx-light', found: there('nginx'), why: 'replicas stand behind a real nginx' },
  { name: 'ffmpeg', found: there('ffmpeg'), why: 'films are made and looked at' },
  { name: 'zsh', found: there('zsh'), why: 'it completes the command line' },
  { name: 'fish', found: there('fish'), why: 'it completes the command line' },
]

const APT = 'DEBIAN_FRONTEND=noninteractive apt-get'

export function setup(): void {
  const missing = () => NEEDS.filter(({ found }) => !found())
  if (missing().length === 0) return
  if (process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).error === undefined) {
    spawnSync('sh', ['-c', `${APT} update -qq`], { stdio: 'inherit' })
    // one by one, so that a package missing in a distribution does not block the others
    for (const { name, found } of NEEDS) {
      const command = `${APT} install -y -qq --no-install-recommends ${name}`
      if (!found()) spawnSync('sh', ['-c', command], { stdio: 'inherit' })
    }
  }
  const still = missing()
  if (still.length === 0) return
  const reasons = still.map(({ name, why }) => `${name} (${why})`).join(', ')
  throw new Error(`the tests need ${reasons}; on Debian run apt-get install ${still.map(({ name }) => name).join(' ')}`)
}
