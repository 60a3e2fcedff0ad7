// Which versions of Node run this, as `engines` in package.json says. Imports nothing, because
// older versions end in a syntax error at what they do not know, such as an import of JSON.

/** The first version of each line that does; everything from NEWEST on does. */
const LINES = [
  [20, 19],
  [22, 13],
] as const
const NEWEST = 24

/** The same in the form of `engines`. */
export const ENGINES: string = `${LINES.map(([major, minor]) => `^${major}.${minor}`).join(' || ')} || >=${NEWEST}`

/** Why a version of Node does not do; undefined where it does. */
export function unsupportedNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major >= NEWEST || LINES.some(([line, first]) => major === line && minor >= first)) return undefined
  const lines = LINES.map(([line, first]) => `${line}.${first} or later of ${line}`).join(', ')
  return `this is Node ${version}; mandeltiles needs ${lines}, or ${NEWEST} or newer`
}
