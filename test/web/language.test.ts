// All texts of the page are in the table. Types ensure that each language has all of them.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { PALETTE_STOPS } from '../../src/colour/palettes.ts'
import { ROOT } from '../../src/core/package.ts'
import { TEXTS } from '../../src/web/language/texts.ts'

const web = new URL('src/web/', ROOT)
const LANGUAGES = ['de', 'fr', 'es', 'pt', 'zh', 'ja']
const names = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort()

describe.each(LANGUAGES)('%s', (language) => {
  test('translates every text, with all placeholders', async () => {
    const { default: table } = (await import(`../../src/web/language/${language}.ts`)) as {
      default: Record<string, string>
    }
    expect(Object.keys(table).sort()).toEqual([...TEXTS].sort())
    for (const [text, translated] of Object.entries(table)) {
      expect(translated.trim(), text).not.toBe('')
      expect(names(translated), text).toEqual(names(text))
    }
  })
})

const sources = [
  'main.ts',
  ...['map', 'net', 'panels', 'state', 'ui'].flatMap((folder) =>
    readdirSync(new URL(folder, web)).map((file) => `${folder}/${file}`),
  ),
].filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
const sourceOf = (file: string) => readFileSync(new URL(file, web), 'utf8')

test('every text is used somewhere', () => {
  const tables = ['src/colour/style.ts', 'src/colour/palettes.ts'].map((file) =>
    readFileSync(new URL(file, ROOT), 'utf8'),
  )
  const code = [...sources.map(sourceOf), ...tables, sourceOf('gallery/places.json')].join('\n')
  const html = sourceOf('index.html').replace(
    /<kbd>[^<]*<\/kbd>|<a [^>]*>[^<]*<\/a>|<button id="goto-file".*?<\/button>/gs,
    '{}',
  )
  const plain = html.replace(/\s+/g, ' ')
  const unused = TEXTS.filter((text) => {
    const quoted = [`'${text.replaceAll("'", "\\'")}'`, `"${text}"`]
    const shown = text.replace(/\{\d\}/g, '{}')
    return (
      !quoted.some((literal) => code.includes(literal)) &&
      !plain.includes(shown) &&
      !sourceOf('index.html').includes(`>${text}<`)
    )
  })
  expect(unused).toEqual([])
})

test('the names of the gallery and the palettes are in the table', () => {
  const places = JSON.parse(sourceOf('gallery/places.json')) as { title: string; sentence: string }[]
  const palettes = Object.values(PALETTE_STOPS).map(({ title }) => title)
  const names = [...places.flatMap(({ title, sentence }) => [title, sentence]), ...palettes]
  expect(names.filter((name) => !(TEXTS as readonly string[]).includes(name))).toEqual([])
})

test('every visible text of the page comes from the table', () => {
  // calls and properties that show their argument
  const shows =
    /(?:notify|announce|#say|#showError|make\('\w+',|new LinkError\(|new FieldError\([\w'-]+,|textContent =|ariaLabel =|title =|label:|'aria-label',)\s*\(?\s*(['`])((?:(?!\1).)*)\1/gs
  const stray = sources.flatMap((file) =>
    [...sourceOf(file).matchAll(shows)]
      .map(([, , text]) => text!)
      .filter((text) => {
        const words = text.replace(/\$\{[^}]*\}/g, '')
        return /\p{L}{2}/u.test(words) && !(TEXTS as readonly string[]).includes(text)
      })
      .map((text) => `${file}: ${text}`),
  )
  expect(stray).toEqual([])
})
