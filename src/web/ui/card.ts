import { make } from './dom.ts'

/** A list item that leads to a place: its picture, title and a sentence. */
export function makeCard(title: string, picture: string, sentence: string, onClick: () => void): HTMLLIElement {
  const image = make('img')
  Object.assign(image, { alt: '', loading: 'lazy', decoding: 'async', width: 320, height: 200 })
  if (picture !== '') image.src = picture
  const button = make('button')
  button.type = 'button'
  button.className = 'card'
  button.append(image, make('strong', title), make('span', sentence))
  button.addEventListener('click', onClick)
  const item = make('li')
  item.append(button)
  return item
}
