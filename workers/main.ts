// What a pool thread runs, by kind of task. The whole file is imported when a thread starts. A
// thread that imported a task on its first use could fail there, for instance for lack of file
// descriptors, and Node would remember that failure for as long as the thread lives.

export { default as frame } from './frame.ts'
export { default as grid } from './grid.ts'
export { default as islands } from './islands.ts'
export { default as iterates } from './iterates.ts'
export { default as misiurewicz } from './misiurewicz.ts'
export { default as nucleus } from './nucleus.ts'
export { default as orbit } from './orbit.ts'
export { default as probe } from './probe.ts'
export { default as recolour } from './recolour.ts'
export { default as spirals } from './spirals.ts'
export { default as verify } from './verify.ts'
export { default as view } from './view.ts'

/** Has the thread started? This answers once everything above has been imported. */
export default function started(): true {
  return true
}
