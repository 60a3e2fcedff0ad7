/** A command: a line for the list, and what it does with the words behind its name. */
export interface Command {
  summary: string
  run(words: string[]): Promise<void>
}
