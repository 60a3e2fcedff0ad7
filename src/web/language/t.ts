import type { Text, Translation } from './texts.ts'

let translation: Translation | undefined

/** Chooses the language of all texts from here on; English without a table. */
export function setTranslation(table: Translation | undefined): void {
  translation = table
}

/** A text in the page's language, with its values in place of `{name}`. */
export function t(text: Text, values: Record<string, string | number> = {}): string {
  return (translation?.[text] ?? text).replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place))
}

/** The same for a text of index.html; undefined if the table does not have it. */
export function translated(text: string): string | undefined {
  return translation?.[text as Text]
}
