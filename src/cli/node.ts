// The versions of Node that run this, as in `engines` in package.json. Imports nothing, because
// older versions stop with a syntax error at new syntax, such as an import of JSON.

/** The first version of each release line that runs this. All versions from NEWEST on do. */
const LINES = [
  [20, 19],
  [22, 13],
] as const
const NEWEST = 24

/** The same in the form of `engines`. */
export const ENGINES: string = `${LINES.map(([major, minor]) => `^${major}.${minor}`).join(' || ')} || >=${NEWEST}`

/** The reason why a version of Node is not supported; undefined if it is. */
export function unsupportedNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major >= NEWEST || LINES.some(([line, first]) => major === line && minor >= first)) return undefined
  const lines = LINES.map(([line, first]) => `${line}.${first} or later of ${line}`).join(', ')
  return `this is Node ${version}; mandeltiles needs ${lines}, or ${NEWEST} or newer`
}
