// Programs that the tests start, on any machine: found by PATH and in the usual places of Debian,
// Fedora and macOS.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where programs are that PATH may lack: servers for root, Homebrew's, MacPorts'. */
const FOLDERS = [
  '/usr/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/opt/homebrew/bin',
  '/opt/local/bin',
  '/opt/local/sbin',
]

/**
 * Each program by the names that it has. Chromium without windows comes first: its threads leave
 * others their share, and a page opens in a third of the time.
 */
const NAMES = {
  chromium: [
    'chromium-headless-shell',
    '/usr/lib64/chromium-browser/headless_shell',
    'chromium',
    'chromium-browser',
    'google-chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  redis: ['redis-server', 'valkey-server'],
  nginx: ['nginx'],
  python: ['python3'],
  ffmpeg: ['ffmpeg'],
  zsh: ['zsh'],
  fish: ['fish'],
} as const

export type Program = keyof typeof NAMES

/** The path of a program; undefined if it is missing. */
export function findProgram(program: Program): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...FOLDERS]
  const paths = NAMES[program].flatMap((name) =>
    name.startsWith('/') ? [name] : folders.map((folder) => join(folder, name)),
  )
  return paths.find(isExecutable)
}

/** The path of a program that setup.ts has ensured. */
export function pathOf(program: Program): string {
  const path = findProgram(program)
  if (path === undefined) throw new Error(`there is no ${program} any more`)
  return path
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
