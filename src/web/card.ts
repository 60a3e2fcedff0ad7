import { make } from './dom.ts'

/** A place to go to: its picture, its name, and a sentence or what else is said of it. */
export function card(title: string, picture: string, words: string, go: () => void): HTMLLIElement {
  const image = make('img')
  Object.assign(image, { alt: '', loading: 'lazy', decoding: 'async', width: 320, height: 200 })
  if (picture !== '') image.src = picture
  const button = make('button')
  button.type = 'button'
  button.className = 'card'
  button.append(image, make('strong', title), make('span', words))
  button.addEventListener('click', go)
  const item = make('li')
  item.append(button)
  return item
}
