// The page's language: the one in the address, if the visitor has chosen one; otherwise the
// browser's first language that the page has. Languages other than English are loaded on demand.
import { setTranslation, translated } from './t.ts'
import type { Translation } from './texts.ts'

const TABLES = {
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
  es: () => import('./es.ts'),
  pt: () => import('./pt.ts'),
  zh: () => import('./zh.ts'),
  ja: () => import('./ja.ts'),
}

/** The languages by their native names. */
export const LANGUAGES = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  pt: 'Português',
  zh: '中文',
  ja: '日本語',
} as const

type Language = keyof typeof LANGUAGES

// read before the address of a shared view is replaced by the map's own
const ASKED = new URLSearchParams(location.search).get('lang')

/** The language that the visitor has chosen, which links keep. */
export const chosenLanguage = isLanguage(ASKED) ? ASKED : undefined

/** Translates the page. A table that cannot be loaded leaves it in English. */
export async function translatePage(): Promise<void> {
  const language = chosenLanguage ?? preferred() ?? 'en'
  if (language === 'en') return
  try {
    setTranslation((await TABLES[language]()).default as Translation)
  } catch {
    return
  }
  document.documentElement.lang = language
  translateElement(document.body)
}

/** Loads the page again in a language; '' is the browser's. */
export function chooseLanguage(language: string): void {
  const { searchParams, href } = new URL(location.href)
  if (language === '') searchParams.delete('lang')
  else searchParams.set('lang', language)
  const query = formatQuery(searchParams)
  location.assign(href.replace(/(\?[^#]*)?(?=#|$)/, query))
}

/** A query whose switches have no value, as in `?embed&lang=de`. */
export function formatQuery(parameters: URLSearchParams): string {
  const query = String(parameters).replace(/=(?=&|$)/g, '')
  return query && `?${query}`
}

function preferred(): Language | undefined {
  return navigator.languages.map((name) => name.split('-')[0]!.toLowerCase()).find(isLanguage)
}

function isLanguage(name: string | null): name is Language {
  return name !== null && name in LANGUAGES
}

const ATTRIBUTES = ['title', 'aria-label', 'placeholder', 'alt']

/** Replaces the texts of an element of index.html and of all inside it. */
function translateElement(element: Element): void {
  for (const name of ATTRIBUTES) {
    const text = element.getAttribute(name)
    if (text && hasWords(text)) element.setAttribute(name, lookUp(text))
  }
  // nobody sees <noscript> here, and keys are named by their labels
  if (element.matches('script, noscript, svg, kbd')) return
  const children = [...element.childNodes]
  for (const child of children) if (child instanceof Element) translateElement(child)
  const sentence = sentenceOf(children)
  if (sentence === undefined) return
  const parts = translateSentence(sentence).split(/\{(\d)\}/)
  const elements = children.filter((child) => child instanceof Element)
  element.replaceChildren(...parts.map((part, k) => (k % 2 === 0 ? part : elements[Number(part)]!)))
}

/** The text of nodes, with {0} and so on in place of elements; undefined if it has no words. */
function sentenceOf(nodes: Node[]): string | undefined {
  let elements = 0
  const text = nodes.map((node) => (node instanceof Element ? `{${elements++}}` : node.textContent)).join('')
  const own = nodes.filter((node) => node instanceof Text).map(({ textContent }) => textContent)
  return hasWords(own.join(' ')) ? text.replace(/\s+/g, ' ').trim() : undefined
}

// elements before and after the words, such as a field beside its label, need no placeholder in the
// table
function translateSentence(sentence: string): string {
  if (translated(sentence) !== undefined) return lookUp(sentence)
  const [, before = '', words = '', after = ''] = /^((?:\{\d\} ?)*)(.*?)((?: ?\{\d\})*)$/.exec(sentence)!
  return before + lookUp(words) + after
}

function lookUp(text: string): string {
  const found = translated(text)
  // for the tests: the page still works, with one text in English
  if (found === undefined) console.warn(`the page's language has no text for: ${text}`)
  return found ?? text
}

function hasWords(text: string): boolean {
  return /\p{L}{2}/u.test(text)
}
