// All commands, by name. Each is loaded on demand.
import type { Command } from '../command.ts'

export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serve,
  render: async () => (await import('./render.ts')).render,
  zoom: async () => (await import('./zoom.ts')).zoom,
  pyramid: async () => (await import('./pyramid.ts')).pyramid,
  seed: async () => (await import('./seed.ts')).seed,
  work: async () => (await import('./work.ts')).work,
  nucleus: async () => (await import('./nucleus.ts')).nucleus,
  verify: async () => (await import('./verify.ts')).verify,
  palette: async () => (await import('./palette.ts')).palette,
  location: async () => (await import('./location.ts')).location,
  completion: async () => (await import('./completion.ts')).completion(loadCommands),
  manual: async () => (await import('./manual.ts')).manual(loadCommands),
  health: async () => (await import('./health.ts')).health,
}

/** Earlier names, still accepted for one release. */
export const FORMER_COMMANDS: Readonly<Record<string, string>> = { place: 'location' }

export async function loadCommands(): Promise<Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()))
}
